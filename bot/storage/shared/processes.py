"""Which processes share a PostgreSQL are alive, and what becomes of a dead one's calls.

Each process writes heartbeats. One that has sent none for `Takeover.dead` is taken for
dead by the first process that looks, and its calls are released for others to claim. It
may only be paused: every change of a call is a compare-and-set on its attempt, so whatever
the paused process does when it wakes has no effect.

A killed process leaves no session with PostgreSQL. If its session is gone and a heartbeat
is missing, its calls that are only polled are released sooner. A lost connection looks the
same, so calls for which a phone may ring or a message may be posted are not. Behind a
connection pooler a living process may have no session, and a killed one may leave some:
only a process that has said in its last heartbeat that it has one is looked for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
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
from bot.storage.calls.statements import (
    POST_IN_FLIGHT,
    SCHEDULED,
    SELECT_IF_DUE,
    UNFINISHED,
)
from bot.storage.calls.tables import calls
from bot.storage.calls.takeover import USUAL_TAKEOVER, Takeover
from bot.storage.database.engine import name_of
from bot.storage.database.schema import Moment
from bot.storage.database.signals import notify
from bot.storage.database.writer import Writer
from bot.storage.shared.tables import processes

log = logging.getLogger(__name__)

ORPHANS_EVERY = 10
"""Every so many heartbeats, calls are looked for whose process has no row any more."""

COUNT_SESSIONS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = :name"
)

KEEPS_DUE_TIME = or_(calls.c.state == State.PLACING, calls.c.state.in_(SCHEDULED))
"""The call's ``next_at`` does not depend on who holds it."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a process learns when it sends a heartbeat.

    Attributes:
        at: The database's clock, which all processes use.
        alive: How many processes share the work, including this one.
        declared_dead: Others took this process for dead since its last heartbeat, and
            have its calls.
        released: How many calls of dead processes were released.
        has_due: Whether this process may take the next step of a call now. That is how it
            learns of a call whose signal was lost.
    """

    at: datetime
    alive: int
    declared_dead: bool
    released: int
    has_due: bool = False


class Processes:
    """This process, *me*, among those that share the database of *writer*.

    All methods raise `StoreUnavailable`.
    """

    def __init__(
        self,
        writer: Writer,
        me: str,
        takeover: Takeover = USUAL_TAKEOVER,
        *,
        has_session: Callable[[], bool] = lambda: False,
    ) -> None:
        self._has_session = has_session
        self._writer = writer
        self._takeover = takeover
        self._me = me
        self._beats = 0
        self._joined = False

    async def now(self) -> datetime:
        """Return the database's clock."""
        return await self._writer.run(_now)

    async def beat(self) -> Heartbeat:
        """Store that this process is alive; release the calls of those that are not."""
        orphans = self._beats % ORPHANS_EVERY == 0
        self._beats += 1
        joined, has_session = self._joined, self._has_session()

        def work(connection: Connection) -> Heartbeat:
            at = _now(connection)
            mine = processes.c.id == self._me
            # Others look here, which may not be where our session is.
            shown = has_session and _count_sessions(connection, self._me) > 0
            seen = {"seen_at": at, "has_session": shown}
            before = select(processes.c.seen_at).where(mine).with_for_update()
            known = connection.scalar(before)
            if known is None:
                row = {"id": self._me, "started_at": at, **seen}
                connection.execute(insert(processes).values(row))
            else:
                connection.execute(update(processes).where(mine).values(seen))
            released = _release_dead(connection, at, self._takeover, orphans=orphans)
            # If our own heartbeat was late, the database may have been away for all.
            if known is not None and at - known < self._takeover.missed:
                released += _release_killed(connection, at, self._takeover)
            if released:
                notify(connection, "")
            alive = connection.scalar(select(func.count()).select_from(processes)) or 1
            due = {"now_": at, "me_": self._me}
            has_due = bool(connection.scalar(SELECT_IF_DUE, due))
            return Heartbeat(at, alive, joined and known is None, released, has_due)

        beat = await self._writer.run(work, f"process {self._me}")
        self._joined = True
        if beat.released:
            log.warning("%d calls of a process that died are taken over", beat.released)
        return beat

    async def hand_over(self, busy: Collection[str] = ()) -> bool:
        """Release every unfinished call but *busy* for the other processes.

        Returns False and releases nothing if no other process is alive. Unsent intents
        then stay ours, and the next start reports them as not placed.
        """

        def work(connection: Connection) -> bool:
            at = _now(connection)
            alive = processes.c.seen_at >= at - self._takeover.dead
            others = select(processes.c.id).where(processes.c.id != self._me, alive)
            if connection.scalar(others.limit(1)) is None:
                return False
            mine = and_(calls.c.held_by == self._me, calls.c.id.not_in(list(busy)))
            unsent = and_(mine, calls.c.state == State.REQUESTED)
            # Without taken_by another process may send it, if it is not too late.
            connection.execute(update(calls).where(unsent).values(taken_by=""))
            _release(connection, mine, at, self._takeover)
            notify(connection, "")
            return True

        return await self._writer.run(work, f"process {self._me}")

    async def leave(self) -> None:
        """Deregister this process and release its calls, if it ever sent a heartbeat."""
        if not self._joined:
            return

        def work(connection: Connection) -> None:
            at = _now(connection)
            mine = delete(processes).where(processes.c.id == self._me)
            connection.execute(mine)
            _release(connection, calls.c.held_by == self._me, at, self._takeover)
            notify(connection, "")

        await self._writer.run(work, f"process {self._me}")


