"""The log is read for calls that are still polled; what accounts have shown of its lag."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_5"
down_revision = "v020_4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns with an index, and a table."""
    moment = sa.Float(precision=53)
    op.add_column("calls", sa.Column("log_at", moment))
    op.add_column("calls", sa.Column("looked_at", moment))
    op.create_index("ix_calls_log_at", "calls", ["log_at"])
    op.create_table(
        "log_lags",
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("sightings", sa.Text, nullable=False),
        sa.Column("learned_at", moment, nullable=False),
    )
