"""What operators look at: whether the database can be written, and how far calls are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.calls.call import Call, State
from bot.storage.schema import calls, events, pulses
from bot.storage.writer import Writer


async def pulse(writer: Writer) -> dict[str, int]:
    """Write, to know that it can be done; return how many calls are in each state.

    Raises:
        StoreUnavailable: It can't be written.
    """

    def work(connection: Connection) -> dict[str, int]:
        now = datetime.now(UTC)
        if not connection.execute(update(pulses).values(at=now)).rowcount:
            connection.execute(insert(pulses).values(id=1, at=now))
        untold = calls.c.state != State.DONE
        count = (
            select(calls.c.state, func.count()).where(untold).group_by(calls.c.state)
        )
        return {row[0]: row[1] for row in connection.execute(count)}

    try:
        return await writer.run(work)
    except IntegrityError:  # another process wrote the very first row just now
        return await writer.run(work)


def told_from(
    connection: Connection, old: Call, new: Call, now: datetime
) -> timedelta | None:
    """Return how long the reply took that was posted just now, from the known end."""
    if old.reply_ts or not new.reply_ts:
        return None
    known = select(func.min(events.c.at)).where(
        events.c.call == new.id, events.c.state == State.REPORTING
    )
    since = connection.scalar(known)
    return None if since is None else now - since
