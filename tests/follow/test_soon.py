"""How soon people hear after the log shows a call: the real program, in virtual time.

`tests/calls/test_lag.py` has the same decisions for thousands of calls.
"""

from __future__ import annotations

import random

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

    assert found.longest <= 8.0
    assert max(found.reads) <= 6
    assert found.refused == 0
    assert found.least_free >= 3


def test_a_steady_lag_is_learned() -> None:
    """Then people hear two seconds later, and it costs three reads at most."""
    found = in_virtual_time(simulate([[Planned(TALK, 22.0)]] * 12))

    assert max(found.waits[6:]) <= 4.0
    assert max(found.reads[6:]) <= 3
    assert found.refused == 0
