"""The tables of reminders, and of looks for recordings; they hold no number and no note."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    false,
)

from bot.storage.database.schema import Moment, metadata

reminders = Table(
    "reminders",
    metadata,
    Column("id", String(64), primary_key=True),
    Column(
        "call",
        String(32),
        ForeignKey("calls.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("enterprise", String(32), nullable=False),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("tried", Boolean, nullable=False, server_default=false()),
    Index("reminders_due", "next_at"),
    Index("reminders_by_user", "enterprise", "team", "user"),
)

recording_looks = Table(
    "recording_looks",
    metadata,
    Column(
        "call",
        String(32),
        ForeignKey("calls.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("account", String(32), nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("looks", Integer, nullable=False),
    Index("recording_looks_due", "next_at"),
)
"""Calls that may have been recorded, and when the log is next read for that."""
