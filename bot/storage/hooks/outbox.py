"""The outbox: events are stored in the transaction that makes them, and told afterward.

``next_at`` is an event's timer, and the lease of the process that sends it. An event whose
call has an earlier one is not due before that is told or dropped, so each call's events are
told in their order.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from bot.calls.call import Call
from bot.calls.missed_card import MissedCard
from bot.storage.calls.tables import calls
from bot.storage.calls.unreadable import UnreadableRows
from bot.storage.database.person_rows import of_workspace
from bot.storage.database.writer import Writer
from bot.storage.hooks.tables import hook_events, hook_receivers

HOOK_LEASE = timedelta(seconds=30)
"""Longer than a try and storing its result take."""

HE = hook_events.c
HR = hook_receivers.c


class EventKind(StrEnum):
    """The ``type`` of an event: what it is about, a full stop, what happened to it."""

    CALL_ENDED = "call.ended"
    """How a call ended is known, or given up: once for each call."""
    CALL_OUTCOME = "call.outcome"
    """Somebody chose, changed or removed what came of a call."""
    CALL_NOTE = "call.note"
    """Somebody wrote, changed or removed its note."""
    CALL_MISSED = "call.missed"
    """A call came in, and nobody took it."""
    TEST = "test"
    """``ringout-bot hook test``; no call is in it."""


KNOWN_KINDS = tuple(EventKind)
"""While processes are replaced one by one, an old one leaves new kinds to the new ones."""


@dataclass(frozen=True, slots=True)
class HookEvent:
    """An event that waits; *about* is None if this program can't read it.

    Attributes:
        message: The id by which the receiver knows it again.
        next_at: When it is due, or when the lease of who sends it ends.
        tries: How many have failed.
    """

    id: int
    message: str
    kind: EventKind
    about: Call | MissedCard | None
    at: datetime
    next_at: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many events wait, since when, and when the next one is due.

    *is_stopped*: the receiver wants none of them.
    """

    count: int
    oldest_at: datetime | None = None
    next_at: datetime | None = None
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """What became of a receiver: *stopped_at* by its own 410, *dropped* events so far.

    *trouble* is what the last failed try met; empty after one that succeeded.
    """

    stopped_at: datetime | None = None
    dropped: int = 0
    trouble: str = ""


def add_event(
    connection: Connection, kind: EventKind, call_id: str, at: datetime
) -> None:
    """Have the receiver told of *kind*, once this transaction is committed.

    The transaction must have locked the call's row: that makes the order of its events.
    """
    connection.execute(insert(hook_events).values(new_event(kind, at, call=call_id)))


def new_event(kind: EventKind, at: datetime, **about: str) -> dict[str, object]:
    """Return the row of a new event; *about*: the column and id of what it is about."""
    message = f"msg_{secrets.token_hex(16)}"
    return {
        "message": message,
        "kind": kind,
        "at": at,
        "next_at": at,
        "tries": 0,
    } | about


def delete_of_workspace(connection: Connection, enterprise: str, team: str) -> None:
    """Delete the events of a workspace's calls, which are kept themselves."""
    theirs = select(calls.c.id).where(of_workspace(calls, enterprise, team))
    connection.execute(delete(hook_events).where(HE.call.in_(theirs)))


