"""What people write of a call after it: its outcome in their words, and a note."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_16"
down_revision = "v020_15"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("calls", sa.Column("aftermath", sa.Text))
