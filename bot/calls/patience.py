"""How long a call waits for what does not come: every wait has its end.

Three kinds of failure are told apart. RingCentral gives no answer (an outage, a sign-in
that it takes no more): the card says so after a while, and in the end only the call log
can tell. It answers, but not this (a limit, a 4xx). Or a step fails by a fault of ours:
counted apart, so that an outage never uses up what is meant for those.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.calls.call import Call, End, State, Why
from bot.calls.following import (
    LONGEST_CALL,
    LONGEST_GAP,
    TERMINAL_PATIENCE,
    Timing,
    ended,
    log_gap,
    lost,
    over,
)

SAY_AFTER = timedelta(minutes=3)
"""So long RingCentral may give no answer before the card says it: most outages are
shorter, and edits of cards are scarce."""

UNANSWERED_FOR = timedelta(hours=2)
"""So long a call's status is asked for in vain. Few talks last longer, so that by then
its record can be expected, and whoever waits for a word should get one the same day."""

REFUSALS = 5
"""So many refused status requests in a row mean that only the log can tell."""

MOST_FAULTS = 10
"""A step that fails this often by a fault of ours is not tried again; looking for a
record is, for as long as an outage of the log would be waited out."""

MOST_TELLINGS = 20
"""The same for telling a result, which is all that people wait for: with the pauses of
`faulted` between six hours, in which somebody may mend it."""

TELLING_GAP = timedelta(minutes=30)


def unanswered(call: Call, now: datetime, timing: Timing) -> Call:
    """Return *call* after a status request without an answer: later, and slower."""
    asked = _failed(call, now)
    left = _left(asked, now, timing)
    if left is not None:
        return left
    tries = call.tries + 1 if call.failing_since else 1
    wait = min(timing.poll * 2.0 ** min(tries, 10), LONGEST_GAP)
    return replace(asked, tries=tries, next_at=now + wait)


def put_off(call: Call, wait: timedelta, now: datetime, timing: Timing) -> Call:
    """Return *call* after a status request that RingCentral's limit did not admit."""
    left = _left(call, now, timing)
    return left or replace(call, next_at=min(now + wait, _latest(call)))


def status_refused(call: Call, now: datetime, timing: Timing) -> Call:
    """Return *call* after a 4xx other than 404: in the end only the log can tell."""
    tries = 1 if call.failing_since else call.tries + 1
    answered = replace(call, tries=tries, failing_since=None, silent_since=None)
    if tries >= REFUSALS:
        return over(answered, now, timing)
    wait = min(timing.poll * 2.0**tries, LONGEST_GAP)
    return replace(answered, next_at=now + wait)


def unread(call: Call, wait: timedelta, now: datetime, timing: Timing) -> Call:
    """Return *call* after a log read that failed: a failure shows nothing.

    RingCentral is given twice the limit to come back, so that an outage of its log
    does not turn known calls into unconfirmed ones.
    """
    asked = _failed(call, now)
    if is_overdue(call, now, timing):
        asked = replace(asked, silent_since=asked.failing_since)
        return ended(
            asked, End.LOST if call.is_lost else End.UNCONFIRMED, now, call.why
        )
    wait = max(wait, min(log_gap(call.tries + 1, timing), LONGEST_GAP))
    return replace(asked, tries=call.tries + 1, next_at=now + wait)


def is_overdue(call: Call, now: datetime, timing: Timing) -> bool:
    """Whether *call* has waited for its record as long as it may for an unread log."""
    return now - (call.ended_at or call.asked_at) >= timing.log_give_up * 2


def faulted(call: Call, now: datetime, timing: Timing) -> Call:
    """Return *call* after a step that failed by a fault of ours: later, in the end past."""
    telling = call.state in {State.REPORTING, State.CLOSING}
    faults = call.faults + 1
    looking = call.state is State.RECORDING and not is_overdue(call, now, timing)
    if faults >= (MOST_TELLINGS if telling else MOST_FAULTS) and not looking:
        return _given_up(call, now, timing)
    longest = TELLING_GAP if telling else LONGEST_GAP
    wait = min(timing.poll * 2.0 ** min(faults, 12), longest)
    return replace(call, faults=faults, next_at=now + wait)


def _given_up(call: Call, now: datetime, timing: Timing) -> Call:
    """Return *call* past a step that fails whatever we do: told, where it can be."""
    match call.state:
        case State.REQUESTED:
            return ended(call, End.NOT_PLACED, now, Why.TROUBLE)
        case State.PLACING:
            return lost(call, call.sent_at or now, now, timing)
        case State.FOLLOWING:
            return replace(over(call, now, timing), why=Why.TROUBLE)
        case State.RECORDING:
            end = End.LOST if call.is_lost else End.UNCONFIRMED
            return ended(call, end, now, Why.TROUBLE)
    return replace(call, state=State.DONE)


def _failed(call: Call, now: datetime) -> Call:
    """Note since when RingCentral gives no answer, and whether that is to be said."""
    since = call.failing_since or now
    said = call.silent_since or (since if now - since >= SAY_AFTER else None)
    return replace(call, failing_since=since, silent_since=said)


def _left(call: Call, now: datetime, timing: Timing) -> Call | None:
    """Return *call*, left to the log, once its status was asked for long enough."""
    if call.terminal_at and now - call.terminal_at >= TERMINAL_PATIENCE:
        return replace(over(call, now, timing), ended_at=call.terminal_at)
    silent = call.failing_since and now - call.failing_since >= UNANSWERED_FOR
    if silent or now >= _latest(call):
        return replace(over(call, now, timing), why=Why.UNREACHABLE)
    return None


def _latest(call: Call) -> datetime:
    return (call.sent_at or call.asked_at) + LONGEST_CALL
