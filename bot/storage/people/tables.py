"""The tables about people and workspaces.

Whatever could be used to act for somebody is encrypted (`bot.vault`) before it is stored;
of a sign-in's state only a hash is stored.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from bot.storage.database.schema import Moment, metadata

connections = Table(
    "connections",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("enterprise", String(32), nullable=False),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("extension", Text, nullable=False),
    Column("tokens", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("fresh_until", Moment, nullable=False),
    Column("ends_at", Moment),
    Column("leased_until", Moment, nullable=False, server_default="0"),
    Column("connected_at", Moment, nullable=False),
    Column("broken_at", Moment),
    Column("told_at", Moment),
    Column("warned_at", Moment),
    Column("notice_due_at", Moment, nullable=False, server_default="0"),
    Column("notice_tried_at", Moment),
    Column("phones", Text, nullable=False),
    Column("phones_at", Moment, nullable=False),
    Column("broken_why", String(32)),
    Column("look_up_at", Moment, nullable=False, server_default="0"),
    Index("connections_by_person", "enterprise", "team", "user", unique=True),
    Index("connections_ending", "ends_at"),
)

preferences = Table(
    "preferences",
    metadata,
    Column("enterprise", String(32), primary_key=True),
    Column("team", String(32), primary_key=True),
    Column("user", String(32), primary_key=True),
    Column("chosen", Text, nullable=False),
)

pending_sign_ins = Table(
    "pending_sign_ins",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("enterprise", String(32), nullable=False),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("label", String(120), nullable=False),
    Column("browser", String(64), nullable=False),
    Column("verifier", Text, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("used_at", Moment),
    Index("pending_sign_ins_ending", "ends_at"),
)

revocations = Table(
    "revocations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("token", Text, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("subscription", Text, nullable=False, server_default=""),
    Index("revocations_due", "next_at"),
)
"""Sessions that people have ended here and RingCentral has not revoked yet, each with the
subscription that ends with it, the token to delete that, and its user (encrypted)."""

home_views = Table(
    "home_views",
    metadata,
    Column("enterprise", String(32), primary_key=True),
    Column("team", String(32), primary_key=True),
    Column("user", String(32), primary_key=True),
    Column("opened_at", Moment, nullable=False),
    Column("shown", String(16), nullable=False),
)

installations = Table(
    "installations",
    metadata,
    Column("enterprise", String(32), primary_key=True),
    Column("team", String(32), primary_key=True),
    Column("token", Text, nullable=False),
    Column("bot_user", String(32), nullable=False),
    Column("bot_id", String(32), nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("installed_by", String(32), nullable=False),
    Column("installed_at", Moment, nullable=False),
    Column("left_at", Moment),
)

name_books = Table(
    "name_books",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("source", String(16), primary_key=True),
    Column("read_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("trouble", String(64), nullable=False, server_default=""),
)
"""The address books and directories that are known: when each was read, and is due."""

name_pages = Table(
    "name_pages",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("source", String(16), primary_key=True),
    Column("page", Integer, primary_key=True, autoincrement=False),
    Column("entries", Text, nullable=False),
    Index("name_pages_by_page", "page"),
)
"""Names by number, encrypted; see `bot.storage.people.name_books`."""

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("remote_id", String(128), nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("path", String(64), nullable=False, server_default=""),
    Column("token", String(64), nullable=False, server_default=""),
    Column("expires_at", Moment),
    Column("next_at", Moment, nullable=False),
    Column("trouble", String(64), nullable=False, server_default=""),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("holder", String(32), nullable=False, server_default=""),
    Column("held_until", Moment, nullable=False, server_default="0"),
    Index("subscriptions_due", "next_at"),
)
"""Who gets RingCentral's events of an account's calls, and where. ``path`` and ``token``
are hashes of a webhook's secrets (`bot.storage.people.subscriptions`). The account's name
is the one in `user_state`."""

user_groups = Table(
    "user_groups",
    metadata,
    Column("id", String(72), primary_key=True),
    Column("enterprise", String(32), nullable=False),
    Column("team", String(32), nullable=False),
    Column("name", String(32), nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("read_at", Moment),
    Column("trouble", String(64), nullable=False, server_default=""),
    Index("user_groups_due", "next_at"),
)
"""Slack's user groups that the rules name: when each is to be read next, and what Slack
answered last if it did not say who is in it. ``name`` is Slack's id (``S…``)."""

user_group_members = Table(
    "user_group_members",
    metadata,
    Column(
        "group",
        String(72),
        ForeignKey("user_groups.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("enterprise", String(32), nullable=False),
    Column("team", String(32), nullable=False),
    Column("user", String(32), primary_key=True),
    Index("user_group_members_by_user", "team", "user"),
)
"""Who was in each group when Slack said so last."""
