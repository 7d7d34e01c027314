"""Events that another system is owed, and what became of that system."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_15"
down_revision = "v020_14"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    moment = sa.Float(precision=53)
    op.create_table(
        "hook_events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("message", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column(
            "call",
            sa.String(32),
            sa.ForeignKey("calls.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("at", moment, nullable=False),
        sa.Column("next_at", moment, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
    )
    op.create_index("ix_hook_events_call", "hook_events", ["call"])
    op.create_index("hook_events_due", "hook_events", ["next_at"])
    op.create_table(
        "hook_receivers",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("stopped_at", moment),
        sa.Column("dropped", sa.Integer, nullable=False),
        sa.Column("trouble", sa.String(64), nullable=False),
        sa.Column("changed_at", moment, nullable=False),
    )
