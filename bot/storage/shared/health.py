"""What the readiness check looks at: whether the database can be written, and its calls."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select, update

from bot.calls.call import State
from bot.storage.calls.tables import calls
from bot.storage.database.writer import Writer
from bot.storage.shared.tables import processes

ALONE = "alone"
"""The id of the row in `processes` that is written with SQLite, which has no heartbeats."""


async def probe(writer: Writer, me: str) -> dict[str, int]:
    """Write to the database; return how many unfinished calls are in each state.

    With PostgreSQL our own row is written unchanged: only a heartbeat may say that this
    process is alive.

    Raises:
        StoreUnavailable: The database can't be written.
    """

    def work(connection: Connection) -> dict[str, int]:
        if writer.is_postgres:
            mine = update(processes).where(processes.c.id == me)
            connection.execute(mine.values(seen_at=processes.c.seen_at))
        else:
            now = datetime.now(UTC)
            mine = update(processes).where(processes.c.id == ALONE)
            if not connection.execute(mine.values(seen_at=now)).rowcount:
                row = {"id": ALONE, "started_at": now, "seen_at": now}
                connection.execute(insert(processes).values(row))
        unfinished = calls.c.state != State.DONE
        count = (
            select(calls.c.state, func.count())
            .where(unfinished)
            .group_by(calls.c.state)
        )
        return {row[0]: row[1] for row in connection.execute(count)}

    return await writer.run(work, f"process {me}")
