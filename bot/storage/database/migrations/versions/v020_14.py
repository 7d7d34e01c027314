"""A call has the address of the message that it was begun from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_14"
down_revision = "v020_13"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    column = sa.Column(
        "message_link", sa.String(500), nullable=False, server_default=""
    )
    op.add_column("calls", column)
