"""Slack's user groups that the rules name, and who is in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_27"
down_revision = "v020_26"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, which fill once a rule names a group."""
    op.create_table(
        "user_groups",
        sa.Column("id", sa.String(72), primary_key=True),
        sa.Column("enterprise", sa.String(32), nullable=False),
        sa.Column("team", sa.String(32), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("next_at", sa.Float(precision=53), nullable=False),
        sa.Column("read_at", sa.Float(precision=53)),
        sa.Column("trouble", sa.String(64), nullable=False, server_default=""),
    )
    op.create_index("user_groups_due", "user_groups", ["next_at"])
    op.create_table(
        "user_group_members",
        sa.Column(
            "group",
            sa.String(72),
            sa.ForeignKey("user_groups.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("enterprise", sa.String(32), nullable=False),
        sa.Column("team", sa.String(32), nullable=False),
        sa.Column("user", sa.String(32), primary_key=True),
    )
    columns = ["team", "user"]
    op.create_index("user_group_members_by_user", "user_group_members", columns)
