"""Recordings of calls: where they are, and when the log is read again for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_22"
down_revision = "v020_21"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table."""
    column = sa.Column("recording", sa.String(500), nullable=False, server_default="")
    op.add_column("calls", column)
    op.create_table(
        "recording_looks",
        sa.Column(
            "call",
            sa.String(32),
            sa.ForeignKey("calls.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("next_at", sa.Float(precision=53), nullable=False),
        sa.Column("looks", sa.Integer, nullable=False),
    )
    op.create_index("recording_looks_due", "recording_looks", ["next_at"])
