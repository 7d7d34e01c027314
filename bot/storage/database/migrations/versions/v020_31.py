"""What each call takes of the month's minutes, and an index to add it up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_31"
down_revision = "v020_30"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and its index; of calls without it the outcome says it."""
    op.add_column("calls", sa.Column("month_seconds", sa.Float(precision=53)))
    op.create_index(
        "calls_by_time", "calls", ["enterprise", "team", "asked_at", "month_seconds"]
    )
