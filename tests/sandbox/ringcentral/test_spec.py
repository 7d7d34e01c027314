"""The RingCentral double against RingCentral's own OpenAPI document."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.stories import STORIES
from openapi_check import SPEC, checker
from ringcentral_api import SAM, USER, Api, logged_in
from selection import VENDORS

pytestmark = pytest.mark.skipif(
    not SPEC.exists(), reason=f"no RingCentral document: {VENDORS}"
)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Return a client that is logged in to a double without limits."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    double.logins.expires_in = 100_000
    async with logged_in(double) as api:
        yield api


@pytest.mark.long_table
@pytest.mark.parametrize("story", sorted(set(STORIES) - {"hang"}))
async def test_every_story_answers_as_the_documents_allow(api: Api, story: str) -> None:
    """A double that RingCentral's own schema refuses would prove nothing."""
    api.double.plan(SAM, story)
    try:
        await api.ring_out()
    except aiohttp.ClientError:
        assert STORIES[story].loss == "reset"

    for _ in range(6):
        for call in api.double.calls:
            await api.status(call.id)
        await api.log()
        await api.log(view="Simple")
        api.double.clock.skip(35)

    assert api.double.complaints == []
    assert len(api.double.calls) == (
        STORIES[story].executed
        and not STORIES[story].penalty
        and STORIES[story].refusal is None
    )


async def test_the_check_names_what_is_wrong_with_a_request(api: Api) -> None:
    """A checker that accepts everything would prove nothing either."""
    await api.log(view="Whole", dateform="yesterday", perPage="many")
    await api.log(dateFrom="yesterday", page=[1, 2])
    await api.ring_out(to="+14155550142", from_="x")
    await api.send("GET", f"{USER}/nonsense")
    await api.send("GET", USER, json={})

    complaints = "\n".join(api.double.complaints)

    for wrong in (
        "view can't be 'Whole'",
        "dateform is unknown",
        "perPage can't be 'many'",
        "dateFrom can't be 'yesterday'",
        "page is given 2 times",
        "body: to: ",
        "body: from_ is unknown",
        "no such operation",
        "there should be no body",
    ):
        assert wrong in complaints
