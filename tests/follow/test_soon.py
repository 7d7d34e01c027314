"""How soon people hear after the log shows a call: the real program, in virtual time.

`tests/calls/test_lag.py` has the same decisions for thousands of calls.
"""

from __future__ import annotations

import random
import statistics

import pytest
from hypothesis import settings

from simulated import Planned, simulate
from virtual_time import in_virtual_time

pytestmark = pytest.mark.unmeasured

TALK = 8.0
"""Seconds; a longer talk only takes more polls, which are dear here."""

SIMULATED_CALLS = min(40, settings().max_examples)
"""Forty calls; half as many where the run tries few examples of each property."""


def at_random(talk: float) -> list[Planned]:
    """Return calls whose records come after 3 to 45 s, nobody knows when."""
    chance = random.Random(1)
    return [Planned(talk, chance.uniform(3, 45)) for _ in range(SIMULATED_CALLS)]


def test_one_call_at_a_time() -> None:
    """The result is what people wait for, and a penalty would cost a minute."""
    found = in_virtual_time(simulate([[call] for call in at_random(TALK)]))

    assert found.median <= 4.0
    assert found.longest <= 8.0
    assert max(found.reads) <= 6
    assert found.refused == 0
    assert found.least_free >= 3


def test_five_calls_at_once() -> None:
    """They share their user's limits, and each read of the log."""
    calls = at_random(20.0)
    rounds = [calls[first : first + 5] for first in range(0, len(calls), 5)]

    found = in_virtual_time(simulate(rounds))

    assert found.median <= 5.0
    assert found.longest <= 10.0
    assert max(found.reads) <= 2 * 5
    assert found.refused == 0


def test_a_steady_lag_is_learned() -> None:
    """Then people hear two seconds later, and it costs three reads at most."""
    found = in_virtual_time(simulate([[Planned(TALK, 22.0)]] * 12))

    assert statistics.median(found.waits[8:]) <= 2.0
    assert max(found.waits[8:]) <= 4.0
    assert max(found.reads[8:]) <= 3
    assert found.refused == 0


def test_a_lag_that_jumps_is_found_again() -> None:
    """RingCentral becomes slow: the first call hears as soon as of an unknown lag."""
    lags = [6.0] * 8 + [30.0] * 6

    found = in_virtual_time(simulate([[Planned(TALK, each)] for each in lags]))

    assert found.longest <= 8.0
    assert max(found.reads) <= 6
    assert found.refused == 0
