"""How soon people hear after the log shows a call: the real program, in virtual time.

`tests/calls/test_lag.py` has the same decisions for thousands of calls.
"""

from __future__ import annotations

import random
import statistics

import pytest

from simulated import Planned, simulate
from virtual_time import in_virtual_time

TALK = 20.0


def at_random(many: int, seed: int = 13) -> list[Planned]:
    """Return calls whose records come after 3 to 45 s, nobody knows when."""
    chance = random.Random(seed)
    return [Planned(TALK, chance.uniform(3, 45)) for _ in range(many)]


def test_one_call_at_a_time() -> None:
    """The result is what people wait for, and a penalty would cost a minute."""
    found = in_virtual_time(simulate([[call] for call in at_random(12)]))

    assert found.median <= 4.0
    assert found.longest <= 8.0
    assert max(found.reads) <= 6
    assert found.refused == 0
    assert found.least_free >= 3


@pytest.mark.parametrize("seed", [1, 2])
def test_five_calls_at_once(seed: int) -> None:
    """They share their user's limits, and each read of the log."""
    calls = at_random(20, seed)
    rounds = [calls[first : first + 5] for first in range(0, 20, 5)]

    found = in_virtual_time(simulate(rounds))

    assert found.median <= 5.0
    assert found.longest <= 10.0
    assert max(found.reads) <= 2 * 5
    assert found.refused == 0


def test_a_steady_lag_is_learned() -> None:
    """Then people hear two seconds later, and it costs three reads at most."""
    found = in_virtual_time(simulate([[Planned(TALK, 22.0)]] * 12))

    assert statistics.median(found.waits[6:]) <= 2.0
    assert max(found.waits[6:]) <= 4.0
    assert max(found.reads[6:]) <= 3
    assert found.refused == 0


def test_a_lag_that_jumps_is_found_again() -> None:
    """RingCentral becomes slow: the first call hears as soon as of an unknown lag."""
    lags = [6.0] * 8 + [30.0] * 6

    found = in_virtual_time(simulate([[Planned(TALK, each)] for each in lags]))

    assert found.longest <= 8.0
    assert max(found.reads) <= 6
    assert found.refused == 0
