"""Calls, kept: added once, claimed by lease, changed by pure functions.

Every move is a read-modify-write in one transaction of the one writer: a function
gets the row as it is, checks that it is still the one it meant (state, attempt), and
returns the row as it shall be, or None to leave it. Sources of the design: leases by
``FOR UPDATE SKIP LOCKED`` (PostgreSQL docs, SELECT, "The Locking Clause").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, and_, func, insert, or_, select, text, update
from sqlalchemy.exc import IntegrityError

from bot.calls.call import Call, Place, State
from bot.calls.telling import Added, Verdict
from bot.storage import migrate
from bot.storage.lock import FileLock
from bot.storage.schema import calls, events, from_row, records, to_row
from bot.storage.signals import notify
from bot.storage.writer import Writer

ONE_MINUTE = timedelta(minutes=1)
OPEN = (State.REQUESTED, State.PLACING, State.FOLLOWING, State.RECORDING)
UNTOLD = (*OPEN, State.REPORTING)
CLAIMED = (State.REQUESTED, State.PLACING, State.FOLLOWING, State.REPORTING)
"""Recording calls are served set-wise, one log read for all, so nobody claims one."""

RINGING = or_(
    calls.c.state.in_((State.REQUESTED, State.PLACING)),
    and_(calls.c.state == State.FOLLOWING, calls.c.terminal_at.is_(None)),
    and_(calls.c.state == State.RECORDING, calls.c.ringout_id == ""),
)
"""Such a call may still be going on: not where its status or its 404 says it is over."""

TAKEOVER = timedelta(seconds=15)
"""An intent that its own process has not sent for so long is settled."""

FAR_AHEAD = timedelta(minutes=2)
"""No call is due later than this by a clock that is right."""

SOON = timedelta(seconds=2)
"""Another process is woken for a call that is due within so long."""

CLOSE = timedelta(minutes=10)
"""Calls that were sent within this of each other may be mistaken for one another."""


@dataclass(frozen=True, slots=True)
class Event:
    """A transition of a call, for its history."""

    at: datetime
    state: str
    note: str


class Store:
    """The calls in the database behind *url*; *me* is this process's id.

    All methods raise `bot.errors.StoreUnavailable` when it can't be reached.
    """

    def __init__(self, url: str, me: str = "") -> None:
        self.url = url
        self.writer = Writer(url)
        self.me = me
        self._lock: FileLock | None = None

    async def open(self, *, alone: bool = False) -> None:
        """See that the database has the shape that is needed.

        SQLite gets it here; PostgreSQL by ``ringout-bot migrate``. *alone* keeps other
        processes off a SQLite file until `close`.

        Raises:
            SchemaBehind, StoreTaken: See `bot.errors`.
        """
        if self.writer.is_postgres:
            await self.writer.run(migrate.check)
            return
        file = self.writer.engine.url.database
        if alone and file:
            self._lock = FileLock(Path(file))
            self._lock.take()
        await self.writer.run(migrate.upgrade)

    async def migrate(self) -> tuple[str, str]:
        """Run the missing migrations; return the revision before and after."""
        return await self.writer.run(migrate.upgrade)

    def close(self) -> None:
        """Finish what is being written."""
        self.writer.close()
        if self._lock is not None:
            self._lock.release()

    async def add(self, call: Call, *, most: int, again: bool = False) -> Added:
        """Store the intent *call*, unless it is a repetition or one too many.

        *most*: calls a minute for this person. *again*: ring a number that their own
        open call already rings. Committed when this returns, so an ack may follow.
        """

        def work(connection: Connection) -> Added:
            _one_at_a_time(connection, call.place)
            same = _one(connection, calls.c.key == call.key)
            if same is not None:
                return Added(Verdict.REPEATED, same)
            mine = and_(
                calls.c.team == call.place.team, calls.c.user == call.place.user
            )
            if not again:
                number = calls.c.callee == call.callee.e164
                other = _one(connection, mine, number, RINGING)
                if other is not None:
                    return Added(Verdict.ALREADY_OPEN, other)
            lately = calls.c.asked_at > call.asked_at - ONE_MINUTE
            count = select(func.count()).select_from(calls).where(mine, lately)
            if (connection.scalar(count) or 0) >= most:
                return Added(Verdict.TOO_MANY, call)
            connection.execute(insert(calls).values(to_row(call)))
            _note(connection, call, call.asked_at, "asked")
            return Added(Verdict.NEW, call)

        place = call.place
        try:
            return await self.writer.run(work, f"add {place.team} {place.user}")
        except IntegrityError:  # another process stored the same command just now
            return Added(Verdict.REPEATED, call)

    async def claim(
        self, owner: str, now: datetime, lease: timedelta, most: int
    ) -> list[Call]:
        """Take up to *most* due calls; each is ours until *lease* has passed.

        A call stays with the process that holds it, so that its card has one editor,
        until that one hands it over or is taken for dead (`bot.storage.processes`).
        """
        due = and_(
            calls.c.state.in_(CLAIMED),
            calls.c.next_at <= now,
            calls.c.holder.in_(("", owner)),
        )
        some = (
            select(calls.c.id).where(due).order_by(calls.c.next_at).limit(most)
            .with_for_update(skip_locked=True)
        )  # fmt: skip

        def work(connection: Connection) -> list[Call]:
            ids = list(connection.scalars(some))
            if not ids:
                return []
            taken = (
                update(calls).where(calls.c.id.in_(ids))
                .values(
                    attempt=calls.c.attempt + 1, next_at=now + lease, holder=owner
                )
                .returning(calls)
            )  # fmt: skip
            return [from_row(row) for row in connection.execute(taken)]

        return await self.writer.run(work)

    async def change(
        self,
        call_id: str,
        decide: Callable[[Call], Call | None],
        now: datetime,
        note: str = "",
    ) -> Call | None:
        """Let *decide* turn the stored call into its next self; return that.

        None where *decide* returned None, where the call is unknown, or where one of
        its records already is another call's: then nothing was changed.
        """

        def work(connection: Connection) -> Call | None:
            old = _one(connection, calls.c.id == call_id, lock=True)
            new = decide(old) if old is not None else None
            if old is None or new is None or new == old:
                return new
            for record in set(new.records) - set(old.records):
                row = {"id": record, "call": call_id}
                connection.execute(insert(records).values(row))
            before, after = to_row(old), to_row(new)
            row = {name: after[name] for name in after if after[name] != before[name]}
            connection.execute(update(calls).where(calls.c.id == call_id).values(row))
            if note or new.state is not old.state:
                _note(connection, new, now, note)
            if new.holder not in ("", self.me) and new.next_at <= now + SOON:
                notify(connection, new.holder)
            return new

        try:
            return await self.writer.run(work, f"call {call_id}")
        except IntegrityError:
            return None

    async def resume(self, now: datetime) -> int:
        """Free the leases of a process that is gone; return how many calls are open.

        For SQLite, which one process at a time uses: whatever is open was a dead
        process's, and nothing of its is under way. Several processes have heartbeats.
        """

        def work(connection: Connection) -> int:
            left = calls.c.state.in_(UNTOLD)
            leased = or_(
                calls.c.state != State.RECORDING, calls.c.next_at > now + FAR_AHEAD
            )
            free = update(calls).where(left, leased, calls.c.next_at > now)
            connection.execute(free.values(next_at=now))
            connection.execute(update(calls).where(left).values(holder=""))
            count = select(func.count()).select_from(calls).where(left)
            return connection.scalar(count) or 0

        return await self.writer.run(work)

    async def is_due(self, state: State, now: datetime) -> bool:
        """Return whether any call in *state* is due."""
        query = select(calls.c.id).where(calls.c.state == state, calls.c.next_at <= now)
        found = await self.writer.run(
            lambda connection: connection.scalar(query.limit(1))
        )
        return found is not None

    async def get(self, call_id: str) -> Call | None:
        """Return a call by its id."""
        return await self.writer.run(
            lambda connection: _one(connection, calls.c.id == call_id)
        )

    async def in_state(self, *states: State) -> list[Call]:
        """Return the calls in *states*, the oldest first."""
        query = (
            select(calls).where(calls.c.state.in_(states)).order_by(calls.c.asked_at)
        )
        return await self.writer.run(
            lambda connection: [from_row(row) for row in connection.execute(query)]
        )

    async def counted(self, *states: State) -> int:
        """Return how many calls are in *states*."""
        query = select(func.count()).select_from(calls).where(calls.c.state.in_(states))
        return await self.writer.run(lambda connection: connection.scalar(query) or 0)

    async def adopted(self, ids: Iterable[str]) -> set[str]:
        """Return those of the call-log record *ids* that are some call's already."""
        query = select(records.c.id).where(records.c.id.in_(list(ids)))
        return await self.writer.run(lambda connection: set(connection.scalars(query)))

    async def ringout_ids(self, since: datetime) -> set[str]:
        """Return the RingOut ids of all calls sent since about *since*."""
        query = select(calls.c.ringout_id).where(
            calls.c.ringout_id != "", calls.c.sent_at >= since - CLOSE
        )
        return await self.writer.run(lambda connection: set(connection.scalars(query)))

    async def history(self, call_id: str) -> list[Event]:
        """Return a call's transitions, the oldest first."""
        query = select(events).where(events.c.call == call_id).order_by(events.c.n)
        return await self.writer.run(
            lambda connection: [
                Event(row.at, row.state, row.note) for row in connection.execute(query)
            ]
        )


def _one(
    connection: Connection, *conditions: object, lock: bool = False
) -> Call | None:
    query = select(calls).where(*conditions).limit(1)  # type: ignore[arg-type]
    if lock:
        query = query.with_for_update()
    row = connection.execute(query).first()
    return None if row is None else from_row(row)


def _note(connection: Connection, call: Call, at: datetime, note: str) -> None:
    row = {"call": call.id, "at": at, "state": call.state, "note": note[:200]}
    connection.execute(insert(events).values(row))


def _one_at_a_time(connection: Connection, place: Place) -> None:
    """Let a person's commands wait for one another, whichever process took them.

    Else two that come at once would not see each other's number. SQLite has one
    writer anyway.
    """
    if connection.dialect.name == "postgresql":
        statement = text("SELECT pg_advisory_xact_lock(hashtextextended(:who, 1))")
        connection.execute(statement, {"who": f"{place.team} {place.user}"})
