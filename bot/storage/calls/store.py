"""Calls, kept: added once, claimed by lease, changed by pure functions.

Every move is a read-modify-write in one transaction of the one writer: a function
gets the row as it is, checks that it is still the one it meant (state, attempt), and
returns the row as it shall be, or None to leave it. Sources of the design: leases by
``FOR UPDATE SKIP LOCKED`` (PostgreSQL docs, SELECT, "The Locking Clause").
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, func, insert, not_, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.calls.call import Call, State
from bot.calls.telling import Added, Verdict
from bot.storage.calls.lists import Lists
from bot.storage.calls.statements import (
    ADD,
    BEFORE_ADDING,
    BY_ID,
    BY_ID_LOCKED,
    CHANGE,
    CHANGE_AS_IT_WAS,
    DISCLAIM,
    DUE,
    DUE_BUT,
    LET_GO,
    NOTE,
    POSTING,
    TAKE,
    TIMED,
    UNTOLD,
)
from bot.storage.calls.tables import call_events, call_records, calls, changes, to_row
from bot.storage.calls.takeover import USUAL_TAKEOVER, Takeover
from bot.storage.calls.unreadable import Aside
from bot.storage.database import migrate
from bot.storage.database.jobs import Later
from bot.storage.database.lock import FileLock, one_at_a_time
from bot.storage.database.person_rows import bound
from bot.storage.database.signals import notify
from bot.storage.database.writer import Writer
from bot.telemetry.measures import Measures

ONE_MINUTE = timedelta(minutes=1)

FAR_AHEAD = timedelta(minutes=2)
"""No call is due later than this by a clock that is right."""

WAKE_AHEAD = timedelta(seconds=2)
"""Another process is woken for a call that is due within so long."""


class Store(Lists):
    """The calls in the database behind *url*; *me* is this process's id.

    All methods raise `bot.errors.StoreUnavailable` when it can't be reached.
    """

    def __init__(
        self,
        url: str,
        me: str = "",
        measures: Measures | None = None,
        takeover: Takeover = USUAL_TAKEOVER,
    ) -> None:
        self.url = url
        self.takeover = takeover
        self._measures = measures or Measures()
        self.writer = Writer(url, self._measures, me)
        self.aside = Aside(self._measures)
        self.me = me
        self._lock: FileLock | None = None

    async def open(self, *, alone: bool = False) -> None:
        """See that the database has the shape that is needed.

        SQLite gets it here; PostgreSQL by ``ringout-bot migrate``. *alone* keeps other
        processes off a SQLite file until `close`.

        Raises:
            DevelopmentDatabase, SchemaBehind, StoreTaken: See `bot.errors`.
        """
        if self.writer.is_postgres:
            await self.writer.run(migrate.check)
            return
        if self._file is not None:
            migrate.refuse_development(self._file)
            if alone:
                self._lock = FileLock(self._file)
                self._lock.take()
        await self.writer.run(migrate.upgrade)

    async def migrate(self) -> tuple[str, str]:
        """Run the revisions that are missing; return the revision before and after.

        Raises:
            DevelopmentDatabase: See `bot.errors`.
        """
        if self._file is not None:
            migrate.refuse_development(self._file)
        return await self.writer.run(migrate.upgrade)

    @property
    def _file(self) -> Path | None:
        """The SQLite file; None with PostgreSQL."""
        name = self.writer.engine.url.database
        return Path(name) if name and not self.writer.is_postgres else None

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
        whose = call.place.person
        asked = bound(whose) | {
            "key_": call.key,
            "callee_": call.callee.e164,
            "since_": call.asked_at - ONE_MINUTE,
        }

        def work(connection: Connection) -> Added | Later:
            one_at_a_time(connection, whose)
            found = connection.execute(BEFORE_ADDING, asked).one()
            known = found.same or (None if again else found.ringing)
            if known is not None:
                verdict = Verdict.REPEATED if found.same else Verdict.ALREADY_OPEN
                other = self._first(connection, BY_ID, id_=known)
                ours = other is not None and other.place.person == whose
                return Added(verdict, other if other and ours else call)
            if found.lately >= most:
                return Added(Verdict.TOO_MANY, call)
            rows = [(ADD, to_row(call)), (NOTE, _noted(call, call.asked_at, "asked"))]
            return Later(Added(Verdict.NEW, call), rows)

        try:
            return await self.writer.run(work, f"add {whose}")
        except IntegrityError:  # another process stored the same command just now
            return Added(Verdict.REPEATED, call)

    async def claim(
        self, owner: str, now: datetime, lease: timedelta, most: int
    ) -> list[Call]:
        """Take up to *most* due calls; each is ours until *lease* has passed.

        A call stays with the process that holds it, so that its card has one editor,
        until that one hands it over or is taken for dead (`bot.storage.shared.processes`). One
        that can't be read is let go at once, and not claimed again for a good while.
        """

        def work(connection: Connection) -> list[Call]:
            values = {"now_": now, "me_": owner, "most_": most}
            if aside := self.aside.ids():
                rows = connection.execute(DUE_BUT, values | {"aside_": aside}).all()
            else:
                rows = connection.execute(DUE, values).all()
            late[:] = [now - r.next_at for r in rows if r.state == State.FOLLOWING]
            if not rows:
                return []
            lent = {"until_": now + lease, "me_": owner, "ids_": [r.id for r in rows]}
            due = {row.id: row.next_at for row in rows}
            taken = self.aside.read(connection.execute(TAKE, lent).all(), due)
            read = {call.id for call in taken}
            for row in rows:
                if row.id not in read:
                    again = {"id_": row.id, "due_": row.next_at}
                    connection.execute(LET_GO, again)
            return taken

        late: list[timedelta] = []
        claimed = await self.writer.run(work)
        self._measures.polls_began(late)
        return claimed

    async def disclaim(self, owner: str, until: datetime, now: datetime) -> None:
        """Let what *owner* has claimed until that very moment be claimed again."""
        taken = {"until_": until, "me_": owner, "now_": now}
        await self.writer.run(lambda connection: connection.execute(DISCLAIM, taken))

    async def change(
        self,
        call_id: str,
        decide: Callable[[Call], Call | None],
        now: datetime,
        note: str = "",
    ) -> Call | None:
        """Let *decide* turn the stored call into its next self; return that.

        None where *decide* returned None, where the call is unknown or can't be read,
        or where one of its records already is another call's: nothing was changed.
        """

        def work(connection: Connection) -> Call | None:
            old = self._first(connection, BY_ID_LOCKED, id_=call_id)
            new = decide(old) if old is not None else None
            if old is None or new is None or new == old:
                return new
            for record in set(new.records) - set(old.records):
                row = {"id": record, "call": call_id}
                connection.execute(insert(call_records).values(row))
            connection.execute(CHANGE, {"id_": call_id, **changes(old, new)})
            if note or new.state is not old.state:
                _note(connection, new, now, note)
            if new.held_by not in ("", self.me) and new.next_at <= now + WAKE_AHEAD:
                notify(connection, new.held_by)
            made[:] = [(old, new, _told_from(connection, old, new, now))]
            return new

        made: list[tuple[Call, Call, timedelta | None]] = []
        try:
            changed = await self.writer.run(work, f"call {call_id}")
        except IntegrityError:
            return None
        self._measures.moved(made)
        return changed

    async def put(self, old: Call, new: Call) -> bool:
        """Store *new* if the row still is *old*; say whether it was.

        One statement, shared with others of its kind: for what is no transition of
        the call, such as most polls. What is more than that is `change`'s.
        """
        as_it_was = {
            "id_": old.id,
            "state_": old.state,
            "attempt_": old.attempt,
            "next_at_": old.next_at,
            "cancelled_at_": old.cancelled_at,
            "card_shown_": old.card_shown,
        }
        row = as_it_was | changes(old, new)
        return await self.writer.run_alike(CHANGE_AS_IT_WAS, row, f"call {old.id}")

    async def resume(self, now: datetime) -> int:
        """Free the leases of a process that is gone; return how many calls are open.

        For SQLite, which one process at a time uses: whatever is open was a dead
        process's, and only a post of its may be under way. Several have heartbeats.
        """

        def work(connection: Connection) -> int:
            left = calls.c.state.in_(UNTOLD)
            in_flight = self.takeover.post_in_flight
            leased = or_(calls.c.state.not_in(TIMED), calls.c.next_at > now + FAR_AHEAD)
            for posting, due in ((not_(POSTING), now), (POSTING, now + in_flight)):
                late = calls.c.next_at > due
                free = update(calls).where(left, leased, posting, late)
                connection.execute(free.values(next_at=due))
            connection.execute(update(calls).where(left).values(held_by=""))
            count = select(func.count()).select_from(calls).where(left)
            return connection.scalar(count) or 0

        return await self.writer.run(work)

    async def get(self, call_id: str) -> Call | None:
        """Return a call by its id; None where there is none, or none that can be read."""
        return await self.writer.run(
            lambda connection: self._first(connection, BY_ID, id_=call_id)
        )

    def _first(
        self, connection: Connection, query: Select[Any], **values: object
    ) -> Call | None:
        row = connection.execute(query, values).first()
        return None if row is None else self.aside.one(row)


def _note(connection: Connection, call: Call, at: datetime, note: str) -> None:
    connection.execute(NOTE, _noted(call, at, note))


def _noted(call: Call, at: datetime, note: str) -> dict[str, object]:
    return {"call": call.id, "at": at, "state": call.state, "note": note[:200]}


def _told_from(
    connection: Connection, old: Call, new: Call, now: datetime
) -> timedelta | None:
    """Return how long the reply took that was posted just now, from the known end."""
    if old.reply_ts or not new.reply_ts:
        return None
    known = select(func.min(call_events.c.at)).where(
        call_events.c.call == new.id, call_events.c.state == State.REPORTING
    )
    since = connection.scalar(known)
    return None if since is None else now - since
