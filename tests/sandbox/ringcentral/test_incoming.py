"""The RingCentral double: calls that come in, and what its log and its events say of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.calls.log.missed_calls import MissedCall, missed_in
from bot.ringcentral.transport import telephony, wire
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.incoming import MESSAGE_SECONDS, IncomingCall
from bot.sandbox.ringcentral.incoming_records import (
    LOGGED_SECONDS,
    LONGEST_RING,
    incoming_events,
    record_of,
)
from bot.sandbox.ringcentral.life import RING_LIMIT
from openapi_check import SPEC, checker, schema_errors
from ringcentral_api import SAM, Api, logged_in

RUNG = 12.0


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Return a client that is logged in to a double without limits."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    double.logins.expires_in = 100_000
    async with logged_in(double) as api:
        yield api
    assert double.complaints == []


def played(double: RingCentralDouble, *keys: str) -> IncomingCall:
    """Have a call come in, press each of *keys* after a while, and wait for its record."""
    call = double.incoming.ring(SAM, name="Sam")
    for key in keys:
        double.clock.skip(RUNG)
        assert double.incoming.press(call.id, key)
    double.clock.skip(RING_LIMIT + MESSAGE_SECONDS + LOGGED_SECONDS)
    return call


def missed(call: IncomingCall) -> list[MissedCall]:
    """Return what the bot makes of the call's record."""
    return missed_in([wire.record(record_of(call)) or pytest.fail("no record")])


@pytest.mark.parametrize(
    ("keys", "result", "is_missed", "has_voicemail", "rang"),
    [
        ((), "Missed", True, False, LONGEST_RING),
        (("no-answer",), "Missed", True, False, RUNG),
        (("voicemail",), "Voicemail", True, True, RUNG),
        (("reject",), "Rejected", True, False, RUNG),
        (("gave-up",), "Hang Up", True, False, RUNG),
        (("voicemail", "hangup"), "Voicemail", True, True, RUNG),
        (("answer", "hangup"), "Accepted", False, False, None),
    ],
)
async def test_what_is_done_about_a_call_is_what_the_log_says(
    api: Api,
    keys: tuple[str, ...],
    result: str,
    is_missed: bool,  # noqa: FBT001 - parametrized
    has_voicemail: bool,  # noqa: FBT001 - parametrized
    rang: float | None,
) -> None:
    """The bot reads it as it reads RingCentral's, and so do the events that it is sent."""
    call = played(api.double, *keys)

    [record] = await api.records(view="Detailed")
    assert record["result"] == result
    assert record["from"] == {"phoneNumber": SAM, "name": "Sam"}
    assert bool(missed(call)) == is_missed
    for each in missed(call):
        assert each.has_voicemail == has_voicemail
        assert each.rang == timedelta(seconds=rang or 0)
    bodies = list(incoming_events(call))
    told = [telephony.session_event({"uuid": "u", "body": each}) for each in bodies]
    assert [bool(each and each.is_missed) for each in told] == [
        *[False] * (len(told) - 1),
        is_missed,
    ]
    if SPEC.exists():
        for body in bodies:
            assert schema_errors("TelephonySessionsEventBody", body) == []


async def test_the_log_has_a_call_some_time_after_its_end_alone(api: Api) -> None:
    """While it rings, and right after, nobody can read that it was missed."""
    call = api.double.incoming.ring(SAM)
    assert await api.records() == []

    api.double.clock.skip(RING_LIMIT + LOGGED_SECONDS - 1)
    assert call.state().is_missed
    assert await api.records() == []

    api.double.clock.skip(2)
    assert len(await api.records()) == 1


async def test_a_key_that_has_no_effect_says_so(api: Api) -> None:
    """Nobody can hang up what rings, or take what is over."""
    incoming = api.double.incoming
    call = incoming.ring(SAM)

    assert not incoming.press(call.id, "hangup")
    assert incoming.press(call.id, "answer")
    assert not incoming.press(call.id, "voicemail")
    assert incoming.press(call.id, "hangup")
    assert not incoming.press(call.id, "hangup")
    with pytest.raises(KeyError):
        incoming.press("s-nowhere", "answer")
    with pytest.raises(ValueError, match="busy"):
        incoming.press(call.id, "busy")
