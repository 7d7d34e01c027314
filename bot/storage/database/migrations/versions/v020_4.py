"""A call knows since when both sides have been connected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_4"
down_revision = "v020_3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("calls", sa.Column("connected_at", sa.Float(precision=53)))
