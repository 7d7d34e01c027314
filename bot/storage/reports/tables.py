"""The table of digests. It holds no number, no name and no figure."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from bot.storage.database.schema import Moment, metadata

digests = Table(
    "digests",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("enterprise", String(32), nullable=False),
    Column("team", String(32), nullable=False),
    Column("told_until", Moment, nullable=False),
    Column("due_at", Moment),
    Column("next_at", Moment, nullable=False),
)
"""A row for each digest that the operator has set. ``told_until``: when the last one that
was posted ended. ``due_at``: which one may have been posted since; null if surely none."""
