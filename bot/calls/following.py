"""What becomes of a call next: every decision, without carrying it out.

    requested --(card posted, budget free)--> placing
    requested --(limit)--> requested, later   --(60 s)--> not placed
    requested --(process died, too late, canceled)------> not placed
    placing   --(200)--> following            --(4xx)---> refused
    placing   --(429)--> requested            --(answer lost)--> recording
    following --(still ringing or talking)--> following
    following --(404, NoSessionFound)-------> recording
    following --(no answer for two hours)---> recording
    following --(over, record found and final) reporting
    recording --(record found and final)----> reporting
    recording --(not there yet)-------------> recording
    recording --(waited long enough)--------> reporting, unconfirmed
    reporting --(reply and card shown)------> done, or closing if an edit was lost
    closing   --(card shown once more)------> done
    done      --(an outcome, a note)--------> closing, see `bot.calls.after_call`

Each function takes a call, what happened and the time, and returns the call to store.
`bot.calls.patience` decides how long to wait for answers that do not come, and the
modules of `bot.follow` carry the decisions out. docs/how-it-works.md has the same
picture.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.calls import live_status
from bot.calls.call import Call, End, Refusal, State, Status, Why
from bot.calls.hanging_up import still_hanging_up
from bot.calls.lag import UNKNOWN, Lag
from bot.calls.listening import disagrees, heard_last, is_left, needs_polls
from bot.calls.live_view import last_alive, talk_began
from bot.calls.log.outcome import Outcome
from bot.calls.log_schedule import LONGEST_GAP, counts, first_read, log_gap
from bot.calls.people.names import Name
from bot.calls.timing import Timing

SEND_WITHIN = timedelta(seconds=15)
"""An intent older than this is not sent: the person no longer expects a ring."""

LIMIT_PATIENCE = timedelta(seconds=60)
"""How long a call waits for RingCentral's rate limit, whose penalty is 60 s by default
(RingCentral developer guide, "Rate Limits")."""

TERMINAL_PATIENCE = timedelta(seconds=60)
"""How long a call whose status says that it is over is still polled for its 404."""

ON_TIME = timedelta(0)
LONGEST_CALL = timedelta(hours=12)

LEAST_READS = 2
"""Reads of the log that must have shown no record of a call before it is given up."""

RARE_POLL_FACTOR = 5
"""How many times the usual interval lies between two polls that hardly bring news."""

EARLY_404S = 3
"""After so many 404s without a single 200, no status is expected any more."""


def ended(call: Call, end: End, now: datetime, why: Why | None = None) -> Call:
    """Return *call* as ended: all that is left is to report it."""
    return replace(
        call,
        state=State.REPORTING,
        end=end,
        why=why,
        next_at=now,
        tries=0,
        faults=0,
        wait_until=None,
        log_at=None,
    )


def signed_out(call: Call, now: datetime) -> Call:
    """Return *call* as ended with an unknown result: its account's sign-in has ended."""
    end = End.LOST if call.is_lost else End.UNCONFIRMED
    ended_at = call.ended_at or now
    return replace(ended(call, end, now, Why.LOGIN), ended_at=ended_at)


def limited(call: Call, wait: timedelta, now: datetime) -> Call:
    """Return *call* to be tried again after *wait*, or not placed if a minute is over.

    Only for a call that was certainly not executed (429, or not sent at all).
    """
    since = call.limited_at or now
    if now + wait > since + LIMIT_PATIENCE + timedelta(seconds=1):
        return ended(
            replace(call, sent_at=None, limited_at=since),
            End.NOT_PLACED,
            now,
            Why.LIMIT,
        )
    until = now + wait
    return replace(
        call,
        state=State.REQUESTED,
        sent_at=None,
        limited_at=since,
        wait_until=until,
        next_at=until,
    )


def may_send(call: Call, me: str, now: datetime) -> Why | None:
    """Return why the process *me* must not send *call*, or None if it may."""
    if call.taken_by not in ("", me):
        return Why.RESTART
    if call.limited_at is None and now - call.asked_at > SEND_WITHIN:
        return Why.LATE
    if call.limited_at and now - call.limited_at > LIMIT_PATIENCE + SEND_WITHIN:
        return Why.LATE
    return None


