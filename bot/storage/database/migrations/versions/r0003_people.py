"""People's own RingCentral accounts and preferences; workspaces that installed us."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.Float(precision=53)


def upgrade() -> None:
    """Add connections, preferences, sign-ins, installations; a call's account."""
    op.add_column(
        "calls", sa.Column("account", sa.String(32), nullable=False, server_default="")
    )
    op.add_column(
        "calls",
        sa.Column("in_name_of", sa.String(64), nullable=False, server_default=""),
    )
    op.add_column("calls", sa.Column("caller_id", sa.String(20)))
    op.add_column(
        "calls",
        sa.Column("prompt", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "calls",
        sa.Column("shows", sa.String(8), nullable=False, server_default="channel"),
    )
    op.create_index("calls_by_account", "calls", ["account", "state", "next_at"])
    op.drop_index("calls_by_user", "calls")
    op.create_index(
        "calls_by_user", "calls", ["enterprise", "team", "user", "asked_at"]
    )
    _connections()
    _others()


def _connections() -> None:
    op.create_table(
        "connections",
        sa.Column("id", sa.String(32), primary_key=True),
        *_person(),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("extension", sa.Text, nullable=False),
        sa.Column("tokens", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("fresh_until", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT),
        sa.Column("leased_until", MOMENT, nullable=False, server_default="0"),
        sa.Column("connected_at", MOMENT, nullable=False),
        sa.Column("broken_at", MOMENT),
        sa.Column("told_at", MOMENT),
        sa.Column("warned_at", MOMENT),
        sa.Column("phones", sa.Text, nullable=False, server_default=""),
        sa.Column("phones_at", MOMENT, nullable=False, server_default="0"),
    )
    op.create_index(
        "connections_by_person",
        "connections",
        ["enterprise", "team", "user"],
        unique=True,
    )
    op.create_index("connections_ending", "connections", ["ends_at"])


def _others() -> None:
    op.create_table(
        "preferences",
        *_person(key=True),
        sa.Column("chosen", sa.Text, nullable=False),
    )
    op.create_table(
        "signins",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        *_person(),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("verifier", sa.Text, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
    )
    op.create_index("signins_ending", "signins", ["ends_at"])
    op.create_table(
        "installations",
        sa.Column("enterprise", sa.String(32), primary_key=True),
        sa.Column("team", sa.String(32), primary_key=True),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("bot_user", sa.String(32), nullable=False),
        sa.Column("bot_id", sa.String(32), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("installed_by", sa.String(32), nullable=False),
        sa.Column("installed_at", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT),
    )


def _person(*, key: bool = False) -> tuple[sa.Column[str], ...]:
    return tuple(
        sa.Column(name, sa.String(32), primary_key=key, nullable=False)
        for name in ("enterprise", "team", "user")
    )
