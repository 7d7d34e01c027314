"""A process with nothing to do leaves PostgreSQL alone: its transactions are counted."""

from __future__ import annotations

import asyncio
import time

import pytest

from checkout import ROOT
from fleet import Fleet
from own import lets_connect
from postgres import Server

pytestmark = pytest.mark.unmeasured

WATCHED_FOR = 12.0
"""Seconds: eight heartbeats, the looks of the follower, and half an upkeep."""

LOOK_EVERY = 3.0
A_START = 10
"""Fewer transactions than a start makes, which are some thirty."""


async def settled(postgres: Server, url: str) -> int:
    """Wait until what a start has done is counted; return the count.

    PostgreSQL counts a session's transactions seconds later, many at once.
    """
    async with asyncio.timeout(30):
        while True:
            before = postgres.transactions(url)
            await asyncio.sleep(LOOK_EVERY)
            after = postgres.transactions(url)
            if before > A_START and after - before <= LOOK_EVERY:
                return after


@pytest.mark.real_time
async def test_an_idle_process_makes_one_transaction_a_second_at_most(
    fleet: Fleet, postgres: Server
) -> None:
    """Twenty a second for nothing is what an operator pays for, and must explain."""
    lets_connect(fleet.town, shared=True)
    usual = {"PYTHONPATH": str(ROOT), "RINGOUT_POLL_SECONDS": "2"}
    await fleet.start(1, **usual)
    before = await settled(postgres, fleet.url)
    begun = time.monotonic()

    await asyncio.sleep(WATCHED_FOR)

    made = postgres.transactions(fleet.url) - before
    assert 0 < made <= time.monotonic() - begun
