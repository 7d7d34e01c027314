"""How long a call waits for an answer that does not come: every wait has an end.

Three kinds of failure are told apart:

* RingCentral does not answer (an outage, an expired sign-in). The card says so after a
  while, and in the end only the call log can tell what happened.
* RingCentral answers, but with a limit or a 4xx.
* A step fails because of a bug of ours. These have their own count, so that an outage
  does not use up their tries.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.calls.call import Call, End, State, Why
from bot.calls.following import (
    LONGEST_CALL,
    TERMINAL_PATIENCE,
    ended,
    lost,
    over,
)
from bot.calls.log_schedule import LONGEST_GAP, doubled
from bot.calls.timing import Timing

MOST_REFUSALS = 5
"""After so many refused status requests in a row, only the log can tell."""

MOST_FAULTS = 10
"""How often a step may fail because of a bug of ours. Looking for a record may fail more
often, until the call `is_overdue`."""

MOST_TELLINGS = 20
"""The same for reporting a result, which people wait for. With the pauses of `faulted`
that takes six hours, in which the operator can fix the bug."""

TELLING_GAP = timedelta(minutes=30)


def unanswered(call: Call, now: datetime, timing: Timing) -> Call:
    """Return *call* after a status request without an answer; the pauses grow."""
    asked = _failed(call, now, timing)
    left = _left(asked, now, timing)
    if left is not None:
        return left
    tries = call.tries + 1 if call.failing_since else 1
    wait = min(timing.poll * 2.0 ** min(tries, 10), LONGEST_GAP)
    return replace(asked, tries=tries, next_at=now + wait)


def put_off(call: Call, wait: timedelta, now: datetime, timing: Timing) -> Call:
    """Return *call* after a status request that met RingCentral's rate limit."""
    left = _left(call, now, timing)
    return left or replace(call, next_at=min(now + wait, _latest(call)))


def status_refused(call: Call, now: datetime, timing: Timing) -> Call:
    """Return *call* after a 4xx other than 404; after some of them, look at the log."""
    tries = 1 if call.failing_since else call.tries + 1
    answered = replace(call, tries=tries, failing_since=None, silent_since=None)
    if tries >= MOST_REFUSALS:
        return over(answered, now, timing)
    wait = min(timing.poll * 2.0**tries, LONGEST_GAP)
    return replace(answered, next_at=now + wait)


def unread(call: Call, wait: timedelta, now: datetime, timing: Timing) -> Call:
    """Return *call* after a read of the log that failed, which proves nothing.

    The wait is twice as long as for a record that the log does not show, so that an
    outage of the log does not turn calls into unconfirmed ones. A call whose status is
    still polled only has its next read put off.
    """
    if call.state is State.FOLLOWING:
        return replace(call, log_at=now + max(wait, timing.log_unit))
    asked = _failed(call, now, timing)
    if is_overdue(call, now, timing):
        asked = replace(asked, silent_since=asked.failing_since)
        return ended(
            asked, End.LOST if call.is_lost else End.UNCONFIRMED, now, call.why
        )
    wait = max(wait, doubled(call.tries + 1, timing))
    return replace(asked, tries=call.tries + 1, next_at=now + wait)


def is_overdue(call: Call, now: datetime, timing: Timing) -> bool:
    """Whether *call* has waited for its record as long as an unreadable log allows."""
    if call.state is State.FOLLOWING:
        return False
    return now - (call.ended_at or call.asked_at) >= timing.log_give_up * 2


def faulted(call: Call, now: datetime, timing: Timing) -> Call:
    """Return *call* after a bug of ours in a step: tried again later, then given up."""
    telling = call.state in {State.REPORTING, State.CLOSING}
    faults = call.faults + 1
    looking = call.state is State.RECORDING and not is_overdue(call, now, timing)
    if faults >= (MOST_TELLINGS if telling else MOST_FAULTS) and not looking:
        return _given_up(call, now, timing)
    longest = TELLING_GAP if telling else LONGEST_GAP
    wait = min(timing.poll * 2.0 ** min(faults, 12), longest)
    return replace(call, faults=faults, next_at=now + wait)


def log_faulted(call: Call, now: datetime, timing: Timing) -> Call:
    """Return *call* after a bug of ours in reading its log.

    It neither ends the polling of a status nor counts against it.
    """
    if call.state is State.FOLLOWING:
        return replace(call, log_at=now + timing.log_unit)
    return faulted(call, now, timing)


def _given_up(call: Call, now: datetime, timing: Timing) -> Call:
    """Return *call* in a later state, past the step that keeps failing."""
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


def _failed(call: Call, now: datetime, timing: Timing) -> Call:
    """Note when RingCentral stopped answering, and whether the card should say so."""
    since = call.failing_since or now
    is_long = now - since >= timing.waits.silent
    said = call.silent_since or (since if is_long else None)
    return replace(call, failing_since=since, silent_since=said)


def _left(call: Call, now: datetime, timing: Timing) -> Call | None:
    """Return *call* as over if its status has been polled long enough, else None."""
    if call.terminal_at and now - call.terminal_at >= TERMINAL_PATIENCE:
        return replace(over(call, now, timing), ended_at=call.terminal_at)
    since = call.failing_since
    silent = since is not None and now - since >= timing.waits.unanswered
    if silent or now >= _latest(call):
        return replace(over(call, now, timing), why=Why.UNREACHABLE)
    return None


def _latest(call: Call) -> datetime:
    return (call.sent_at or call.asked_at) + LONGEST_CALL
