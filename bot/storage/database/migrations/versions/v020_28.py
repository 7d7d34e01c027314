"""How far back a call log is still to be read, if it has more than one sync returns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_28"
down_revision = "v020_27"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; empty: all of it was read."""
    op.add_column("missed_syncs", sa.Column("back_to", sa.Float(precision=53)))
