"""The telephony session of a call, and what pushed events say of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_10"
down_revision = "v020_9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and an index."""
    op.add_column(
        "calls",
        sa.Column("session_id", sa.String(128), nullable=False, server_default=""),
    )
    op.add_column("calls", sa.Column("pushed", sa.Text))
    op.add_column("calls", sa.Column("heard_at", sa.Float(precision=53)))
    op.add_column("calls", sa.Column("poll_at", sa.Float(precision=53)))
    op.create_index("ix_calls_session_id", "calls", ["session_id"])
