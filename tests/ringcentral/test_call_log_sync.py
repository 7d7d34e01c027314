"""What a sync of the call log asks for, against the double."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.ringcentral.call_log_sync import MOST_SYNCED
from bot.ringcentral.client import RingCentral
from bot.ringcentral.sign_in.in_memory import by_jwt
from bot.ringcentral.transport.network import Network, RingCentralApp
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from openapi_check import checker

AGO = timedelta(minutes=1)


@pytest.fixture
async def far() -> AsyncIterator[RingCentralDouble]:
    """Give a RingCentral double that validates each request."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    async with double:
        yield double
        assert double.complaints == []


async def test_each_sync_brings_missed_calls_with_their_legs(
    far: RingCentralDouble,
) -> None:
    """By its legs a call is known that somebody took at another phone."""
    app = RingCentralApp(far.url, far.logins.client_id, far.logins.client_secret)
    network = Network(app)
    log = RingCentral(network, by_jwt(far.logins.jwt)).call_log_sync

    def rings() -> None:
        for kind in ("missed", "outbound"):
            far.add_record(kind, caller="+14155550142", callee="+16505550101", ago=AGO)

    rings()
    first = await log.missed_since(datetime.now(UTC) - timedelta(hours=1))
    rings()
    more = await log.missed_after(first.token)
    network.close()

    assert more is not None
    for [record] in (first.records, more.records):
        assert record.legs
    assert first.records != more.records


async def test_a_log_of_more_than_a_page_is_read_further_back(
    far: RingCentralDouble,
) -> None:
    """A page has 250 calls; the token that comes with it goes on from there."""
    app = RingCentralApp(far.url, far.logins.client_id, far.logins.client_secret)
    network = Network(app)
    log = RingCentral(network, by_jwt(far.logins.jwt)).call_log_sync
    for second in range(MOST_SYNCED + 10):
        ago = AGO + timedelta(seconds=second)
        far.add_record("missed", caller="+14155550142", callee="+16505550101", ago=ago)
    first = await log.missed_since(datetime.now(UTC) - timedelta(hours=1))
    plain = await log.missed_after(first.token)
    older = await log.missed_after(first.token, older=True)
    network.close()

    assert (len(first.records), first.has_older) == (MOST_SYNCED, True)
    assert plain is not None
    assert (plain.records, plain.has_older) == ((), False)
    assert older is not None
    assert (len(older.records), older.has_older) == (10, False)


async def test_a_token_that_ringcentral_does_not_know_any_more_is_no_trouble(
    far: RingCentralDouble,
) -> None:
    """Otherwise the log would never be read again: a refusal is tried with the same token."""
    app = RingCentralApp(far.url, far.logins.client_id, far.logins.client_secret)
    network = Network(app)
    log = RingCentral(network, by_jwt(far.logins.jwt)).call_log_sync
    changes = await log.missed_after("long-forgotten")
    network.close()

    assert changes is None