class Outbox:
    """The events of calls for the receiver at *address*.

    All methods raise `StoreUnavailable`.
    """

    def __init__(
        self, writer: Writer, address: str, unreadable: UnreadableRows
    ) -> None:
        self._writer = writer
        self._unreadable = unreadable
        self._table, self._about = hook_events, HE.call
        self._receiver = hashlib.sha256(address.encode()).hexdigest()

    async def waiting(self) -> Waiting:
        """Return what waits; an event behind another one of its call is not due."""
        rows = self._table.c
        whole = select(func.count(), func.min(rows.at)).select_from(self._table)
        may_be_sent = select(rows.next_at).where(self._may_be_sent())
        due = may_be_sent.order_by(rows.next_at).limit(1)
        stopped = select(HR.id).where(self._mine, HR.stopped_at.is_not(None))

        def work(connection: Connection) -> Waiting:
            count, oldest = connection.execute(whole).one()
            if not count:
                return Waiting(0)
            is_stopped = connection.scalar(stopped) is not None
            return Waiting(count, oldest, connection.scalar(due), is_stopped)

        return await self._writer.run(work)

    async def lease_due(self, now: datetime, most: int) -> list[HookEvent]:
        """Return events that are due, each of another call; no other process gets them."""
        columns = self._table.c
        due = (
            select(self._table)
            .where(columns.next_at <= now, self._may_be_sent())
            .order_by(columns.next_at, columns.id)
            .limit(most)
            .with_for_update(skip_locked=True, of=self._table)
        )
        until = now + HOOK_LEASE

        def work(connection: Connection) -> list[HookEvent]:
            rows = connection.execute(due).all()
            taken = update(self._table).where(columns.id.in_([e.id for e in rows]))
            connection.execute(taken.values(next_at=until))
            about = [getattr(row, self._about.name) for row in rows]
            known = self._known(connection, set(about))
            return [
                replace(_event(row, known.get(each)), next_at=until)
                for row, each in zip(rows, about, strict=True)
            ]

        return await self._writer.run(work, "hook")

    async def told(self, event: HookEvent) -> None:
        """Delete an event that the receiver has taken, if its lease was not lost."""

        def work(connection: Connection) -> None:
            connection.execute(delete(self._table).where(self._leased(event)))
            clear = update(hook_receivers).where(self._mine, HR.trouble != "")
            connection.execute(clear.values(trouble=""))

        await self._writer.run(work, "hook")

    async def failed(
        self, event: HookEvent, trouble: str, now: datetime, next_at: datetime | None
    ) -> None:
        """Have an event sent again at *next_at*; None drops and counts it."""

        def work(connection: Connection) -> None:
            if next_at is None:
                mine = delete(self._table).where(self._leased(event))
                gone = connection.execute(mine)
                self._note(connection, now, gone.rowcount, trouble=trouble[:64])
                return
            later = update(self._table).where(self._leased(event))
            connection.execute(later.values(next_at=next_at, tries=event.tries + 1))
            self._note(connection, now, 0, trouble=trouble[:64])

        await self._writer.run(work, "hook")

    async def drop_all(self, now: datetime) -> int:
        """Drop what waits, and return how many: the receiver wants nothing more."""

        def work(connection: Connection) -> int:
            dropped = connection.execute(delete(self._table)).rowcount
            self._note(connection, now, dropped)
            return dropped

        return await self._writer.run(work, "hook")

    async def stop(self, now: datetime) -> None:
        """Store that the receiver wants nothing more."""
        await self._writer.run(lambda c: self._note(c, now, 0, stopped_at=now), "hook")

    async def resume(self, now: datetime) -> None:
        """Send to the receiver again: it takes events."""
        await self._writer.run(
            lambda c: self._note(c, now, 0, stopped_at=None, trouble=""), "hook"
        )

    async def state(self) -> ReceiverState:
        """Return what became of the receiver."""
        query = select(hook_receivers).where(self._mine)
        row = await self._writer.run(lambda c: c.execute(query).first())
        if row is None:
            return ReceiverState()
        return ReceiverState(row.stopped_at, row.dropped, row.trouble)

    def _known(
        self, connection: Connection, ids: set[str]
    ) -> Mapping[str, Call | MissedCard]:
        """Return what the events are about, by its id."""
        found = connection.execute(select(calls).where(calls.c.id.in_(ids)))
        return {each.id: each for each in self._unreadable.calls_in(found)}

    def _may_be_sent(self) -> ColumnElement[bool]:
        """Return the condition: it is known what to say, and no earlier event waits."""
        earlier, rows = self._table.alias("earlier"), self._table.c
        is_first = ~exists().where(
            earlier.c[self._about.name] == self._about, earlier.c.id < rows.id
        ).correlate(self._table)
        return and_(rows.kind.in_(KNOWN_KINDS), is_first)

    def _leased(self, event: HookEvent) -> ColumnElement[bool]:
        rows = self._table.c
        return and_(rows.id == event.id, rows.next_at == event.next_at)

    @property
    def _mine(self) -> Any:
        return HR.id == self._receiver

    def _note(
        self, connection: Connection, now: datetime, dropped: int, **values: object
    ) -> None:
        """Change the receiver's row, which is there from the first trouble on."""
        known = {**values, "changed_at": now}
        change = update(hook_receivers).where(self._mine)
        change = change.values({**known, "dropped": HR.dropped + dropped})
        if connection.execute(change).rowcount:
            return
        row = {"id": self._receiver, "trouble": "", "dropped": dropped, **known}
        try:
            with connection.begin_nested():
                connection.execute(insert(hook_receivers).values(row))
        except IntegrityError:  # another process has just inserted it
            connection.execute(change)


def _event(row: Row[Any], about: Call | MissedCard | None) -> HookEvent:
    return HookEvent(
        row.id, row.message, EventKind(row.kind), about, row.at, row.next_at, row.tries
    )
