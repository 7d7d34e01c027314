"""Statements that every command and every poll needs, built once.

SQLAlchemy takes longer to build one than SQLite takes to execute it.
"""

from __future__ import annotations

from sqlalchemy import (
    Integer,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from bot.calls.call import State
from bot.storage.calls.tables import call_events, calls
from bot.storage.database.person_rows import of_bound_person

UNFINISHED = tuple(state for state in State if state is not State.DONE)
"""States in which something is still owed to the person."""

CLAIMABLE = tuple(each for each in UNFINISHED if each is not State.RECORDING)
"""One read of the call log serves all of an account's recording calls, so they are not
claimed one by one."""

SCHEDULED = (State.RECORDING, State.CLOSING)
"""States in which ``next_at`` is a fixed time, not the end of a lease: it stays the same
when another process takes the call over."""

OPEN_STATES = (State.REQUESTED, State.PLACING, State.FOLLOWING, State.RECORDING)

MAY_BE_RINGING = or_(
    calls.c.state.in_((State.REQUESTED, State.PLACING)),
    and_(calls.c.state == State.FOLLOWING, calls.c.terminal_at.is_(None)),
    and_(calls.c.state == State.RECORDING, calls.c.ringout_id == ""),
)
"""The call may still be going on: neither its status nor a 404 has said that it is over.
`Call.may_go_on` says the same."""

AWAITS_RECORD = or_(
    calls.c.state == State.RECORDING,
    and_(calls.c.state == State.FOLLOWING, calls.c.log_at.is_not(None)),
)
"""The call log is read for the call; it is due at `READ_AT`."""

READ_AT = case(
    (calls.c.state == State.FOLLOWING, calls.c.log_at), else_=calls.c.next_at
)

POST_IN_FLIGHT = or_(
    and_(calls.c.card_tried, calls.c.card_ts == ""),
    and_(calls.c.reply_tried, calls.c.reply_ts == ""),
)
"""A post to Slack was begun, and its result is not stored."""

SELECT_CALL = select(calls).where(calls.c.id == bindparam("id_"))
SELECT_CALL_BY_KEY = select(calls).where(calls.c.key == bindparam("key_"))
SELECT_CALL_FOR_UPDATE = SELECT_CALL.with_for_update()
OF_PERSON = of_bound_person(calls)

LOCK_KEYS = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(key, 1))"
    " FROM unnest(CAST(:keys AS text[])) AS key"
)
"""PostgreSQL: commands with a key in common, such as one person's, wait for each other in
all processes. Otherwise two that arrive together would not see each other's call. SQLite
has one writer anyway."""

INSERT_CALL = insert(calls)
INSERT_EVENT = insert(call_events)
UPDATE_CALL = update(calls).where(calls.c.id == bindparam("id_"))
UPDATE_UNCHANGED = update(calls).where(
    calls.c.id == bindparam("id_"),
    calls.c.state == bindparam("state_"),
    calls.c.attempt == bindparam("attempt_"),
    calls.c.next_at == bindparam("next_at_", type_=calls.c.next_at.type),
    calls.c.cancelled_at.is_not_distinct_from(
        bindparam("cancelled_at_", type_=calls.c.cancelled_at.type)
    ),
    calls.c.hung_up_at.is_not_distinct_from(
        bindparam("hung_up_at_", type_=calls.c.hung_up_at.type)
    ),
    calls.c.card_shown == bindparam("card_shown_"),
    calls.c.heard_at.is_not_distinct_from(
        bindparam("heard_at_", type_=calls.c.heard_at.type)
    ),
    calls.c.aftermath.is_not_distinct_from(
        bindparam("aftermath_", type_=calls.c.aftermath.type)
    ),
)
"""Everything that may change a call while another process works on it changes one of these:
a claim or a takeover the attempt, a click the state, ``cancelled_at`` or ``hung_up_at``, an
edit of the card what it shows, a pushed event ``heard_at``, what people write after it
``aftermath``."""

SELECT_DUE = (
    select(calls.c.id, calls.c.state, calls.c.next_at)
    .where(
        calls.c.state.in_(CLAIMABLE),
        calls.c.next_at <= bindparam("now_", type_=calls.c.next_at.type),
        calls.c.held_by.in_(("", bindparam("me_"))),
    )
    .order_by(calls.c.next_at)
    .limit(bindparam("most_", type_=Integer))
    .with_for_update(skip_locked=True)
)
READABLE = calls.c.id.not_in(bindparam("except_", expanding=True))
SELECT_NEXT_DUE = select(
    *(
        select(calls.c.next_at)
        .where(
            calls.c.state == state,
            calls.c.held_by.in_(("", bindparam("me_"))),
            READABLE,
        )
        .order_by(calls.c.next_at)
        .limit(1)
        .scalar_subquery()
        .label(state.value)
        for state in CLAIMABLE
    )
)
"""When the first call of each state is due; each is one step into the index."""

SELECT_IF_DUE = select(
    exists().where(
        calls.c.state.in_(UNFINISHED),
        calls.c.next_at <= bindparam("now_", type_=calls.c.next_at.type),
        calls.c.held_by.in_(("", bindparam("me_"))),
    )
)
SELECT_DUE_EXCEPT = SELECT_DUE.where(READABLE)
SELECT_DUE_BY_ACCOUNT = (
    select(calls.c.account, func.min(READ_AT).label("first"))
    .where(AWAITS_RECORD, READABLE)
    .group_by(calls.c.account)
    .order_by(func.min(READ_AT))
)
HAS_SESSION = or_(
    calls.c.session_id == bindparam("session_"),
    calls.c.ringout_id == bindparam("session_"),
)
SELECT_WITH_SESSION = select(calls).where(
    HAS_SESSION, calls.c.account == bindparam("account_")
)
"""The calls whose session's id is known, or may be the RingOut's."""

SELECT_MAY_HAVE_SESSION = select(calls).where(
    calls.c.account == bindparam("account_"),
    calls.c.state.in_(
        (State.PLACING, State.FOLLOWING, State.RECORDING, State.REPORTING)
    ),
    calls.c.sent_at >= bindparam("since_", type_=calls.c.sent_at.type),
    calls.c.session_id == "",
)
"""An account's calls whose session may be any."""

SELECT_AWAITING_RECORD = (
    select(calls)
    .where(AWAITS_RECORD, calls.c.account == bindparam("account_"))
    .order_by(calls.c.asked_at)
)
CLAIM = (
    update(calls)
    .where(calls.c.id.in_(bindparam("ids_", expanding=True)))
    .values(
        attempt=calls.c.attempt + 1,
        next_at=bindparam("until_", type_=calls.c.next_at.type),
        held_by=bindparam("me_"),
    )
    .returning(calls)
)
UNDO_CLAIM = (
    update(calls)
    .where(calls.c.id == bindparam("id_"))
    .values(
        attempt=calls.c.attempt - 1,
        next_at=bindparam("due_", type_=calls.c.next_at.type),
        held_by="",
    )
)
"""Undoes `CLAIM` in the same transaction; any process that can read the call may claim it."""

END_LEASES = (
    update(calls)
    .where(
        calls.c.held_by == bindparam("me_"),
        calls.c.state.in_(CLAIMABLE),
        calls.c.next_at == bindparam("until_", type_=calls.c.next_at.type),
    )
    .values(next_at=bindparam("now_", type_=calls.c.next_at.type))
)
