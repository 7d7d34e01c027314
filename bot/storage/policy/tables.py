"""The tables of what admins have set, and of who did what."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
)

from bot.storage.database.schema import Moment, metadata

policy_states = Table(
    "policy_states",
    metadata,
    Column("enterprise", String(32), primary_key=True),
    Column("team", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("rules", Text, nullable=False, server_default=""),
    Column("previous", Text),
    Column("changed_at", Moment),
    Column("changed_by", String(32), nullable=False, server_default=""),
    Column("paused_at", Moment),
    Column("paused_by", String(32), nullable=False, server_default=""),
    Column("pause_reason", String(500), nullable=False, server_default=""),
)
"""A row for each workspace whose admins have saved rules or paused calls."""

do_not_call = Table(
    "do_not_call",
    metadata,
    Column("enterprise", String(32), primary_key=True),
    Column("team", String(32), primary_key=True),
    Column("digits", String(20), primary_key=True),
    Column("is_prefix", Boolean, primary_key=True, server_default=false()),
    Column("reason", String(500), nullable=False, server_default=""),
    Column("added_at", Moment, nullable=False),
    Column("added_by", String(32), nullable=False, server_default=""),
)
"""Numbers, and beginnings of numbers, in E.164 with their plus."""

audit_rows = Table(
    "audit_rows",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("enterprise", String(32), nullable=False),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("entrance", String(32), nullable=False, server_default=""),
    Column("action", String(32), nullable=False),
    Column("number", String(32), nullable=False, server_default=""),
    Column("rule", String(32), nullable=False, server_default=""),
    Column("verdict", String(16), nullable=False, server_default=""),
    Column("call", String(32), nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
    Index("audit_rows_by_team", "team", "at"),
    Index("audit_rows_old", "at"),
)
"""The program inserts rows; only retention deletes them, and only `erase` empties numbers."""

admin_alerts = Table(
    "admin_alerts",
    metadata,
    Column("enterprise", String(32), primary_key=True),
    Column("team", String(32), primary_key=True),
    Column("user", String(32), primary_key=True),
    Column("told_until", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("tried_at", Moment),
)
"""Until when each admin was told of what was found, and when they may be told next."""

admin_requests = Table(
    "admin_requests",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("enterprise", String(32), nullable=False),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("number", String(32), nullable=False),
    Column("rules", String(200), nullable=False),
    Column("words", Text, nullable=False),
    Column("wanted", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("posted_in", String(32), nullable=False),
    Column("posted_ts", String(32), nullable=False, server_default=""),
    Column("answer", String(16), nullable=False, server_default=""),
    Column("answered_by", String(32), nullable=False, server_default=""),
    Column("answered_at", Moment),
    Column("used_at", Moment),
    Column("next_at", Moment),
    Column("post_tried", Boolean, nullable=False, server_default=false()),
    Column("tell_tried", Boolean, nullable=False, server_default=false()),
    Index("admin_requests_due", "next_at"),
    Index("admin_requests_by_user", "enterprise", "team", "user"),
)
"""What people have asked admins to allow once; ``next_at``: when Slack is owed a message."""
