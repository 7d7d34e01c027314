"""Two processes whose PostgreSQL fails over to another server in the middle of calls."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from fleet import Fleet, number, talking
from pair import Pair, pair
from talking import TALKING, hang_up

pytestmark = [pytest.mark.twin, pytest.mark.unmeasured]


@pytest.fixture
def servers() -> Iterator[Pair]:
    """Run two servers for one test."""
    with pair() as made:
        yield made


async def test_calls_go_on_through_a_failover(fleet: Fleet, servers: Pair) -> None:
    """Nothing is dialed or told twice, and the next commands find the new server."""
    url = await asyncio.to_thread(servers.primary.fresh_database, migrated=True)
    for address in (servers.hosts(url), servers.query(url)):
        fleet.url = address
        await fleet.start(1, HURRIED_TAKEOVER="1")
    fleet.town.ringcentral.play(TALKING)
    for index in range(4):
        await fleet.town.types(number(index))
    await talking(fleet, 4)

    await asyncio.to_thread(servers.fail_over)
    acks = [await fleet.town.types(number(index)) for index in range(4, 8)]
    refused = sum("no call was placed" in ack.text for ack in acks)
    await talking(fleet, 8 - refused)
    await hang_up(fleet.town)
    await fleet.done(8 - refused)

    assert refused <= 1
    fleet.check(8 - refused)
