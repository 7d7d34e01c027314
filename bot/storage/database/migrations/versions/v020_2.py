"""A call has the times of its last status answers, and what the log showed of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_2"
down_revision = "v020_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("calls", sa.Column("seen_at", sa.Float(precision=53)))
    op.add_column("calls", sa.Column("alive_at", sa.Float(precision=53)))
    op.add_column("calls", sa.Column("logged", sa.Text))
