"""Messages a person must get once, despite Slack's rate limits and lost answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from own import connects, dm, lets_connect
from patience import PATIENCE
from town import QUICK, Town


@pytest.fixture
async def house(closed_town: Town) -> Town:
    """Return a town with frequent upkeep, where Ann has connected."""
    lets_connect(closed_town, "ann")
    await closed_town.open(replace(QUICK, upkeep=0.05))
    await connects(closed_town)
    await dm(closed_town, "You're connected")
    return closed_town


def in_a_dm(args: Mapping[str, Any]) -> bool:
    """Whether a message goes to one person's DM."""
    return str(args.get("channel", "")).startswith(("U", "D"))


async def ends(town: Town) -> list[str]:
    """End Ann's sign-in; return what her DM says about it once that is noted as told."""
    town.ringcentral.end_sessions("ann")
    await town.types()
    await dm(town, "sign-in has ended")
    assert town.bot is not None
    notices = town.bot._telephone.connections.notices
    async with asyncio.timeout(PATIENCE):
        while await notices.broken(datetime.now(UTC) + timedelta(days=1)):
            await asyncio.sleep(0.02)
    return [m.text for m in town.slack.dm("ann") if "has ended" in m.text]


async def test_a_429_on_the_dm_loses_no_message(house: Town) -> None:
    """The message is posted as soon as Slack accepts it."""
    fault = house.slack.faults.add(
        "ratelimited", "chat.postMessage", where=in_a_dm, times=2
    )

    assert len(await ends(house)) == 1
    assert fault.hits == 2


@pytest.mark.parametrize("posted", [True, False], ids=["posted", "lost"])
async def test_an_answer_that_was_lost_tells_nobody_twice(
    house: Town, *, posted: bool
) -> None:
    """It is found by its metadata, or else posted again."""
    house.slack.faults.add(
        "reset", "chat.postMessage", where=in_a_dm, before_effect=not posted
    )

    assert len(await ends(house)) == 1
    asked = [call.method for call in house.slack.calls]
    assert "conversations.history" in asked


async def test_where_nobody_may_look_it_is_told_again(house: Town) -> None:
    """Two messages are a nuisance; with none, a call fails when it matters."""
    house.slack.rules.scopes.discard("im:history")
    house.slack.faults.add(
        "reset", "chat.postMessage", where=in_a_dm, before_effect=False
    )

    assert len(await ends(house)) == 2
