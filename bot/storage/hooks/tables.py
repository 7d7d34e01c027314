"""The tables of the hook. They hold no number, name or text.

Those are read with the call, or with the card that tells of missed ones.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from bot.storage.database.schema import Moment, metadata

hook_events = Table(
    "hook_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("message", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column(
        "call",
        String(32),
        ForeignKey("calls.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Index("hook_events_due", "next_at"),
)
"""What waits to be told, and nothing else: a row is deleted once its event is told or
dropped, or with its call. ``message`` is the same in each try; ``id`` is the order."""

hook_receivers = Table(
    "hook_receivers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("stopped_at", Moment),
    Column("dropped", Integer, nullable=False),
    Column("trouble", String(64), nullable=False),
    Column("changed_at", Moment, nullable=False),
)
"""What is known of the receiver at an address, of which ``id`` is a hash."""

missed_events = Table(
    "missed_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("message", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column(
        "card",
        String(32),
        ForeignKey("missed_cards.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Index("missed_events_due", "next_at"),
)
"""The same for missed calls, which are no calls of ours: ``card`` is what tells of them."""
