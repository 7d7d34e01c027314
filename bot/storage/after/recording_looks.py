"""Stores which calls' recordings are looked for. ``next_at`` is the timer, and the lease."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from bot.calls.call import Call
from bot.storage.after.tables import recording_looks
from bot.storage.calls.tables import calls
from bot.storage.calls.unreadable import UnreadableRows
from bot.storage.database.writer import Writer

RL = recording_looks.c

RECORDING_LEASE = timedelta(seconds=120)
"""Longer than reading the log and editing the replies of one account take."""

SERVED_TOO = timedelta(minutes=2)
"""Looks of the same account that are due so soon share a read."""

MOST_RECORDINGS_A_ROUND = 20


@dataclass(frozen=True, slots=True)
class RecordingLook:
    """A call whose recording is looked for, after *looks* that showed none."""

    call: Call
    looks: int
    leased_until: datetime


def add_look(connection: Connection, call: Call, at: datetime) -> None:
    """Have the log be read for *call*'s recording, once this transaction is committed."""
    row = {"call": call.id, "account": call.account, "next_at": at, "looks": 0}
    connection.execute(insert(recording_looks).values(row))


class RecordingLooks:
    """The table `recording_looks`; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer, unreadable: UnreadableRows) -> None:
        self._writer = writer
        self._unreadable = unreadable

    async def first_due(self) -> datetime | None:
        """Return when the next look is due; None if there is none."""
        return await self._writer.run(lambda c: c.scalar(select(func.min(RL.next_at))))

    async def lease_due(self, now: datetime) -> list[RecordingLook]:
        """Return the looks of one account that are due, and those that are due soon."""
        first = select(RL.account).where(RL.next_at <= now).order_by(RL.next_at)
        until = now + RECORDING_LEASE

        def work(connection: Connection) -> list[RecordingLook]:
            account = connection.scalar(first.limit(1))
            if account is None:
                return []
            due = (
                select(recording_looks)
                .where(RL.account == account, RL.next_at <= now + SERVED_TOO)
                .order_by(RL.next_at)
                .limit(MOST_RECORDINGS_A_ROUND)
                .with_for_update(skip_locked=True)
            )
            looks = {row.call: row.looks for row in connection.execute(due)}
            mine = update(recording_looks).where(RL.call.in_(looks))
            connection.execute(mine.values(next_at=until))
            rows = connection.execute(select(calls).where(calls.c.id.in_(looks)))
            found = self._unreadable.calls_in(rows)
            return [RecordingLook(e, looks[e.id], until) for e in found]

        return await self._writer.run(work, "recordings due")

    async def later(self, look: RecordingLook, at: datetime) -> None:
        """Have a leased look be due at a moment, with as many looks as it says."""
        mine = update(recording_looks).where(_leased(look))
        mine = mine.values(next_at=at, looks=look.looks)
        await self._writer.run(lambda c: c.execute(mine))

    async def done(self, look: RecordingLook) -> None:
        """Look for this call's recording no more."""
        mine = delete(recording_looks).where(RL.call == look.call.id)
        await self._writer.run(lambda c: c.execute(mine))


def after(look: RecordingLook) -> RecordingLook:
    """Return *look* after one more that showed nothing."""
    return replace(look, looks=look.looks + 1)


def _leased(look: RecordingLook) -> ColumnElement[bool]:
    return and_(RL.call == look.call.id, RL.next_at == look.leased_until)
