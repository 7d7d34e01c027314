"""Statements that every command and every poll needs, made once.

SQLAlchemy takes longer to put one together than SQLite to execute it.
"""

from __future__ import annotations

from sqlalchemy import (
    Integer,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from bot.calls.call import State
from bot.storage.schema import calls, events

OPEN = (State.REQUESTED, State.PLACING, State.FOLLOWING, State.RECORDING)
UNTOLD = (*OPEN, State.REPORTING, State.CLOSING)
CLAIMED = tuple(each for each in UNTOLD if each is not State.RECORDING)
"""Recording calls are served set-wise, one log read for all, so nobody claims one."""

TIMED = (State.RECORDING, State.CLOSING)
"""They wait for a moment that has nothing to do with who waits for it."""

RINGING = or_(
    calls.c.state.in_((State.REQUESTED, State.PLACING)),
    and_(calls.c.state == State.FOLLOWING, calls.c.terminal_at.is_(None)),
    and_(calls.c.state == State.RECORDING, calls.c.ringout_id == ""),
)
"""Such a call may still be going on: not where its status or its 404 says it is over."""

BY_ID = select(calls).where(calls.c.id == bindparam("id_"))
BY_ID_LOCKED = BY_ID.with_for_update()
BY_KEY = select(calls).where(calls.c.key == bindparam("key_"))
MINE = and_(calls.c.team == bindparam("team_"), calls.c.user == bindparam("user_"))
SAME_NUMBER = (
    select(calls).where(MINE, calls.c.callee == bindparam("callee_"), RINGING).limit(1)
)
LATELY = (
    select(func.count())
    .select_from(calls)
    .where(MINE, calls.c.asked_at > bindparam("since_", type_=calls.c.asked_at.type))
)
ADD = insert(calls)
NOTE = insert(events)
CHANGE = update(calls).where(calls.c.id == bindparam("id_"))
DUE = (
    select(calls.c.id, calls.c.state, calls.c.next_at)
    .where(
        calls.c.state.in_(CLAIMED),
        calls.c.next_at <= bindparam("now_", type_=calls.c.next_at.type),
        calls.c.holder.in_(("", bindparam("me_"))),
    )
    .order_by(calls.c.next_at)
    .limit(bindparam("most_", type_=Integer))
    .with_for_update(skip_locked=True)
)
TAKE = (
    update(calls)
    .where(calls.c.id.in_(bindparam("ids_", expanding=True)))
    .values(
        attempt=calls.c.attempt + 1,
        next_at=bindparam("until_", type_=calls.c.next_at.type),
        holder=bindparam("me_"),
    )
    .returning(calls)
)
