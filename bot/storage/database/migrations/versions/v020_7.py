"""A process has whether PostgreSQL shows a session of its own for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_7"
down_revision = "v020_6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; processes of the version before say nothing of it."""
    op.add_column(
        "processes",
        sa.Column("has_session", sa.Boolean, nullable=False, server_default=sa.false()),
    )
