"""When the call log is read for a call that is over: when it pays.

Without knowledge of the account's lag a record may be there at any time in the next
`CLOSELY_UNTIL` seconds: reads at even distances find it soon, and no more often than six
times. Where the lag is steady the reads are close around it instead. Where the end of a
call was not seen, its record may come at any time, and the pauses double.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.calls.call import Call, State, Why
from bot.calls.lag import UNKNOWN, Lag, Sighting
from bot.calls.live_view import last_alive
from bot.calls.timing import Timing

FIRST_READ_AFTER = 6.5
"""Seconds from when the end was seen to the first read."""

SIXTH_READ_AFTER = 44.5
"""Seconds to the sixth read; the others are spread evenly between, 7.6 s apart."""

LATEST_FIRST = 12.6
"""Seconds from the last poll before the end to the first read. Counts where polls were far
apart: the call may have ended just after that poll."""

AT_ONCE = 2.5
"""Seconds from when the end was seen before which nothing is read."""

CLOSE_GAP = 2.5
"""Seconds between reads around the time at which the record is expected."""

CLOSE_FOR = 2.0
"""Seconds for which reads stay so close after `Lag.latest`."""

CLOSELY_UNTIL = 45.0
"""Seconds from the end; later reads are ever farther apart."""

LONGEST_GAP = timedelta(seconds=60)
"""The longest time between two reads of the call log."""

TOLD_APART = 0.5
"""Times that differ by less, in seconds, are one read."""

USUALLY_LOGGED = timedelta(seconds=30)
"""A read before this proves nothing if it shows no record: RingCentral takes 15 to 30 s."""


def first_read(
    timing: Timing, lag: Lag = UNKNOWN, blind: timedelta = timedelta(0)
) -> timedelta:
    """Return the time from when the end of a call was seen to the first read for it.

    *blind*: how long before that it may have ended.
    """
    usual, first = lag.usual, _first(blind, timing)
    if usual is not None:
        first = min(first, usual)
    wait = timedelta(seconds=max(first, lag.earliest)) * timing.tempo
    return wait if timing.log_delay is None else min(wait, timing.log_delay)


def _first(blind: timedelta, timing: Timing) -> float:
    seconds = (blind / timing.tempo).total_seconds()
    return min(FIRST_READ_AFTER, max(AT_ONCE, LATEST_FIRST - seconds))


def pause(
    elapsed: float, lag: Lag, gap: float = (SIXTH_READ_AFTER - FIRST_READ_AFTER) / 5
) -> float:
    """Return the seconds from a read, *elapsed* seconds after the end, to the next one.

    *gap*: how far apart reads are where nothing is known.
    """
    if elapsed >= CLOSELY_UNTIL:
        # The time since 30 s after the end doubles with each read, and the pause too.
        return elapsed - CLOSELY_UNTIL * 2 / 3
    usual = lag.usual
    if elapsed < lag.earliest - TOLD_APART:
        return lag.earliest - elapsed
    if usual is None:
        return gap
    if elapsed < usual - TOLD_APART:
        return min(gap, usual - elapsed)
    return CLOSE_GAP if elapsed < lag.latest + CLOSE_FOR else gap


def log_gap(
    call: Call, reads: int, now: datetime, timing: Timing, lag: Lag
) -> timedelta:
    """Return the pause after a read that showed no record of *call*, 60 s at most.

    *reads*: how many reads there were, for a call whose end was not seen.
    """
    if is_unseen(call):
        return doubled(reads, timing)
    since = since_end(call, now) / timing.tempo
    known = lag if call.terminal_at else UNKNOWN
    gap = (SIXTH_READ_AFTER - _first(blind_before(call), timing)) / 5
    wait = pause(since.total_seconds(), known, gap)
    return min(timedelta(seconds=wait) * timing.tempo, LONGEST_GAP)


def blind_before(call: Call) -> timedelta:
    """Return how long before its end was seen *call* may have ended."""
    alive = last_alive(call)
    if call.terminal_at is None or alive is None:
        return timedelta(0)
    return max(call.terminal_at - alive, timedelta(0))


def doubled(reads: int, timing: Timing) -> timedelta:
    """Return the pause after so many reads that brought nothing, 60 s at most."""
    return min(timing.log_unit * 2.0 ** min(max(reads - 1, 0), 10), LONGEST_GAP)


def awaits_record(call: Call) -> bool:
    """Whether the log is read for *call*: it is over, as far as RingCentral has said."""
    if call.state is State.FOLLOWING:
        return call.terminal_at is not None
    return call.state is State.RECORDING


def read_at(call: Call) -> datetime | None:
    """Return when the log is to be read for *call*; None if it isn't."""
    if not awaits_record(call):
        return None
    return call.log_at if call.state is State.FOLLOWING else call.next_at


def is_unseen(call: Call) -> bool:
    """Whether *call* may still go on: neither its status nor a 404 has shown its end."""
    return not call.terminal_at and (
        call.is_lost or call.why in {Why.UNREACHABLE, Why.TROUBLE}
    )


def horizon(waiting: Iterable[Call], now: datetime, timing: Timing) -> float:
    """Return for how many seconds reads for *waiting* calls will be close."""
    close = timedelta(seconds=CLOSELY_UNTIL) * timing.tempo
    left = (close - since_end(call, now) for call in waiting if not is_unseen(call))
    return max(0.0, *(each.total_seconds() for each in left), 0.0)


def counts(call: Call, now: datetime, timing: Timing) -> bool:
    """Whether a read without a record of *call* is one that should have shown it."""
    if call.state is not State.RECORDING:
        return False
    usually = min(USUALLY_LOGGED * timing.tempo, timing.log_give_up / 2)
    return is_unseen(call) or since_end(call, now) >= usually


def served(call: Call, now: datetime, timing: Timing, lag: Lag) -> Call:
    """Return *call* after a read that was made for other calls and did not show it.

    Its own next read is put off, but only while reads are close: later ones are rare,
    and other calls must not put them off again and again.
    """
    close = timedelta(seconds=CLOSELY_UNTIL) * timing.tempo
    if is_unseen(call) or since_end(call, now) >= close:
        return call
    at = now + log_gap(call, call.reads, now, timing, lag)
    if call.state is State.FOLLOWING:
        return replace(call, looked_at=now, log_at=max(at, call.log_at or at))
    return replace(call, looked_at=now, next_at=max(at, call.next_at))


def sighting(call: Call, now: datetime, timing: Timing) -> Sighting | None:
    """Return what a record found *now* tells about the lag; None if no end was seen."""
    if call.terminal_at is None:
        return None
    end = call.terminal_at
    after = max(call.looked_at - end, timedelta(0)) if call.looked_at else timedelta(0)
    return Sighting(*((t / timing.tempo).total_seconds() for t in (after, now - end)))


def since_end(call: Call, now: datetime) -> timedelta:
    """Return the time since *call* was seen to be over, or since we lost sight of it."""
    return now - (call.terminal_at or call.ended_at or call.asked_at)
