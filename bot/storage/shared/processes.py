"""Who is alive: processes that share a PostgreSQL, their heartbeats, and their calls.

A process that has not been seen for `Takeover.dead` is taken for dead by whoever looks
first; its calls are then anybody's. It may merely be paused: every move of a call is a
compare-and-set on its attempt, so that what it still does once it wakes has no effect.

One that was killed leaves no session with PostgreSQL. Where that shows and a heartbeat
is missing, too, calls that are merely polled are freed at once; a cut connection looks
the same, so that what may ring a phone or post is not.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    text,
    update,
)

from bot.calls.call import State
from bot.storage.calls.statements import POST_IN_FLIGHT, SCHEDULED, UNFINISHED
from bot.storage.calls.tables import calls
from bot.storage.calls.takeover import USUAL_TAKEOVER, Takeover
from bot.storage.database.schema import Moment
from bot.storage.database.signals import name_of, notify
from bot.storage.database.writer import Writer
from bot.storage.shared.tables import processes

log = logging.getLogger(__name__)

ORPHANS_EVERY = 10
"""Heartbeats between looks for calls whose process is not even on the list."""

SESSIONS = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = :name")

SETTLING = or_(calls.c.state == State.PLACING, calls.c.state.in_(SCHEDULED))
"""Their time is by what was done or is awaited, whoever holds them."""


@dataclass(frozen=True, slots=True)
class Beat:
    """What a heartbeat learnt.

    Attributes:
        at: The database's clock, which is everybody's.
        alive: How many processes share the work, this one counted.
        lost: This process was taken for dead since its last heartbeat: its calls are
            others' by now.
        freed: How many calls of dead processes were freed.
    """

    at: datetime
    alive: int
    lost: bool
    freed: int


class Processes:
    """This process, *me*, among those that share the database of *writer*."""

    def __init__(
        self, writer: Writer, me: str, takeover: Takeover = USUAL_TAKEOVER
    ) -> None:
        self._writer = writer
        self._takeover = takeover
        self._me = me
        self._beats = 0
        self._joined = False

    async def now(self) -> datetime:
        """Return the database's clock."""
        return await self._writer.run(_now)

    async def beat(self) -> Beat:
        """Say that this process is alive; free the calls of those that are not."""
        orphans = self._beats % ORPHANS_EVERY == 0
        self._beats += 1
        joined = self._joined

        def work(connection: Connection) -> Beat:
            at = _now(connection)
            mine = processes.c.id == self._me
            before = select(processes.c.seen_at).where(mine).with_for_update()
            known = connection.scalar(before)
            if known is None:
                row = {"id": self._me, "started_at": at, "seen_at": at}
                connection.execute(insert(processes).values(row))
            else:
                connection.execute(update(processes).where(mine).values(seen_at=at))
            freed = _bury(connection, at, self._takeover, orphans=orphans)
            # Who missed a beat itself can't tell: the database may have been away.
            if known is not None and at - known < self._takeover.missed:
                freed += _relieve(connection, at, self._takeover)
            if freed:
                notify(connection, "")
            alive = connection.scalar(select(func.count()).select_from(processes)) or 1
            return Beat(at, alive, joined and known is None, freed)

        beat = await self._writer.run(work, f"process {self._me}")
        self._joined = True
        if beat.freed:
            log.warning("%d calls of a process that is gone are taken up", beat.freed)
        return beat

    async def hand_over(self, busy: Collection[str] = ()) -> bool:
        """Give every open call but *busy* to the other processes; False if none is.

        Then intents that were not sent stay ours, and will be told as not placed.
        """

        def work(connection: Connection) -> bool:
            at = _now(connection)
            lively = processes.c.seen_at >= at - self._takeover.dead
            others = select(processes.c.id).where(processes.c.id != self._me, lively)
            if connection.scalar(others.limit(1)) is None:
                return False
            mine = and_(calls.c.held_by == self._me, calls.c.id.not_in(list(busy)))
            unsent = and_(mine, calls.c.state == State.REQUESTED)
            # Another may send it, as long as it is in time.
            connection.execute(update(calls).where(unsent).values(taken_by=""))
            _free(connection, mine, at, self._takeover)
            notify(connection, "")
            return True

        return await self._writer.run(work, f"process {self._me}")

    async def leave(self) -> None:
        """Hand over what is left, and be gone, if it ever was there."""
        if not self._joined:
            return

        def work(connection: Connection) -> None:
            at = _now(connection)
            mine = delete(processes).where(processes.c.id == self._me)
            connection.execute(mine)
            _free(connection, calls.c.held_by == self._me, at, self._takeover)
            notify(connection, "")

        await self._writer.run(work, f"process {self._me}")


def _now(connection: Connection) -> datetime:
    if connection.dialect.name == "postgresql":
        clock = func.extract("epoch", func.clock_timestamp())
        return datetime.fromtimestamp(float(connection.scalar(select(clock)) or 0), UTC)
    return datetime.now(UTC)


def _bury(
    connection: Connection, at: datetime, takeover: Takeover, *, orphans: bool
) -> int:
    """Free the calls of processes that were not seen for long; return how many."""
    silent = (
        select(processes.c.id)
        .where(processes.c.seen_at < at - takeover.dead)
        .order_by(processes.c.id)
        .with_for_update(skip_locked=True)
    )
    dead = list(connection.scalars(silent))
    freed = 0
    if dead:
        connection.execute(delete(processes).where(processes.c.id.in_(dead)))
        freed = _free(connection, calls.c.held_by.in_(dead), at, takeover)
    if orphans:
        living = select(processes.c.id)
        lost = and_(calls.c.held_by != "", calls.c.held_by.not_in(living))
        freed += _free(connection, lost, at, takeover)
    return freed


def _relieve(connection: Connection, at: datetime, takeover: Takeover) -> int:
    """Free calls that are polled, of processes that seem to be gone; return how many."""
    if connection.dialect.name != "postgresql":
        return 0
    missing = select(processes.c.id).where(processes.c.seen_at < at - takeover.missed)
    gone = [
        each
        for each in connection.scalars(missing)
        if not connection.scalar(SESSIONS, {"name": name_of(each)})
    ]
    if not gone:
        return 0
    polled = and_(calls.c.state == State.FOLLOWING, not_(POST_IN_FLIGHT))
    return _free(connection, and_(polled, calls.c.held_by.in_(gone)), at, takeover)


def _free(
    connection: Connection,
    whose: ColumnElement[bool],
    at: datetime,
    takeover: Takeover,
) -> int:
    """Let anybody take those calls: at once where nothing of theirs is under way.

    A post may be: its intent was stored by now, or nobody stores it any more, and it
    leaves within `bot.follow.moves.POST_WITHIN` of that or not at all.
    """
    landed = literal(at + takeover.post_in_flight, Moment())
    due = case(
        (SETTLING, calls.c.next_at),
        (and_(POST_IN_FLIGHT, calls.c.next_at > landed), landed),
        (POST_IN_FLIGHT, calls.c.next_at),
        (calls.c.wait_until > at, calls.c.wait_until),
        else_=literal(at, Moment()),
    )
    some = (
        select(calls.c.id)
        .where(calls.c.state.in_(UNFINISHED), whose)
        .order_by(calls.c.id)
        .with_for_update()
    )
    free = {"held_by": "", "attempt": calls.c.attempt + 1, "next_at": due}
    changed = connection.execute(update(calls).where(calls.c.id.in_(some)).values(free))
    return changed.rowcount
