"""Faults of ours counted apart from outages; since when RingCentral can't be asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.Float(precision=53)


def upgrade() -> None:
    """Add three columns to calls."""
    op.add_column(
        "calls", sa.Column("faults", sa.Integer, nullable=False, server_default="0")
    )
    op.add_column("calls", sa.Column("failing_since", MOMENT))
    op.add_column("calls", sa.Column("silent_since", MOMENT))
