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
from bot.storage.calls.tables import call_events, calls
from bot.storage.database.person_rows import of_bound_person

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

POSTING = or_(
    and_(calls.c.card_tried, calls.c.card_ts == ""),
    and_(calls.c.reply_tried, calls.c.reply_ts == ""),
)
"""A post was begun, and nobody has noted what came of it."""

BY_ID = select(calls).where(calls.c.id == bindparam("id_"))
BY_ID_LOCKED = BY_ID.with_for_update()


MINE = of_bound_person(calls)

BEFORE_ADDING = select(
    select(calls.c.id)
    .where(calls.c.key == bindparam("key_"))
    .scalar_subquery()
    .label("same"),
    select(calls.c.id)
    .where(MINE, calls.c.callee == bindparam("callee_"), RINGING)
    .limit(1)
    .scalar_subquery()
    .label("ringing"),
    select(func.count())
    .select_from(calls)
    .where(MINE, calls.c.asked_at > bindparam("since_", type_=calls.c.asked_at.type))
    .scalar_subquery()
    .label("lately"),
)
"""Was this very command stored, does this person ring this number, how often lately?"""

ADD = insert(calls)
NOTE = insert(call_events)
CHANGE = update(calls).where(calls.c.id == bindparam("id_"))
CHANGE_AS_IT_WAS = update(calls).where(
    calls.c.id == bindparam("id_"),
    calls.c.state == bindparam("state_"),
    calls.c.attempt == bindparam("attempt_"),
    calls.c.next_at == bindparam("next_at_", type_=calls.c.next_at.type),
    calls.c.cancelled_at.is_not_distinct_from(
        bindparam("cancelled_at_", type_=calls.c.cancelled_at.type)
    ),
    calls.c.card_shown == bindparam("card_shown_"),
)
"""Whoever may touch a call that another one works on changes one of these: a claim and
a takeover the attempt, a click the state or the cancelling, a card what it shows."""

DUE = (
    select(calls.c.id, calls.c.state, calls.c.next_at)
    .where(
        calls.c.state.in_(CLAIMED),
        calls.c.next_at <= bindparam("now_", type_=calls.c.next_at.type),
        calls.c.held_by.in_(("", bindparam("me_"))),
    )
    .order_by(calls.c.next_at)
    .limit(bindparam("most_", type_=Integer))
    .with_for_update(skip_locked=True)
)
DUE_BUT = DUE.where(calls.c.id.not_in(bindparam("aside_", expanding=True)))
TAKE = (
    update(calls)
    .where(calls.c.id.in_(bindparam("ids_", expanding=True)))
    .values(
        attempt=calls.c.attempt + 1,
        next_at=bindparam("until_", type_=calls.c.next_at.type),
        held_by=bindparam("me_"),
    )
    .returning(calls)
)
DISCLAIM = (
    update(calls)
    .where(
        calls.c.held_by == bindparam("me_"),
        calls.c.state.in_(CLAIMED),
        calls.c.next_at == bindparam("until_", type_=calls.c.next_at.type),
    )
    .values(next_at=bindparam("now_", type_=calls.c.next_at.type))
)
LET_GO = (
    update(calls)
    .where(calls.c.id == bindparam("id_"))
    .values(
        attempt=calls.c.attempt - 1,
        next_at=bindparam("due_", type_=calls.c.next_at.type),
        held_by="",
    )
)
"""Undoes `TAKE` in its own transaction, and leaves the call to anybody who can read it."""
