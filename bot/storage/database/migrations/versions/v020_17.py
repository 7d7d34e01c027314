"""Reminders of calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_17"
down_revision = "v020_16"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "reminders",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column(
            "call",
            sa.String(32),
            sa.ForeignKey("calls.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("enterprise", sa.String(32), nullable=False),
        sa.Column("team", sa.String(32), nullable=False),
        sa.Column("user", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("due_at", sa.Float(precision=53), nullable=False),
        sa.Column("next_at", sa.Float(precision=53), nullable=False),
        sa.Column("tried", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_index("reminders_due", "reminders", ["next_at"])
    op.create_index("reminders_by_user", "reminders", ["enterprise", "team", "user"])
