"""What lists withhold of private calls that were erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_9"
down_revision = "v020_8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "withheld_calls",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("sent_at", sa.Float(precision=53), nullable=False),
        sa.Column("has_record", sa.Boolean, nullable=False),
        sa.Index("withheld_calls_sent", "sent_at"),
    )
