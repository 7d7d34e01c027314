"""What a sync of the call log asks for, against the double."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

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
