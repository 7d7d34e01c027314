"""Missed calls that another system is still to be told of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_23"
down_revision = "v020_22"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    moment = sa.Float(precision=53)
    op.create_table(
        "missed_events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("message", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column(
            "card",
            sa.String(32),
            sa.ForeignKey("missed_cards.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("at", moment, nullable=False),
        sa.Column("next_at", moment, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
    )
    op.create_index("missed_events_due", "missed_events", ["next_at"])
