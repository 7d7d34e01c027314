"""Takes calls for a process by lease, and frees those of a process that is gone.

Leases use ``FOR UPDATE SKIP LOCKED`` (PostgreSQL docs, SELECT, "The Locking Clause").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, not_, or_, select, update

from bot.calls.call import Call, State
from bot.policy.workspace import WorkspaceId
from bot.storage.calls.statements import (
    CLAIM,
    POST_IN_FLIGHT,
    SCHEDULED,
    SELECT_DUE,
    SELECT_DUE_EXCEPT,
    SELECT_NEXT_DUE,
    UNDO_CLAIM,
    UNFINISHED,
)
from bot.storage.calls.tables import calls
from bot.storage.calls.unreadable import UnreadableRows
from bot.storage.database.signals import notify

LATEST_SCHEDULE = timedelta(minutes=2)
"""No `SCHEDULED` call is due later than this, unless a clock was wrong."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a claim has taken.

    Attributes:
        next_at: When the first of the other calls is due that the process may claim, or
            the first lease ends; None if there is none.
        late: How late each of those that are followed was claimed.
    """

    calls: list[Call]
    next_at: datetime | None
    late: Sequence[timedelta] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A process's claim of up to *most* due calls; see `bot.storage.calls.store.Store.claim`."""

    me: str
    now: datetime
    lease: timedelta
    most: int


def claim_due(
    connection: Connection, unreadable: UnreadableRows, claim: Claim
) -> Claimed:
    """Claim due calls; one that can't be read is released at once, and skipped."""
    due = _due(connection, unreadable, claim)
    late = [claim.now - r.next_at for r in due if r.state == State.FOLLOWING]
    taken = _taken(connection, unreadable, claim, due) if due else []
    if len(due) == claim.most:
        return Claimed(taken, claim.now, late)
    later = {"me_": claim.me, "except_": unreadable.skipped()}
    firsts = connection.execute(SELECT_NEXT_DUE, later).one()
    return Claimed(taken, min(filter(None, firsts), default=None), late)


def _due(
    connection: Connection, unreadable: UnreadableRows, claim: Claim
) -> Sequence[Row[Any, Any, Any]]:
    values = {"now_": claim.now, "me_": claim.me, "most_": claim.most}
    skipped = unreadable.skipped()
    if skipped:
        return connection.execute(
            SELECT_DUE_EXCEPT, values | {"except_": skipped}
        ).all()
    return connection.execute(SELECT_DUE, values).all()


def _taken(
    connection: Connection,
    unreadable: UnreadableRows,
    claim: Claim,
    rows: Sequence[Row[Any, Any, Any]],
) -> list[Call]:
    due = {row.id: row.next_at for row in rows}
    until = claim.now + claim.lease
    leased = {"until_": until, "me_": claim.me, "ids_": list(due)}
    taken = connection.execute(CLAIM, leased).all()
    claimed = unreadable.calls_in(taken, due)
    for unread in due.keys() - {call.id for call in claimed}:
        undone = {"id_": unread, "due_": due[unread]}
        connection.execute(UNDO_CLAIM, undone)
    return claimed


def free_all(connection: Connection, now: datetime, post_in_flight: timedelta) -> int:
    """Free all leases; return how many calls are unfinished.

    A call whose POST may still be in flight is due after *post_in_flight*.
    """
    left = calls.c.state.in_(UNFINISHED)
    leased = or_(
        calls.c.state.not_in(SCHEDULED), calls.c.next_at > now + LATEST_SCHEDULE
    )
    posting, landed = POST_IN_FLIGHT, now + post_in_flight
    for which, due in ((not_(posting), now), (posting, landed)):
        late = calls.c.next_at > due
        free = update(calls).where(left, leased, which, late)
        connection.execute(free.values(next_at=due))
    connection.execute(update(calls).where(left).values(held_by=""))
    count = select(func.count()).select_from(calls).where(left)
    return connection.scalar(count) or 0


def make_due(connection: Connection, account: str, now: datetime) -> int:
    """Make an account's calls due whose status is polled; return how many, and wake all.

    A call whose status is being asked for just now is asked for once more.
    """
    waiting = update(calls).where(
        calls.c.account == account,
        calls.c.state == State.FOLLOWING,
        or_(calls.c.next_at > now, calls.c.poll_at > now),
    )
    soon = {"next_at": now, "poll_at": None}
    made = connection.execute(waiting.values(soon)).rowcount
    if made:
        notify(connection, "")
    return made


def make_waiting_due(
    connection: Connection, where: WorkspaceId, now: datetime
) -> Sequence[Row[Any]]:
    """Make a workspace's calls due that wait to be placed; return them, and wake all.

    A call that is being placed just now is looked at once more.
    """
    waiting = update(calls).where(
        calls.c.enterprise == where.enterprise,
        calls.c.team == where.team,
        calls.c.state == State.REQUESTED,
        calls.c.limited_at.is_not(None),
        calls.c.next_at > now,
    )
    made = connection.execute(waiting.values(next_at=now).returning(calls)).all()
    if made:
        notify(connection, "")
    return made
