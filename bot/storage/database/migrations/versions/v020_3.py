"""Names from address books and company directories."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_3"
down_revision = "v020_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "name_books",
        sa.Column("account", sa.String(64), primary_key=True, nullable=False),
        sa.Column("source", sa.String(16), primary_key=True, nullable=False),
        sa.Column("read_at", sa.Float(precision=53), nullable=False),
        sa.Column("next_at", sa.Float(precision=53), nullable=False),
        sa.Column("trouble", sa.String(64), nullable=False, server_default=""),
    )
    op.create_table(
        "name_pages",
        sa.Column("account", sa.String(64), primary_key=True, nullable=False),
        sa.Column("source", sa.String(16), primary_key=True, nullable=False),
        sa.Column(
            "page",
            sa.Integer,
            primary_key=True,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("entries", sa.Text, nullable=False),
        sa.Index("name_pages_by_page", "page"),
    )
