"""The tables of version 0.1.0."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v010_1"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.Float(precision=53)
PERSON = ("enterprise", "team", "user")


def upgrade() -> None:
    """Create every table."""
    _calls()
    _about_calls()
    _shared()
    _connections()
    _people()
    _installations()


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(128), unique=True, nullable=False),
        *_person(),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("caller", sa.String(20)),
        sa.Column("callee", sa.String(20), nullable=False),
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("in_name_of", sa.String(64), nullable=False),
        sa.Column("caller_id", sa.String(20)),
        sa.Column("prompt", sa.Boolean, nullable=False),
        sa.Column("shows", sa.String(8), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("taken_by", sa.String(32), nullable=False),
        sa.Column("held_by", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("faults", sa.Integer, nullable=False),
        sa.Column("failing_since", MOMENT),
        sa.Column("silent_since", MOMENT),
        sa.Column("limited_at", MOMENT),
        sa.Column("wait_until", MOMENT),
        sa.Column("sent_at", MOMENT),
        sa.Column("placed_at", MOMENT),
        sa.Column("ringout_id", sa.String(128), index=True, nullable=False),
        sa.Column("status", sa.Text),
        sa.Column("seen", sa.Boolean, nullable=False),
        sa.Column("connected", sa.Boolean, nullable=False),
        sa.Column("changed_at", MOMENT),
        sa.Column("terminal_at", MOMENT),
        sa.Column("cancelled_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("reads", sa.Integer, nullable=False),
        sa.Column("end", sa.String(16)),
        sa.Column("why", sa.String(16)),
        sa.Column("refusal", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("records", sa.Text, nullable=False),
        sa.Column("card_channel", sa.String(32), nullable=False),
        sa.Column("card_tried", sa.Boolean, nullable=False),
        sa.Column("card_ts", sa.String(32), nullable=False),
        sa.Column("card_shown", sa.String(32), nullable=False),
        sa.Column("reply_tried", sa.Boolean, nullable=False),
        sa.Column("reply_ts", sa.String(32), nullable=False),
        sa.Index("calls_due", "state", "next_at"),
        sa.Index("calls_by_user", *PERSON, "asked_at"),
        sa.Index("calls_sent", "sent_at"),
        sa.Index("calls_by_account", "account", "state", "next_at"),
        # Rows of calls change often, and next_at is indexed.
        postgresql_with={"fillfactor": 80, "autovacuum_vacuum_scale_factor": 0.02},
    )


def _about_calls() -> None:
    op.create_table(
        "call_records",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column(
            "call", sa.String(32), sa.ForeignKey("calls.id"), nullable=False, index=True
        ),
    )
    op.create_table(
        "call_events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column(
            "call", sa.String(32), sa.ForeignKey("calls.id"), nullable=False, index=True
        ),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
    )


def _shared() -> None:
    op.create_table(
        "processes",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
    )
    op.create_table(
        "user_state",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("budget", sa.Text, server_default="", nullable=False),
        sa.Column("log_free_at", MOMENT, server_default="0", nullable=False),
        sa.Column("sign_in", sa.Text, server_default="", nullable=False),
        sa.Column("used_at", MOMENT, server_default="0", nullable=False),
    )


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
        sa.Column("leased_until", MOMENT, server_default="0", nullable=False),
        sa.Column("connected_at", MOMENT, nullable=False),
        sa.Column("broken_at", MOMENT),
        sa.Column("told_at", MOMENT),
        sa.Column("warned_at", MOMENT),
        sa.Column("notice_due_at", MOMENT, server_default="0", nullable=False),
        sa.Column("notice_tried_at", MOMENT),
        sa.Column("phones", sa.Text, nullable=False),
        sa.Column("phones_at", MOMENT, nullable=False),
        sa.Index("connections_by_person", *PERSON, unique=True),
        sa.Index("connections_ending", "ends_at"),
    )


def _people() -> None:
    op.create_table(
        "preferences",
        *_person(key=True),
        sa.Column("chosen", sa.Text, nullable=False),
    )
    op.create_table(
        "home_views",
        *_person(key=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("shown", sa.String(16), nullable=False),
    )
    op.create_table(
        "pending_sign_ins",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        *_person(),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("verifier", sa.Text, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Index("pending_sign_ins_ending", "ends_at"),
    )
    op.create_table(
        "revocations",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Index("revocations_due", "next_at"),
    )


def _installations() -> None:
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


def _person(*, key: bool = False) -> list[sa.Column[str]]:
    return [
        sa.Column(name, sa.String(32), primary_key=key, nullable=False)
        for name in PERSON
    ]
