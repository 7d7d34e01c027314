"""Whether a call can be hung up, and when that was asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_13"
down_revision = "v020_12"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column(
        "calls",
        sa.Column(
            "is_controllable", sa.Boolean, nullable=False, server_default=sa.false()
        ),
    )
    op.add_column("calls", sa.Column("hung_up_at", sa.Float(precision=53)))
