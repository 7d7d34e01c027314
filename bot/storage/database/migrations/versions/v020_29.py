"""Until when admins were told of what looks like fraud."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_29"
down_revision = "v020_28"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; an admin without a row was told nothing yet."""
    op.create_table(
        "admin_alerts",
        sa.Column("enterprise", sa.String(32), primary_key=True),
        sa.Column("team", sa.String(32), primary_key=True),
        sa.Column("user", sa.String(32), primary_key=True),
        sa.Column("told_until", sa.Float(precision=53), nullable=False),
        sa.Column("next_at", sa.Float(precision=53), nullable=False),
        sa.Column("tried_at", sa.Float(precision=53)),
    )
