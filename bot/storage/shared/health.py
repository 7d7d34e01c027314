"""What operators look at: whether the database can be written, and how far calls are."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select, update

from bot.calls.call import State
from bot.storage.calls.tables import calls
from bot.storage.database.writer import Writer
from bot.storage.shared.tables import processes

ALONE = "alone"
"""The row of `processes` that stands for whoever has a SQLite file; it needs none."""


async def pulse(writer: Writer, me: str) -> dict[str, int]:
    """Write, to know that it can be done; return how many calls are in each state.

    With PostgreSQL this process's own row is written as it is: only a heartbeat may
    say that it is alive.

    Raises:
        StoreUnavailable: It can't be written.
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
        untold = calls.c.state != State.DONE
        count = (
            select(calls.c.state, func.count()).where(untold).group_by(calls.c.state)
        )
        return {row[0]: row[1] for row in connection.execute(count)}

    return await writer.run(work, f"process {me}")
