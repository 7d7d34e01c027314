"""What digests count of missed calls: each call that a channel was told of, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import delete, func, select

from bot.calls.digest import MissedSums
from bot.calls.log.leg import Party
from bot.storage.calls.counting import CallsOf
from bot.storage.calls.store import Store
from bot.storage.missed.counting import MissedCounting
from bot.storage.missed.tables import missed_cards, missed_tellings
from bot.storage.retention import Retention
from missed import BO, KEPT, MissedDesk, a_desk

DAY = timedelta(days=1)


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[MissedDesk]:
    """Give a bot that tells the channel ``sales`` of missed calls."""
    async with a_desk(store) as made:
        yield made


async def counted(desk: MissedDesk, since: datetime, until: datetime) -> MissedSums:
    """Return what the digest of this time says."""
    whose = CallsOf(("",), desk.slack.workspace.team)
    return await MissedCounting(desk.store.writer).of(whose, since, until)


@pytest.mark.parametrize("calls", [3, 1])
@pytest.mark.parametrize("pause", [timedelta(minutes=10), timedelta(hours=2)])
async def test_a_call_that_joins_a_card_is_in_the_digest_of_its_own_time(
    desk: MissedDesk, pause: timedelta, calls: int
) -> None:
    """The one before it is sent while the same customer goes on calling."""
    begun, times = desk.clock.now(), [desk.clock.now()]
    for number in range(calls):
        desk.missed(f"call-{number}", ago=0)
        await desk.later()
        desk.clock.pass_by(pause.total_seconds())
        times.append(desk.clock.now())

    parts = [await counted(desk, since, until) for since, until in pairwise(times)]
    assert parts == [MissedSums(1, 1)] * calls
    joined = pause < timedelta(hours=1)
    whole = await counted(desk, begun, begun + DAY)
    assert whole == MissedSums(calls, 1 if joined else calls)


async def test_calls_that_one_card_counts_are_in_one_digest(desk: MissedDesk) -> None:
    """Also those beyond the most cards at once, and a card of an older version."""
    begun = desk.clock.now()
    for number in range(25):
        desk.missed(f"call-{number}", caller=Party(f"+141555501{number:02}"))
    await desk.later()
    sums = await counted(desk, begun, begun + DAY)
    assert sums == MissedSums(25, 20)

    await desk.store.writer.run(lambda c: c.execute(delete(missed_tellings)))

    assert await counted(desk, begun, begun + DAY) == sums
    assert await counted(desk, begun - DAY, begun) == MissedSums(0, 0)


@pytest.mark.parametrize("by_number", [True, False])
async def test_what_is_counted_goes_with_its_card(
    desk: MissedDesk,
    by_number: bool,  # noqa: FBT001 - parametrized
) -> None:
    """``erase`` and retention reach it."""
    desk.missed("one")
    await desk.later()
    retention = Retention(desk.store.writer)
    if by_number:
        await retention.erase(BO, dry=False)
    else:
        await retention.purge(desk.clock.now() + KEPT)

    for table in (missed_cards, missed_tellings):
        count = select(func.count()).select_from(table)
        assert await desk.store.writer.run(lambda c, q=count: c.scalar(q)) == 0  # type: ignore[misc]
