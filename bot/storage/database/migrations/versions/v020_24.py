"""When a card has told of how many missed calls: digests count calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_24"
down_revision = "v020_23"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; a card without a row in it has told of all its calls at once."""
    op.create_table(
        "missed_tellings",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column(
            "card",
            sa.String(32),
            sa.ForeignKey("missed_cards.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("at", sa.Float(precision=53), nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
    )
