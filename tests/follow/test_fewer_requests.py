"""What pushed events save, and that a lost one costs no reply: in virtual time."""

from __future__ import annotations

import pytest

from bot.ringcentral.purposes import Purpose
from simulated import Planned, Pushes, simulate
from virtual_time import in_virtual_time

pytestmark = pytest.mark.unmeasured

LAG = 20.0
MANY = 20
"""Calls at once: enough that polls would have to wait for each other."""


@pytest.mark.parametrize(("talk", "most"), [(56.0, 4), (596.0, 22)])
def test_a_call_costs_few_requests_and_its_end_is_known_at_once(
    talk: float, most: int
) -> None:
    """Two a minute, and one for the end."""
    plans = [[Planned(talk, LAG)]]

    found = in_virtual_time(simulate(plans, pushes=Pushes()))

    assert max(found.asked) <= most
    assert max(found.known) <= 1.0


def test_many_calls_of_one_account_wait_for_no_request() -> None:
    """Their ends are asked about at once: half of the limit is kept for that."""
    plans = [Planned(60.0 + number, LAG) for number in range(MANY)]
    limits = {"heavy": 1000}

    found = in_virtual_time(
        simulate([plans], pushes=Pushes(), limits=limits, apart=1.0)
    )

    assert Purpose.STATUS not in found.waited
    assert found.refused == 0
    assert max(found.known) <= 1.0


@pytest.mark.parametrize("lost", [{1, 2}, {4, 5}, set(range(6))])
def test_whatever_is_lost_everybody_is_told(lost: set[int]) -> None:
    """Polls go on as a net, and the log decides."""
    pushes = Pushes(loses=lambda number: number in lost)

    found = in_virtual_time(simulate([[Planned(20.0, LAG)]], pushes=pushes))

    assert len(found.waits) == 1
    assert found.longest <= 45.0
    assert max(found.known) <= 31.0
