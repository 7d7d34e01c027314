"""A connection has RingCentral's code for why its sign-in has ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_6"
down_revision = "v020_5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("connections", sa.Column("broken_why", sa.String(32)))
