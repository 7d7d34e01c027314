"""Who has lately opened their Home, so that any process keeps it up to date."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of opened Homes."""
    op.create_table(
        "openings",
        *(
            sa.Column(name, sa.String(32), primary_key=True, nullable=False)
            for name in ("enterprise", "team", "user")
        ),
        sa.Column("opened_at", sa.Float(precision=53), nullable=False),
        sa.Column("shown", sa.String(16), nullable=False),
    )
