"""What becomes of a call next: every decision, without doing anything.

    requested --(card posted, budget free)--> placing
    requested --(limit)--> requested, later   --(60 s)--> not placed
    requested --(process died, too late, cancelled)-----> not placed
    placing   --(200)--> following            --(4xx)---> refused
    placing   --(429)--> requested            --(answer lost)--> recording
    following --(still ringing or talking)--> following
    following --(404, NoSessionFound)-------> recording
    following --(no answer for two hours)---> recording
    recording --(record found and final)----> reporting
    recording --(not there yet)-------------> recording
    recording --(waited long enough)--------> reporting, unconfirmed
    reporting --(reply and card shown)------> done, or where an edit was lost: closing
    closing   --(card shown once more)------> done

`bot.calls.patience` has the waits for answers that do not come. Functions take a call and what happened, with the time, and return the call as it is
to be stored. `bot.follower` carries them out; docs/how-it-works.md shows the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.calls.call import Call, End, Refusal, State, Status, Why
from bot.calls.outcome import Outcome

SEND_WITHIN = timedelta(seconds=15)
"""An intent older than this is not sent any more: nobody expects it to ring."""

LIMIT_PATIENCE = timedelta(seconds=60)
"""How long a call waits for RingCentral's limit; its penalties are 60 s by default
(RingCentral developer guide, "Rate Limits")."""

SETTLE = timedelta(seconds=25)
"""Longer than a POST can take with all its time-outs: then its answer is lost."""

TERMINAL_PATIENCE = timedelta(seconds=60)
"""How long a status that can't change is still polled for its 404."""

ON_TIME = timedelta(0)
LONGEST_CALL = timedelta(hours=12)
LONGEST_GAP = timedelta(seconds=60)
"""Reads of the call log are never further apart."""

LEAST_READS = 2
"""No call is given up before so many reads have shown no record with its id."""

EARLY_404S = 3
"""So many 404s before any 200 mean that the status will not come."""

FINAL_WORDS = frozenset(
    word.lower()
    for word in (
        "Busy", "NoAnswer", "Rejected", "GenericError", "Error", "Finished",
        "InternationalDisabled", "Invalid", "DestinationBlocked", "NotEnoughFunds",
        "NoSuchUser", "CannotReach", "RingOutFromThisNumberIsNotSupported",
    )
)  # fmt: skip
"""A leg with one of these words can't go on, and neither can its call."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The three settings of time, from `bot.settings.settings`."""

    poll: timedelta = timedelta(seconds=2)
    log_delay: timedelta = timedelta(seconds=20)
    log_give_up: timedelta = timedelta(seconds=900)

    @property
    def log_spacing(self) -> timedelta:
        """The least time between two log reads, so that one serves many calls.

        Four a minute at most: the rest of Heavy's ten belongs to new calls.
        """
        return min(timedelta(seconds=15), self.log_delay * 0.75)


def is_over(status: Status) -> bool:
    """Whether *status* can't change any more, though RingCentral still shows it."""
    return status.caller.lower() in FINAL_WORDS or status.callee.lower() in FINAL_WORDS


def is_gone(status: Status) -> bool:
    """Whether *status* is the other spelling of 404, ``NoSessionFound``."""
    words = (status.call, status.caller, status.callee)
    return any(word.lower() == "nosessionfound" for word in words)


def is_connected(status: Status) -> bool:
    """Whether both sides are connected.

    ``calleeStatus: Success`` alone does not say so: it was seen on a call that never
    reached the callee (ringcentral-js, issue 12).
    """
    return all(
        word.lower() == "success"
        for word in (status.call, status.caller, status.callee)
    )


def ended(call: Call, end: End, now: datetime, why: Why | None = None) -> Call:
    """Return *call* with nothing left to await: only telling is owed."""
    return replace(
        call, state=State.REPORTING, end=end, why=why, next_at=now, tries=0, faults=0,
        wait_until=None,
    )  # fmt: skip


def signed_out(call: Call, now: datetime) -> Call:
    """Return *call*, which nobody can follow any more: its person's sign-in is gone.

    It was placed, or may have been: that is told, and that its result is unknown.
    """
    end = End.LOST if call.is_lost else End.UNCONFIRMED
    ended_at = call.ended_at or now
    return replace(ended(call, end, now, Why.LOGIN), ended_at=ended_at)


