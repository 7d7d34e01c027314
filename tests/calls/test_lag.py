"""What an account's sightings tell about its lag, and when the log is read for it."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calls import lag, log_schedule
from bot.calls.lag import UNKNOWN, Lag, Sighting
from bot.calls.timing import Timing

TIMING = Timing()
SEEN_LATE = 2.2
"""The longest time from a hang-up to the poll that sees it, in the first 20 s."""

ANSWERED_WITHIN = 0.3
"""The read and the reply."""


@dataclass(frozen=True)
class Told:
    """How long a person waited for a record that was there, and the reads it took."""

    waited: float
    reads: int
    known: bool


def one_call(known: Lag, there: float) -> tuple[Told, Sighting]:
    """Read the log for a call whose record is *there* so long after its end was seen."""
    at, last, count = log_schedule.first_read(TIMING, known).total_seconds(), 0.0, 1
    while at < there:
        at, last, count = at + log_schedule.pause(at, known), at, count + 1
    told = Told(at - there + ANSWERED_WITHIN, count, known.earliest > 0)
    return told, Sighting(last, at)


def account(lags: Iterable[float], seed: int) -> list[Told]:
    """Place a call for each lag, one after the other, learning from each."""
    chance = random.Random(seed)
    known, told = UNKNOWN, []
    for each in lags:
        there = max(each - chance.uniform(0.1, SEEN_LATE), 0.01)
        result, seen = one_call(known, there)
        told.append(result)
        known = lag.learned(known, [seen])
    return told


def at_random(chance: random.Random) -> list[float]:
    """Return lags of which nothing can be learned."""
    return [chance.uniform(3, 45) for _ in range(40)]


def jumping(chance: random.Random) -> list[float]:
    """Return lags of an account at which RingCentral becomes slow."""
    del chance
    return [6.0] * 20 + [30.0] * 20


def seeds(make: Callable[[random.Random], list[float]]) -> list[list[Told]]:
    """Return what accounts of forty calls each have shown: 20 of them, a hundred in CI."""
    return [account(make(random.Random(n)), n) for n in range(settings().max_examples)]


@pytest.mark.unmeasured
def test_of_a_lag_that_cannot_be_known_people_hear_within_eight_seconds() -> None:
    """Forty calls each on a hundred accounts: few read more, or wait longer."""
    runs = seeds(at_random)
    every = [each for run in runs for each in run]

    assert statistics.median(each.waited for each in every) <= 4.0
    assert sum(each.waited > 8.0 for each in every) <= len(every) * 0.0005
    assert sum(each.reads > 6 for each in every) <= len(every) * 0.001


def test_a_lag_that_jumps_is_found_again() -> None:
    """Nobody waits for long, not even at the jump, and it costs six reads at most."""
    runs = seeds(jumping)

    assert max(each.waited for run in runs for each in run) <= 8.0
    assert max(each.reads for run in runs for each in run) <= 6
    assert statistics.median(each.waited for run in runs for each in run) <= 2.0


@pytest.mark.unmeasured
@pytest.mark.parametrize("steady", [3, 6, 10, 15, 22, 30, 40, 45])
def test_a_steady_lag_is_known_after_eight_calls(steady: float) -> None:
    """From then on people hear two seconds later, and three reads are enough."""
    later = [run[8:] for run in seeds(lambda _: [steady] * 40)]

    every = [each for run in later for each in run]
    assert statistics.median(each.waited for each in every) <= 2.0
    assert max(each.waited for each in every) <= 8.0
    assert sum(each.waited > 4.0 for each in every) <= len(every) * 0.01
    assert sum(each.reads > 3 for each in every) <= len(every) * 0.01


def test_a_lag_that_has_become_shorter_is_noticed() -> None:
    """Where every first read finds the record, it is made earlier and earlier."""
    run = account([30.0] * 20 + [6.0] * 20, 1)

    assert max(each.waited for each in run[28:]) <= 4.0


SIGHTINGS = st.lists(
    st.builds(
        lambda after, more: Sighting(after, after + more),
        st.floats(0, 200),
        st.floats(0, 60),
    ),
    max_size=20,
)


@given(SIGHTINGS, st.floats(0, 2000))
def test_whatever_was_seen_the_next_read_is_neither_at_once_nor_late(
    seen: list[Sighting], elapsed: float
) -> None:
    """A wrong guess must cost a few reads at most, and never a result."""
    known = lag.learned(UNKNOWN, seen)
    first = log_schedule.first_read(TIMING, known)

    assert timedelta(0) <= first <= timedelta(seconds=lag.LONGEST_LAG)
    assert log_schedule.pause(elapsed, known) >= min(
        log_schedule.CLOSE_GAP, log_schedule.TOLD_APART
    )
    if elapsed < log_schedule.CLOSELY_UNTIL:
        assert elapsed + log_schedule.pause(elapsed, known) <= lag.LONGEST_LAG
    assert lag.load(lag.dump(known)).sightings == tuple(
        Sighting(round(each.after, 1), round(each.by, 1)) for each in known.sightings
    ) or any(round(s.after, 1) == round(s.by, 1) for s in known.sightings)


@pytest.mark.parametrize(
    "text", ["", "x", "{}", "[[1]]", '[["a", 2]]', "7", "[[5, 1]]"]
)
def test_a_damaged_row_is_an_unknown_lag(text: str) -> None:
    """It must not stop the log from being read."""
    assert lag.load(text) == UNKNOWN


@pytest.mark.parametrize(
    ("blind", "first"), [(0, 6.5), (2, 6.5), (4, 6.5), (7.5, 5.1), (15, 2.5), (60, 2.5)]
)
def test_an_end_that_was_seen_late_is_read_for_sooner(
    blind: float, first: float
) -> None:
    """With many calls on one credential each is polled rarely."""
    wait = log_schedule.first_read(TIMING, UNKNOWN, timedelta(seconds=blind))

    assert wait.total_seconds() == pytest.approx(first)


@pytest.mark.parametrize(("bound", "first"), [(None, 6.5), (2, 2), (20, 6.5), (0, 0)])
def test_a_number_bounds_the_first_read(bound: float | None, first: float) -> None:
    """``RINGOUT_LOG_DELAY_SECONDS``: an operator may want it sooner, never later."""
    timing = Timing(log_delay=None if bound is None else timedelta(seconds=bound))

    assert log_schedule.first_read(timing) == timedelta(seconds=first)


def test_after_45_s_the_pauses_double() -> None:
    """A record that is very late costs few reads."""
    at, pauses = 45.0, []
    for _ in range(4):
        pauses.append(log_schedule.pause(at, UNKNOWN))
        at += pauses[-1]

    assert pauses == [15, 30, 60, 120]