def sending(call: Call, now: datetime, timing: Timing) -> Call:
    """Return *call* as it has to be stored before POST ring-out is sent."""
    return replace(
        call,
        state=State.PLACING,
        sent_at=now,
        next_at=now + timing.waits.answer_lost,
        tries=0,
        faults=0,
        wait_until=None,
    )


def placed(
    call: Call,
    ringout_id: str,
    status: Status,
    at: datetime,
    now: datetime,
    timing: Timing,
    *,
    is_controllable: bool = False,
) -> Call:
    """Return *call* after RingCentral accepted it, at *at* by RingCentral's clock.

    *is_controllable*: the app has the permission to hang it up.
    """
    return replace(
        call,
        state=State.FOLLOWING,
        ringout_id=ringout_id,
        status=status,
        placed_at=at,
        is_controllable=is_controllable,
        changed_at=now,
        next_at=now + timing.poll,
        tries=0,
        faults=0,
    )


def refused(call: Call, refusal: Refusal, now: datetime) -> Call:
    """Return *call* after a 4xx to its POST: nothing rang."""
    return replace(ended(call, End.REFUSED, now), refusal=refusal)


def lost(call: Call, at: datetime, now: datetime, timing: Timing) -> Call:
    """Return *call* after the answer to its POST was lost: look for it in the log."""
    return replace(
        call,
        state=State.RECORDING,
        placed_at=call.placed_at or at,
        ended_at=now,
        next_at=now + timing.log_unit,
        tries=0,
        faults=0,
    )


def after_status(
    call: Call,
    status: Status,
    now: datetime,
    timing: Timing,
    stretch: timedelta,
    late: timedelta = ON_TIME,
    asked: datetime | None = None,
    lag: Lag = UNKNOWN,
    pause: timedelta | None = None,
) -> Call:
    """Return *call* after a poll; *stretch* is the least interval in the rate budget.

    *pause* is the interval while the account's pushed events flow, None if they don't.
    *late* is how long after its due time the poll was made. The next poll is due earlier
    by that; otherwise calls that were delayed together would always be polled together.
    *asked* is when the request was sent, which the status is at least as new as.
    Once the status says that the call is over, the log is read for it as well, at the
    account's *lag*, and no longer if a later status says that it goes on.
    """
    if live_status.is_gone(status):
        return gone(call, now, timing)
    changed_at = call.changed_at if status == call.status else now
    terminal_at = (
        min(call.terminal_at or now, now) if live_status.is_over(status) else None
    )
    told = replace(
        call,
        status=status,
        seen=True,
        seen_at=now,
        alive_at=call.alive_at if live_status.is_over(status) else asked or now,
        tries=0,
        faults=0,
        changed_at=changed_at,
        failing_since=None,
        silent_since=None,
        connected=call.connected or live_status.is_connected(status),
        connected_at=call.connected_at
        or ((talk_began(call) or now) if live_status.is_connected(status) else None),
        terminal_at=terminal_at,
        log_at=None,
        looked_at=call.looked_at if terminal_at else None,
        poll_at=None,
        hung_up_at=call.hung_up_at
        if terminal_at
        else still_hanging_up(call, asked or now),
    )
    if terminal_at is not None:
        blind = now - (last_alive(told) or call.changed_at or now)
        log_at = _credible(call.log_at, now) or now + first_read(timing, lag, blind)
        told = replace(told, log_at=log_at)
    wait = _next_poll(told, now, timing, stretch, pause, asked or now)
    told = replace(told, next_at=now + (wait - min(max(late, ON_TIME), wait / 2)))
    if terminal_at and now - terminal_at >= TERMINAL_PATIENCE:
        return replace(over(told, now, timing), ended_at=terminal_at)
    if now - (call.sent_at or call.asked_at) > LONGEST_CALL:
        return over(told, now, timing)
    return told


