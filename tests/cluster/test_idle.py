"""A process with nothing to do leaves PostgreSQL alone: its transactions are counted.

`tests/follow/test_waking.py` counts those of the follower in virtual time.
"""

from __future__ import annotations

import asyncio
import time

import pytest

from checkout import ROOT
from fleet import Fleet
from own import lets_connect
from postgres import Server

pytestmark = [pytest.mark.unmeasured, pytest.mark.twin]

WATCHED_FOR = 12.0
"""Seconds: eight heartbeats, the looks of the follower, and half an upkeep."""

COUNTED_AFTER = 11.0
"""Seconds; PostgreSQL counts the transactions of a session that does nothing after ten."""


@pytest.mark.real_time
async def test_an_idle_process_makes_one_transaction_a_second_at_most(
    fleet: Fleet, postgres: Server
) -> None:
    """Twenty a second for nothing is what an operator pays for, and must explain."""
    lets_connect(fleet.town, shared=True)
    usual = {"PYTHONPATH": str(ROOT), "RINGOUT_POLL_SECONDS": "2"}
    digest = {"RINGOUT_DIGEST": "C0SALES daily 00:00 UTC"}
    missed = {"RINGOUT_MISSED": "*=C0SALES,people"}
    asking = {"RINGOUT_ADMINS": "U0BOB", "RINGOUT_ADMIN_CHANNEL": "C0SALES"}
    usual |= asking | {"RINGOUT_OUTCOMES": "default", "RINGOUT_ASKABLE": "country"}
    await fleet.start(1, **usual, **digest, **missed)
    await asyncio.sleep(COUNTED_AFTER)  # then all that a start has done is counted
    before = postgres.transactions(fleet.url)
    begun = time.monotonic()

    await asyncio.sleep(WATCHED_FOR)

    made = postgres.transactions(fleet.url) - before
    assert 0 < made <= time.monotonic() - begun
