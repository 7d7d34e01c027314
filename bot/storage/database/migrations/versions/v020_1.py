"""A call has the name of the other party."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_1"
down_revision = "v010_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("calls", sa.Column("callee_name", sa.Text))