def limited(call: Call, wait: timedelta, now: datetime) -> Call:
    """Return *call* as it waits for RingCentral's limit, or given up.

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
        call, state=State.REQUESTED, sent_at=None, limited_at=since,
        wait_until=until, next_at=until,
    )  # fmt: skip


def may_send(call: Call, owner: str, now: datetime) -> Why | None:
    """Say why *call* must not be sent any more, or None if it may."""
    if call.taken_by not in ("", owner):
        return Why.RESTART
    if call.limited_at is None and now - call.asked_at > SEND_WITHIN:
        return Why.LATE
    if call.limited_at and now - call.limited_at > LIMIT_PATIENCE + SEND_WITHIN:
        return Why.LATE
    return None


def sending(call: Call, now: datetime) -> Call:
    """Return *call* as it must be stored before POST ring-out is sent."""
    return replace(
        call, state=State.PLACING, sent_at=now, next_at=now + SETTLE, tries=0, faults=0,
        wait_until=None,
    )  # fmt: skip


def placed(
    call: Call, ringout_id: str, status: Status, at: datetime, now: datetime,
    timing: Timing,
) -> Call:  # fmt: skip
    """Return *call* once RingCentral has accepted it; *at* is by its clock."""
    return replace(
        call, state=State.FOLLOWING, ringout_id=ringout_id, status=status,
        placed_at=at, changed_at=now, next_at=now + timing.poll, tries=0, faults=0,
    )  # fmt: skip


def refused(call: Call, refusal: Refusal, now: datetime) -> Call:
    """Return *call* after a 4xx to its POST: nothing rang."""
    return replace(ended(call, End.REFUSED, now), refusal=refusal)


def lost(call: Call, at: datetime, now: datetime, timing: Timing) -> Call:
    """Return *call* after its POST's answer was lost: only the log can tell now."""
    return replace(
        call, state=State.RECORDING, placed_at=call.placed_at or at, ended_at=now,
        next_at=now + timing.log_delay, tries=0, faults=0,
    )  # fmt: skip


def after_status(
    call: Call, status: Status, now: datetime, timing: Timing, stretch: timedelta,
    late: timedelta = ON_TIME,
) -> Call:  # fmt: skip
    """Decide on a poll's answer; *stretch* is the interval that the budget allows.

    *late*: how long after its time it was asked. The next one is not put off by that,
    or calls that a busy moment has made late together would stay together.
    """
    if is_gone(status):
        return gone(call, now, timing)
    changed_at = call.changed_at if status == call.status else now
    terminal_at = (call.terminal_at or now) if is_over(status) else None
    wait = interval(now - (changed_at or call.asked_at), timing, stretch)
    told = replace(
        call, status=status, seen=True, tries=0, faults=0, changed_at=changed_at,
        failing_since=None, silent_since=None,
        connected=call.connected or is_connected(status), terminal_at=terminal_at,
        next_at=now + (wait - min(max(late, ON_TIME), wait / 2)),
    )  # fmt: skip
    if terminal_at and now - terminal_at >= TERMINAL_PATIENCE:
        return replace(over(told, now, timing), ended_at=terminal_at, next_at=now)
    if now - (call.sent_at or call.asked_at) > LONGEST_CALL:
        return over(told, now, timing)
    return told


def gone(call: Call, now: datetime, timing: Timing) -> Call:
    """Decide on a 404: over if a status was ever seen, else perhaps just early."""
    tries = 1 if call.failing_since else call.tries + 1
    if not call.seen and tries < EARLY_404S:
        return replace(answered(call), tries=tries, next_at=now + timing.poll)
    return over(answered(call), now, timing)


def answered(call: Call) -> Call:
    """Return *call* once RingCentral has told something of it."""
    return replace(call, tries=0, faults=0, failing_since=None, silent_since=None)


def over(call: Call, now: datetime, timing: Timing) -> Call:
    """Return *call* with its live part ended: its record comes next."""
    return replace(
        call, state=State.RECORDING, ended_at=now, next_at=now + timing.log_delay,
        tries=0, faults=0,
    )  # fmt: skip


def interval(quiet: timedelta, timing: Timing, stretch: timedelta) -> timedelta:
    """Return the time to the next poll: ten short ones after each change, then longer.

    With 2 s: every 2 s for 20 s, every 4 s for 80 s more, then every 10 s; never less
    than *stretch*, the share of the budget that all open calls leave to each. *quiet*:
    since its last change.
    """
    factor = 1 if quiet < timing.poll * 10 else 2 if quiet < timing.poll * 50 else 5
    return max(timing.poll * factor, stretch)


def found(
    call: Call, outcome: Outcome, records: tuple[str, ...], now: datetime
) -> Call:
    """Return *call* with its final record."""
    told = ended(answered(call), End.RECORDED, now)
    return replace(told, outcome=outcome, records=records)


def not_found(
    call: Call, now: datetime, timing: Timing, *, own_id_shown: bool, running: bool
) -> Call:
    """Decide on a log read that held no final record of *call*.

    *own_id_shown*: a record with its id was there, but not final yet. *running*: the
    log shows it still going on, which can outlast the limit where its end was not
    seen (a lost answer, a status that never came, or came no more).
    """
    since = now - (call.ended_at or call.asked_at)
    patience = timing.log_give_up
    if running and (not call.seen or call.why is Why.UNREACHABLE):
        patience *= 4
    call = answered(call)
    reads = call.reads if own_id_shown else call.reads + 1
    # After an outage of ours the first read may come past the limit: matching by
    # numbers begins with the second, so that one is made too.
    if since >= patience and (own_id_shown or reads >= LEAST_READS):
        return ended(call, End.LOST if call.is_lost else End.UNCONFIRMED, now, call.why)
    gap = min(log_gap(reads, timing), max(patience - since, timing.poll))
    return replace(call, reads=reads, next_at=now + gap)


def log_gap(reads: int, timing: Timing) -> timedelta:
    """Return the pause after *reads* fruitless reads: doubling, 60 s at most."""
    base = max(timing.log_delay, timing.poll)
    return min(base * 2.0 ** min(max(reads - 1, 0), 10), LONGEST_GAP)
