"""Subscriptions to pushed events, and what is deleted at RingCentral with a sign-in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_12"
down_revision = "v020_11"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; add a column."""
    moment = sa.Float(precision=53)
    op.create_table(
        "subscriptions",
        sa.Column("account", sa.String(64), primary_key=True, nullable=False),
        sa.Column("remote_id", sa.String(128), nullable=False, server_default=""),
        sa.Column("address", sa.Text, nullable=False, server_default=""),
        sa.Column("path", sa.String(64), nullable=False, server_default=""),
        sa.Column("token", sa.String(64), nullable=False, server_default=""),
        sa.Column("expires_at", moment),
        sa.Column("next_at", moment, nullable=False),
        sa.Column("trouble", sa.String(64), nullable=False, server_default=""),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("holder", sa.String(32), nullable=False, server_default=""),
        sa.Column("held_until", moment, nullable=False, server_default="0"),
        sa.Index("subscriptions_due", "next_at"),
    )
    op.add_column(
        "revocations",
        sa.Column("subscription", sa.Text, nullable=False, server_default=""),
    )