def _now(connection: Connection) -> datetime:
    if connection.dialect.name == "postgresql":
        clock = func.extract("epoch", func.clock_timestamp())
        return datetime.fromtimestamp(float(connection.scalar(select(clock)) or 0), UTC)
    return datetime.now(UTC)


def _count_sessions(connection: Connection, process: str) -> int:
    return connection.scalar(COUNT_SESSIONS, {"name": name_of(process)}) or 0


def _release_dead(
    connection: Connection, at: datetime, takeover: Takeover, *, orphans: bool
) -> int:
    """Deregister dead processes and release their calls; return how many calls."""
    silent = (
        select(processes.c.id)
        .where(processes.c.seen_at < at - takeover.dead)
        .order_by(processes.c.id)
        .with_for_update(skip_locked=True)
    )
    dead = list(connection.scalars(silent))
    released = 0
    if dead:
        connection.execute(delete(processes).where(processes.c.id.in_(dead)))
        released = _release(connection, calls.c.held_by.in_(dead), at, takeover)
    if orphans:
        registered = select(processes.c.id)
        orphaned = and_(calls.c.held_by != "", calls.c.held_by.not_in(registered))
        released += _release(connection, orphaned, at, takeover)
    return released


def _release_killed(connection: Connection, at: datetime, takeover: Takeover) -> int:
    """Release polled calls of processes whose sessions are gone; return how many."""
    if connection.dialect.name != "postgresql":
        return 0
    late = select(processes.c.id).where(
        processes.c.seen_at < at - takeover.missed, processes.c.has_session
    )
    killed = [
        each
        for each in connection.scalars(late)
        if not _count_sessions(connection, each)
    ]
    if not killed:
        return 0
    polled = and_(calls.c.state == State.FOLLOWING, not_(POST_IN_FLIGHT))
    theirs = and_(polled, calls.c.held_by.in_(killed))
    return _release(connection, theirs, at, takeover)


def _release(
    connection: Connection,
    which: ColumnElement[bool],
    at: datetime,
    takeover: Takeover,
) -> int:
    """Let any process claim those calls, at once unless a post is in flight.

    A post leaves within `bot.follow.moves.POST_WITHIN` of storing that it is tried, or not
    at all; a process that lost its calls can store no more such tries.
    """
    landed = literal(at + takeover.post_in_flight, Moment())
    due = case(
        (KEEPS_DUE_TIME, calls.c.next_at),
        (and_(POST_IN_FLIGHT, calls.c.next_at > landed), landed),
        (POST_IN_FLIGHT, calls.c.next_at),
        (calls.c.wait_until > at, calls.c.wait_until),
        else_=literal(at, Moment()),
    )
    some = (
        select(calls.c.id)
        .where(calls.c.state.in_(UNFINISHED), which)
        .order_by(calls.c.id)
        .with_for_update()
    )
    free = {"held_by": "", "attempt": calls.c.attempt + 1, "next_at": due}
    changed = connection.execute(update(calls).where(calls.c.id.in_(some)).values(free))
    return changed.rowcount
