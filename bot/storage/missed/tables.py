"""The tables of missed calls."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
)

from bot.storage.database.schema import Moment, metadata

missed_syncs = Table(
    "missed_syncs",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("token", Text, nullable=False, server_default=""),
    Column("synced_at", Moment),
    Column("next_at", Moment, nullable=False),
    Column("trouble", String(64), nullable=False, server_default=""),
    Column("back_to", Moment),
    Column("voicemail_token", Text, nullable=False, server_default=""),
    Column("voicemail_until", Moment),
    Column("voicemail_trouble", String(64), nullable=False, server_default=""),
    Index("missed_syncs_due", "next_at"),
)
"""How far the log of an account was read: ``since`` is when somebody switched this on,
``token`` is RingCentral's for the next read. The account's name is the one in
`user_state`. ``back_to`` is how far back it is still to be read; ``voicemail_until`` is
until when each read also looks for voicemails."""

missed_keys = Table(
    "missed_keys",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("key", String(140), primary_key=True),
    Column("at", Moment, nullable=False),
    Index("missed_keys_old", "at"),
)
"""The missed calls that have their card, by their sessions: none is told twice."""

missed_cards = Table(
    "missed_cards",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("enterprise", String(32), nullable=False),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("caller", String(20), nullable=False),
    Column("extension", String(32), nullable=False),
    Column("name", String(128), nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("told_at", Moment, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("rang", Float),
    Column("has_voicemail", Boolean, nullable=False, server_default=false()),
    Column("is_rest", Boolean, nullable=False, server_default=false()),
    Column("is_late", Boolean, nullable=False, server_default=false()),
    Column("taken_by", String(32), nullable=False, server_default=""),
    Column("taken_at", Moment),
    Column("call", String(32), nullable=False, server_default="", index=True),
    Column("is_over", Boolean, nullable=False, server_default=false()),
    Column("posted_in", String(32), nullable=False, server_default=""),
    Column("ts", String(32), nullable=False, server_default=""),
    Column("version", Integer, nullable=False),
    Column("due_at", Moment),
    Column("leased_until", Moment, nullable=False, server_default="0"),
    Column("tried", Boolean, nullable=False, server_default=false()),
    Column("voicemail_id", String(128), nullable=False, server_default=""),
    Column("voicemail_ids", Text, nullable=False, server_default=""),
    Column("voicemail_at", Moment),
    Column("voicemail_seconds", Float),
    Column("voicemail_address", String(500), nullable=False, server_default=""),
    Column("voicemail_text", Text, nullable=False, server_default=""),
    Index("missed_cards_due", "due_at"),
    Index("missed_cards_by_caller", "account", "first_at"),
    Index("missed_cards_by_user", "enterprise", "team", "user"),
)
"""What tells of missed calls. ``user`` is empty for a channel's card, ``channel`` for one in
a person's DM. ``due_at`` is when it has to be posted or edited, if it has to.
``voicemail_text`` is what was said in the newest voicemail, if that is shown."""

missed_tellings = Table(
    "missed_tellings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column(
        "card",
        String(32),
        ForeignKey("missed_cards.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("at", Moment, nullable=False),
    Column("calls", Integer, nullable=False),
)
"""How many calls a card was stored with, or have joined it, and when, for digests. A card
that an older version has stored has no row."""
