"""Many calls at once must not break RingCentral's limits, even when they shrink."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import RateLimited
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.sender import Sender
from bot.sandbox.ledger import TOO_MANY, sent_despite_penalty
from bot.sandbox.limits import Limits
from town import QUICK, Town

WINDOW = 1.0
"""RingCentral's minute in the town's compressed time."""


UNPACED = replace(QUICK, edits_per_minute=1000)
"""Slack's limit of edits is not what is looked at here, and a stop would wait for them."""


async def place(town: Town, many: int) -> None:
    """Place calls to *many* numbers at once."""
    acks = await asyncio.gather(
        *(town.types(f"+1415555{100 + index:04d}") for index in range(many))
    )
    assert all(ack.ok for ack in acks)


def replies(town: Town) -> int:
    """Return how many calls have a reply in their thread."""
    return sum(len(town.slack.thread(card)) for card in town.cards())


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[tuple[int, int]]]:
    """Note when each refused request was begun and was answered, by its group.

    The times are places in the order of all that happens.
    """
    once, order = Sender._once, itertools.count()
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)

    async def noted(
        self: Sender, gate: Any, lane: Any, purpose: Purpose, *more: Any
    ) -> Any:
        begun = next(order)
        try:
            return await once(self, gate, lane, purpose, *more)
        except RateLimited:
            found[purpose.group].append((begun, next(order)))
            raise

    monkeypatch.setattr(Sender, "_once", noted)
    return found


async def test_thirty_calls_at_once_never_see_a_429(closed_town: Town) -> None:
    """A 429 would stop everybody's requests for a minute."""
    town = closed_town
    town.ringcentral.limits = Limits(window=WINDOW, penalty=WINDOW)
    await town.open(UNPACED)

    await place(town, 30)
    await town.until(lambda: replies(town) == 30)

    assert town.posts == 30
    assert not [seen for seen in town.ringcentral.requests if seen.status == 429]
    heavy = [s for s in town.ringcentral.requests if "/call-log" in s.path]
    assert len(heavy) <= 0.5 * 30


async def test_limits_that_shrink_in_mid_run_are_learned(
    closed_town: Town, refusals: dict[str, list[tuple[int, int]]]
) -> None:
    """RingCentral may cut an app's limits at any moment.

    One group learns of it from one refusal; requests already in flight are refused too.
    """
    town = closed_town
    town.ringcentral.limits = Limits(window=WINDOW, penalty=WINDOW)
    await town.open(UNPACED)

    await place(town, 18)
    await town.until(lambda: len(town.ringcentral.calls) >= 8)
    town.ringcentral.limits.light = 17
    town.ringcentral.limits.heavy = 3
    await town.until(lambda: replies(town) == len(town.ringcentral.calls) == 18)

    refused = [s for s in town.ringcentral.requests if s.status == TOO_MANY]
    assert sum(map(len, refusals.values())) == len(refused)
    for times in refusals.values():
        first_answer = min(answered for _, answered in times)
        assert all(begun < first_answer for begun, _ in times), times
    assert town.posts - sum(seen.method == "POST" for seen in refused) == 18
    assert sent_despite_penalty(town.ringcentral.requests, WINDOW) == []
