"""Stores reminders. ``next_at`` is a reminder's timer, and the lease of who posts it.

A reminder is marked as tried in the transaction that leases it, before anything is
posted. Whoever leases it after that looks in Slack first, so it is posted once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bot.calls.call import Call, Place
from bot.calls.people.person import Person
from bot.calls.reminding import Reminder
from bot.errors import RowRefused
from bot.storage.after.tables import reminders
from bot.storage.calls.tables import calls
from bot.storage.calls.unreadable import UnreadableRows
from bot.storage.database.person_rows import columns, of_person
from bot.storage.database.writer import Writer

R = reminders.c

REMINDER_LEASE = timedelta(seconds=60)
"""Longer than looking for a reminder and posting it take, and than a post whose answer
was lost may still need to show up."""

MOST_REMINDERS_A_ROUND = 20
MOST_REMINDERS_LISTED = 20
"""Reminders that a Home lists, the soonest."""


class ReminderRows:
    """The table `reminders`; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer, unreadable: UnreadableRows) -> None:
        self._writer = writer
        self._unreadable = unreadable

    async def add(self, reminder: Reminder) -> None:
        """Store a reminder in the place of the person's earlier one of the same call.

        The same reminder once more, of a form that Slack has delivered twice, changes
        nothing; nor does one whose call was deleted meanwhile.
        """
        person = reminder.place.person
        row = columns(person) | {
            "id": reminder.id,
            "call": reminder.call,
            "channel": reminder.place.channel,
            "due_at": reminder.due_at,
            "next_at": reminder.due_at,
        }
        same = select(R.id).where(R.id == reminder.id)
        call = select(calls.c.id).where(calls.c.id == reminder.call)

        def work(connection: Connection) -> None:
            if connection.scalar(same) or not connection.scalar(call):
                return
            older = (of_person(reminders, person), R.call == reminder.call)
            connection.execute(delete(reminders).where(*older))
            connection.execute(insert(reminders).values(row))

        order = f"reminders {person.team} {person.user}"
        try:
            await self._writer.run(work, order)
        except RowRefused:  # another process was given it at the same moment
            await self._writer.run(work, order)

    async def cancel(self, person: Person, reminder_id: str) -> bool:
        """Delete a reminder of *person*; return whether there was one."""
        mine = delete(reminders).where(
            of_person(reminders, person), R.id == reminder_id
        )
        return bool(await self._writer.run(lambda c: c.execute(mine).rowcount))

    async def of_person(self, person: Person) -> list[tuple[Reminder, Call]]:
        """Return a person's reminders with their calls, the soonest first."""

        def work(connection: Connection) -> list[tuple[Reminder, Call]]:
            mine = select(reminders).where(of_person(reminders, person))
            soonest = mine.order_by(R.due_at).limit(MOST_REMINDERS_LISTED)
            rows = connection.execute(soonest).all()
            of = calls.c.id.in_([row.call for row in rows])
            found = connection.execute(select(calls).where(of))
            known = {call.id: call for call in self._unreadable.calls_in(found)}
            return [(_from_row(r), known[r.call]) for r in rows if r.call in known]

        return await self._writer.run(work)

    async def first_due(self) -> datetime | None:
        """Return when the next reminder is due; None if there is none."""
        query = select(func.min(R.next_at))
        return await self._writer.run(lambda c: c.scalar(query))

    async def lease_due(self, now: datetime) -> list[Reminder]:
        """Return the reminders that are due; no other process gets them meanwhile.

        They are marked as tried, and returned as they were before that.
        """
        due = (
            select(reminders)
            .where(R.next_at <= now)
            .order_by(R.next_at)
            .limit(MOST_REMINDERS_A_ROUND)
            .with_for_update(skip_locked=True)
        )
        until = now + REMINDER_LEASE

        def work(connection: Connection) -> list[Reminder]:
            rows = connection.execute(due).all()
            mine = update(reminders).where(R.id.in_([row.id for row in rows]))
            connection.execute(mine.values(next_at=until, tried=True))
            return [_from_row(row, until) for row in rows]

        return await self._writer.run(work, "reminders due")

    async def later(self, reminder: Reminder, at: datetime, *, tried: bool) -> None:
        """Make a leased reminder due again; *tried*: it may have been posted."""
        mine = update(reminders).where(
            R.id == reminder.id, R.next_at == reminder.leased_until
        )
        mine = mine.values(next_at=at, tried=tried)
        await self._writer.run(lambda c: c.execute(mine))

    async def done(self, reminder: Reminder) -> None:
        """Delete a reminder that was posted, or that nobody may get any more."""
        mine = delete(reminders).where(R.id == reminder.id)
        await self._writer.run(lambda c: c.execute(mine))


def _from_row(row: Row[Any], until: datetime | None = None) -> Reminder:
    return Reminder(
        row.id,
        row.call,
        Place(row.team, row.channel, row.user, row.enterprise),
        row.due_at,
        until,
        row.tried,
    )
