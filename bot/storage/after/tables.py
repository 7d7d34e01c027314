"""The table of reminders. It holds no number and no note: they are read with the call."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, false

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
