"""Sets the heartbeats of other processes in the database."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from bot.storage.calls.store import Store
from bot.storage.shared.processes import Processes
from bot.storage.shared.tables import processes


async def seen(store: Store, process: str, ago: timedelta) -> None:
    """Store that *process* sent its last heartbeat that long ago."""
    table = processes
    at = await Processes(store.writer, "x").now() - ago
    change = update(table).where(table.c.id == process).values(seen_at=at)
    await store.writer.run(lambda connection: connection.execute(change))
