"""Which calls somebody has to call back, and who does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_18"
down_revision = "v020_17"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and its index."""
    column = sa.Column("follow_up", sa.String(32), nullable=False, server_default="")
    op.add_column("calls", column)
    op.create_index("calls_to_follow_up", "calls", ["enterprise", "team", "follow_up"])