def _next_poll(
    call: Call,
    now: datetime,
    timing: Timing,
    stretch: timedelta,
    pause: timedelta | None,
    asked: datetime,
) -> timedelta:
    """Return the time to the next poll of *call*, whose status has just been stored.

    It is the *pause* while events tell how the call goes, or once it is over. An event
    that came while the status was asked for, and contradicts it, makes it due at once.
    """
    heard = pause is not None and bool(call.session_id)
    if call.terminal_at is not None:
        usual = max(timing.poll * RARE_POLL_FACTOR, stretch)
        return max(usual, pause) if heard and pause else usual
    changed = [each for each in (call.changed_at, heard_last(call)) if each]
    usual = interval(now - max(changed, default=call.asked_at), timing, stretch)
    if not heard or pause is None:
        return usual
    if disagrees(call) and call.heard_at is not None and call.heard_at > asked:
        return timedelta(0)
    return usual if needs_polls(call) else max(usual, pause)


def gone(call: Call, now: datetime, timing: Timing) -> Call:
    """Return *call* after a 404: over, or asked too early if it never had a status.

    It was not too early if an event has said that a side has left.
    """
    tries = 1 if call.failing_since else call.tries + 1
    if not (call.seen or is_left(call)) and tries < EARLY_404S:
        return replace(answered(call), tries=tries, next_at=now + timing.poll)
    return over(answered(call), now, timing)


def answered(call: Call) -> Call:
    """Return *call* with its failures forgotten: RingCentral has answered."""
    return replace(call, tries=0, faults=0, failing_since=None, silent_since=None)


def over(call: Call, now: datetime, timing: Timing) -> Call:
    """Return *call* as over: only its record is looked for, as soon as it was before."""
    return replace(
        call,
        state=State.RECORDING,
        ended_at=now,
        next_at=max(_credible(call.log_at, now) or now + first_read(timing), now),
        log_at=None,
        tries=0,
        faults=0,
    )


def _credible(log_at: datetime | None, now: datetime) -> datetime | None:
    """Return *log_at*; None if a clock that was ahead has set it, hours from now."""
    return None if log_at is None or log_at > now + LONGEST_GAP else log_at


def interval(quiet: timedelta, timing: Timing, stretch: timedelta) -> timedelta:
    """Return the time to the next poll; *quiet* is the time since the last change.

    With ``poll`` at 2 s: every 2 s for 20 s, then every 4 s for 80 s; then every 4 s if
    that is half of the rate budget at most, and every 10 s otherwise. Never less than
    *stretch*, one call's share of the budget; zero if the budget is not known.
    """
    seldom, rarely = timing.poll * 2, timing.poll * RARE_POLL_FACTOR
    if quiet < timing.poll * 10:
        return max(timing.poll, stretch)
    if quiet < timing.poll * 50:
        return max(seldom, stretch)
    idle = min(max(seldom, stretch * 2), rarely) if stretch else rarely
    return max(idle, stretch)


def found(
    call: Call,
    outcome: Outcome,
    records: tuple[str, ...],
    now: datetime,
    name: Name | None = None,
) -> Call:
    """Return *call* with the result of its final record, and the *name* in that."""
    told = ended(answered(call), End.RECORDED, now)
    name = call.callee_name or name
    return replace(told, outcome=outcome, records=records, callee_name=name)


def not_found(
    call: Call,
    now: datetime,
    timing: Timing,
    *,
    own_id_shown: bool,
    running: bool,
    lag: Lag = UNKNOWN,
) -> Call:
    """Return *call* after a read of the log without its final record.

    *own_id_shown*: its record was there by its id, but not final yet. *running*: the log
    shows it as going on. If no status has shown its end (a lost answer, an outage), it
    may go on for long and is waited for four times as long. A call whose status is still
    polled is never given up here.
    """
    if call.state is State.FOLLOWING:
        gap = log_gap(call, call.reads, now, timing, lag)
        return replace(call, looked_at=now, log_at=now + gap)
    since = now - (call.ended_at or call.asked_at)
    patience = timing.log_give_up
    if running and (not call.seen or call.why is Why.UNREACHABLE):
        patience *= 4
    call = replace(answered(call), looked_at=now)
    counted = counts(call, now, timing) and not own_id_shown
    reads = call.reads + counted
    # After our own downtime the first read may come past the limit. Make a second one,
    # because matching by numbers begins only then.
    if since >= patience and (own_id_shown or reads >= LEAST_READS):
        return ended(call, End.LOST if call.is_lost else End.UNCONFIRMED, now, call.why)
    gap = min(
        log_gap(call, reads, now, timing, lag), max(patience - since, timing.poll)
    )
    return replace(call, reads=reads, next_at=now + gap)
