"""Forgetting: what is older than the operator keeps it, and one number on request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select

from bot.calls.call import State
from bot.storage.schema import calls, events, records
from bot.storage.writer import Writer

PART = 200
"""Calls forgotten in one transaction: short enough for commands to pass between."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What `Retention.erase` found: rows by table, and calls that are still open.

    Open calls are left: their card and their reply are still owed.
    """

    calls: int
    records: int
    events: int
    still_open: int


class Retention:
    """Deletes calls with all that belongs to them."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def purge(self, before: datetime) -> int:
        """Forget calls that were done before *before*; return how many."""
        old = and_(calls.c.state == State.DONE, calls.c.next_at < before)
        total = 0
        while True:
            gone = await self._writer.run(lambda c: _part(c, old))
            total += gone
            if gone < PART:
                return total

    async def erase(self, number: str, *, dry: bool) -> Erased:
        """Forget every call from or to *number* (E.164); *dry* only counts."""
        about = or_(calls.c.callee == number, calls.c.caller == number)
        done = and_(about, calls.c.state == State.DONE)
        found = await self._writer.run(lambda c: _counted(c, about, done))
        left = 0 if dry else found.calls
        while left > 0:
            left = await self._writer.run(lambda c: _part(c, done))
        return found


def _part(connection: Connection, which: ColumnElement[bool]) -> int:
    some = (
        select(calls.c.id)
        .where(which)
        .limit(PART)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    ids = list(connection.scalars(some))
    for table in (records, events):
        connection.execute(delete(table).where(table.c.call.in_(ids)))
    connection.execute(delete(calls).where(calls.c.id.in_(ids)))
    return len(ids)


def _counted(
    connection: Connection, about: ColumnElement[bool], done: ColumnElement[bool]
) -> Erased:
    ids = select(calls.c.id).where(done)

    def count(table: ColumnElement[bool], source: object) -> int:
        query = select(func.count()).select_from(source).where(table)  # type: ignore[arg-type]
        return connection.scalar(query) or 0

    return Erased(
        calls=count(done, calls),
        records=count(records.c.call.in_(ids), records),
        events=count(events.c.call.in_(ids), events),
        still_open=count(and_(about, calls.c.state != State.DONE), calls),
    )
