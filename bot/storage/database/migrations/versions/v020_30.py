"""What people have asked admins to allow once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_30"
down_revision = "v020_29"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "admin_requests",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("enterprise", sa.String(32), nullable=False),
        sa.Column("team", sa.String(32), nullable=False),
        sa.Column("user", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("rules", sa.String(200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Float(precision=53), nullable=False),
        sa.Column("posted_in", sa.String(32), nullable=False),
        sa.Column("posted_ts", sa.String(32), nullable=False, server_default=""),
        sa.Column("answer", sa.String(16), nullable=False, server_default=""),
        sa.Column("answered_by", sa.String(32), nullable=False, server_default=""),
        sa.Column("answered_at", sa.Float(precision=53)),
        sa.Column("used_at", sa.Float(precision=53)),
        sa.Column("next_at", sa.Float(precision=53)),
        sa.Column(
            "post_tried", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
        sa.Column(
            "tell_tried", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
        sa.Index("admin_requests_due", "next_at"),
        sa.Index("admin_requests_by_user", "enterprise", "team", "user"),
    )
