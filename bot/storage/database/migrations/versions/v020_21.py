"""Questions whether to call that somebody has answered with "Not now"."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_21"
down_revision = "v020_20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "declined_questions",
        sa.Column("key", sa.String(128), primary_key=True),
        sa.Column("enterprise", sa.String(32), nullable=False),
        sa.Column("team", sa.String(32), nullable=False),
        sa.Column("user", sa.String(32), nullable=False),
        sa.Column("declined_at", sa.Float(precision=53), nullable=False),
    )
