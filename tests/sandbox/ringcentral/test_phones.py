"""The RingCentral double: hands on the phones of its calls."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from openapi_check import checker
from ringcentral_api import Api, logged_in

CALLER_UP = ("InProgress", "Success", "InProgress")
FINISHED = ("Success", "Finished", "Finished")


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Return a client that is logged in to a double without limits."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    double.logins.expires_in = 100_000
    async with logged_in(double) as api:
        yield api


async def test_hands_on_the_phones_decide_a_driven_call(api: Api) -> None:
    """The phone room: somebody presses, and the status follows."""
    double = api.double
    call_id = await api.placed("driven")
    assert not double.press(call_id, "callee", "answer")

    assert double.press(call_id, "caller", "answer")
    assert (await api.status(call_id)).words == CALLER_UP
    assert [call.id for call in double.open_calls] == [call_id]
    assert double.press(call_id, "callee", "voicemail")
    double.clock.skip(9)
    assert double.press(call_id, "caller", "hangup")
    assert (await api.status(call_id)).words == FINISHED
    assert double.open_calls == []
    assert not double.press(call_id, "caller", "hangup")

    double.clock.skip(30)
    [record] = await api.records()
    assert record["legs"][0]["result"] == "Voicemail"
    assert record["legs"][0]["duration"] == 9


async def test_a_phone_rings_no_longer_than_its_limit(api: Api) -> None:
    """A driven call that nobody touches ends by itself."""
    call_id = await api.placed("driven")
    api.double.press(call_id, "caller", "answer")

    api.double.clock.skip(41)

    words = (await api.status(call_id)).words
    assert words == ("CannotReach", "Success", "NoAnswer")


async def test_a_hand_ends_a_written_story(api: Api) -> None:
    """Hanging up early works in every story; an unknown word is refused."""
    double = api.double
    call_id = await api.placed()
    double.clock.skip(8)

    double.press(call_id, "caller", "hangup")

    words = (await api.status(call_id)).words
    assert words == ("CannotReach", "Success", "Rejected")
    with pytest.raises(ValueError, match="none of answer"):
        double.press(call_id, "caller", "sing")
    with pytest.raises(KeyError):
        double.press("s-none", "caller", "answer")
