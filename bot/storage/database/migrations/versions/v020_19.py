"""Which digests were posted in channels, and when the next ones are due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_19"
down_revision = "v020_18"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    moment = sa.Float(precision=53)
    op.create_table(
        "digests",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("enterprise", sa.String(32), nullable=False),
        sa.Column("team", sa.String(32), nullable=False),
        sa.Column("told_until", moment, nullable=False),
        sa.Column("due_at", moment),
        sa.Column("next_at", moment, nullable=False),
    )
