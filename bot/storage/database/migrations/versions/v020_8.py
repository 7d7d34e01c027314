"""A connection has the time at which Slack is next asked whether its person is there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_8"
down_revision = "v020_7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: whoever is connected already is asked about first."""
    moment = sa.Float(precision=53)
    op.add_column(
        "connections",
        sa.Column("look_up_at", moment, nullable=False, server_default="0"),
    )
