"""Lists of calls: what is read of many at once, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from bot.calls.call import Call, State
from bot.calls.person import Person
from bot.storage.calls.statements import MINE
from bot.storage.calls.tables import call_events, call_records, calls
from bot.storage.database.person_rows import bound

if TYPE_CHECKING:
    from bot.storage.calls.unreadable import Aside
    from bot.storage.database.writer import Writer

CLOSE = timedelta(minutes=10)
"""Calls that were sent within this of each other may be mistaken for one another."""


@dataclass(frozen=True, slots=True)
class Event:
    """A transition of a call, for its history."""

    at: datetime
    state: str
    note: str


class Lists:
    """What `bot.storage.calls.store.Store` answers of many calls.

    All methods raise `bot.errors.StoreUnavailable` when it can't be reached. Calls that
    this program can't read are left out of every list.
    """

    writer: Writer
    aside: Aside

    async def due_accounts(self, state: State, now: datetime) -> list[str]:
        """Return the accounts that have a call in *state* that is due."""
        query = (
            select(calls.c.account)
            .where(calls.c.state == state, calls.c.next_at <= now)
            .group_by(calls.c.account)
            .order_by(func.min(calls.c.next_at))
        )

        def work(connection: Connection) -> list[str]:
            but = calls.c.id.not_in(self.aside.ids())
            return list(connection.scalars(query.where(but)))

        return await self.writer.run(work)

    async def in_state(self, *states: State, account: str | None = None) -> list[Call]:
        """Return the calls in *states*, or an account's, the oldest first."""
        query = (
            select(calls).where(calls.c.state.in_(states)).order_by(calls.c.asked_at)
        )
        if account is not None:
            query = query.where(calls.c.account == account)
        return await self.writer.run(
            lambda connection: self.aside.read(connection.execute(query))
        )

    async def of_person(self, person: Person, most: int) -> list[Call]:
        """Return a person's calls, the newest first."""
        query = select(calls).where(MINE).order_by(calls.c.asked_at.desc()).limit(most)
        return await self.writer.run(
            lambda c: self.aside.read(c.execute(query, bound(person)))
        )

    async def counted_by_account(self, state: State) -> dict[str, int]:
        """Return how many calls of each account are in *state*."""
        query = (
            select(calls.c.account, func.count())
            .where(calls.c.state == state)
            .group_by(calls.c.account)
        )
        return await self.writer.run(
            lambda connection: {row[0]: row[1] for row in connection.execute(query)}
        )

    async def adopted(self, ids: Iterable[str]) -> set[str]:
        """Return those of the call-log record *ids* that are some call's already."""
        query = select(call_records.c.id).where(call_records.c.id.in_(list(ids)))
        return await self.writer.run(lambda connection: set(connection.scalars(query)))

    async def ringout_ids(self, since: datetime) -> set[str]:
        """Return the RingOut ids of all calls sent since about *since*."""
        query = select(calls.c.ringout_id).where(
            calls.c.ringout_id != "", calls.c.sent_at >= since - CLOSE
        )
        return await self.writer.run(lambda connection: set(connection.scalars(query)))

    async def history(self, call_id: str) -> list[Event]:
        """Return a call's transitions, the oldest first."""
        query = (
            select(call_events)
            .where(call_events.c.call == call_id)
            .order_by(call_events.c.id)
        )
        return await self.writer.run(
            lambda connection: [
                Event(row.at, row.state, row.note) for row in connection.execute(query)
            ]
        )
