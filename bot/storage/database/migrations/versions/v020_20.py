"""Missed calls: how far each log was read, and the cards that tell of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v020_20"
down_revision = "v020_19"
branch_labels = None
depends_on = None

EPOCH_SECONDS = sa.Float(precision=53)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "missed_syncs",
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("since", EPOCH_SECONDS, nullable=False),
        sa.Column("token", sa.Text, nullable=False, server_default=""),
        sa.Column("synced_at", EPOCH_SECONDS),
        sa.Column("next_at", EPOCH_SECONDS, nullable=False),
        sa.Column("trouble", sa.String(64), nullable=False, server_default=""),
    )
    op.create_index("missed_syncs_due", "missed_syncs", ["next_at"])
    op.create_table(
        "missed_keys",
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(140), primary_key=True),
        sa.Column("at", EPOCH_SECONDS, nullable=False),
    )
    op.create_index("missed_keys_old", "missed_keys", ["at"])
    op.create_table(
        "missed_cards",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("enterprise", sa.String(32), nullable=False),
        sa.Column("team", sa.String(32), nullable=False),
        sa.Column("user", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("caller", sa.String(20), nullable=False),
        sa.Column("extension", sa.String(32), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("first_at", EPOCH_SECONDS, nullable=False),
        sa.Column("last_at", EPOCH_SECONDS, nullable=False),
        sa.Column("told_at", EPOCH_SECONDS, nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("rang", sa.Float),
        sa.Column(
            "has_voicemail", sa.Boolean, nullable=False, server_default=sa.false()
        ),
        sa.Column("is_rest", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("is_late", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("taken_by", sa.String(32), nullable=False, server_default=""),
        sa.Column("taken_at", EPOCH_SECONDS),
        sa.Column("call", sa.String(32), nullable=False, server_default="", index=True),
        sa.Column("is_over", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("posted_in", sa.String(32), nullable=False, server_default=""),
        sa.Column("ts", sa.String(32), nullable=False, server_default=""),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("due_at", EPOCH_SECONDS),
        sa.Column("leased_until", EPOCH_SECONDS, nullable=False, server_default="0"),
        sa.Column("tried", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_index("missed_cards_due", "missed_cards", ["due_at"])
    op.create_index("missed_cards_by_caller", "missed_cards", ["account", "first_at"])
    op.create_index(
        "missed_cards_by_user", "missed_cards", ["enterprise", "team", "user"]
    )
