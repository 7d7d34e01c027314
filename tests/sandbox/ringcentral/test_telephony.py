"""The RingCentral double: sessions of calls, what hangs them up, and presence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.life import CallStage
from bot.sandbox.ringcentral.parties import PartyChange, changes_of, event_body
from bot.sandbox.ringcentral.subscriptions import CALL_CONTROL
from bot.sandbox.ringcentral.telephony import READ_PRESENCE
from bot.sandbox.stories import STORIES
from openapi_check import SPEC, checker, schema_errors
from ringcentral_api import DANA, SAM, USER, Answer, Api, logged_in
from selection import VENDORS

SESSIONS = "/restapi/v1.0/account/~/telephony/sessions"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Return a client of an app that RingCentral has given call control."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    double.logins.expires_in = 100_000
    double.logins.scopes |= {CALL_CONTROL, READ_PRESENCE}
    double.add_person("ann", direct=SAM)
    async with logged_in(double) as api:
        yield api
    assert double.complaints == []


async def session(api: Api, identity: str) -> Answer:
    """Request a session."""
    return await api.send("GET", f"{SESSIONS}/{identity}")


async def drop(api: Api, identity: str) -> int:
    """Hang up a session; return the answer's status."""
    return (await api.send("DELETE", f"{SESSIONS}/{identity}")).status


async def active(api: Api) -> list[dict[str, Any]]:
    """Return the calls that the user's presence shows."""
    query = {"detailedTelephonyState": "true"}
    answer = await api.send("GET", f"{USER}/presence", params=query)
    assert answer.status == 200
    calls: list[dict[str, Any]] = answer.body["activeCalls"]
    return calls


def codes(answer: Answer) -> dict[str, str]:
    """Return the state of each party by its role."""
    return {
        each["ringOutRole"]: each["status"]["code"] for each in answer.body["parties"]
    }


async def test_a_session_goes_through_a_calls_life(api: Api) -> None:
    """Both parties are told apart by role and number, and by nothing else."""
    call_id = await api.placed()
    seen = []
    for skipped in (0, 6, 6, 60):
        api.double.clock.skip(skipped)
        seen.append(codes(await session(api, call_id)))
    api.double.clock.skip(60)
    gone = await session(api, call_id)

    assert seen == [
        {"Initiator": "Proceeding"},
        {"Initiator": "Answered", "Target": "Proceeding"},
        {"Initiator": "Answered", "Target": "Answered"},
        {"Initiator": "Disconnected", "Target": "Disconnected"},
    ]
    assert gone.status == 404


async def test_only_people_in_the_account_have_an_extension(api: Api) -> None:
    """RingCentral never names an outside callee's extension."""
    inside, outside = await api.placed(), await api.ring_out("+13125550177")
    api.double.clock.skip(6)

    parties = [
        (await session(api, one)).body["parties"][1]
        for one in (inside, outside.body["id"])
    ]

    assert parties[0]["extensionId"] == api.double.person("ann").extension_id
    assert "extensionId" not in parties[1]


@pytest.mark.parametrize("verb", ["GET", "DELETE"])
async def test_without_call_control_a_session_is_refused(api: Api, verb: str) -> None:
    """RingCentral grants the permission on request only."""
    call_id = await api.placed()
    api.double.logins.scopes.discard(CALL_CONTROL)

    answer = await api.send(verb, f"{SESSIONS}/{call_id}")

    assert (answer.status, answer.code) == (403, "CMN-401")
    assert api.double.open_calls


@pytest.mark.parametrize(
    ("skipped", "result"), [(1, "Stopped"), (8, "Stopped"), (15, "Call connected")]
)
async def test_hanging_up_ends_the_call_and_its_record_says_so(
    api: Api, skipped: float, result: str
) -> None:
    """The log tells what became of a call that was hung up."""
    call_id = await api.placed()
    api.double.clock.skip(skipped)

    first, second = await drop(api, call_id), await drop(api, call_id)
    stage = api.double.call(call_id).progress().stage
    api.double.clock.skip(30)
    [record] = await api.records()

    assert (first, second, stage) == (204, 404, CallStage.OVER)
    assert record["result"] == result


async def test_a_race_is_answered_by_409_once(api: Api) -> None:
    """Somebody else is changing the session; the call goes on."""
    call_id = await api.placed()
    api.double.telephony.conflicts += ["TAS-102"]

    lost = await api.send("DELETE", f"{SESSIONS}/{call_id}")

    assert (lost.status, lost.code) == (409, "TAS-102")
    assert api.double.open_calls
    assert await drop(api, call_id) == 204


async def test_nobody_ends_somebody_elses_call(api: Api) -> None:
    """A session belongs to its person."""
    call_id = await api.placed()
    ann = await api.as_person("ann")

    assert await drop(ann, call_id) == 404
    assert (await session(ann, call_id)).status == 404


async def test_a_session_may_have_another_id_than_the_ring_out(api: Api) -> None:
    """RingCentral does not say that they are the same."""
    call_id = await api.placed("other-id")

    [shown] = await active(api)

    assert shown["telephonySessionId"] != call_id
    assert (await session(api, call_id)).status == 404
    assert (await session(api, shown["telephonySessionId"])).status == 200


async def test_presence_shows_every_call_of_the_person(api: Api) -> None:
    """One of them is not the bot's: it must never be hung up."""
    private = api.double.telephony.add_other("+13125550177")
    api.double.telephony.add_other("+13125550178", person="ann")
    call_id = await api.placed()

    shown = {each["telephonySessionId"]: each for each in await active(api)}
    other = await session(api, private.id)
    await drop(api, private.id)

    assert shown.keys() == {call_id, private.id}
    assert (shown[call_id]["from"], shown[call_id]["to"]) == (SAM, DANA)
    assert other.body["origin"] == {"type": "Call"}
    assert private.is_over
    assert [each["telephonySessionId"] for each in await active(api)] == [call_id]


async def test_changes_come_in_order_and_stay(api: Api) -> None:
    """What delivers events asks again and again what is new."""
    call_id = await api.placed()
    call = api.double.call(call_id)
    seen: list[PartyChange] = []
    for skipped in (0, 6, 6, 60):
        api.double.clock.skip(skipped)
        now = changes_of(call)
        assert now[: len(seen)] == seen
        seen = now

    assert [(each.side, each.code) for each in seen] == [
        ("caller", "Proceeding"),
        ("caller", "Answered"),
        ("callee", "Proceeding"),
        ("callee", "Answered"),
        ("caller", "Disconnected"),
        ("callee", "Disconnected"),
    ]
    assert [each.sequence for each in seen] == sorted({each.sequence for each in seen})


@pytest.mark.skipif(not SPEC.exists(), reason=f"no RingCentral document: {VENDORS}")
async def test_every_event_is_as_the_documents_have_it(api: Api) -> None:
    """An event that RingCentral would never send would prove nothing."""
    for story in STORIES.values():
        if not (story.loss or story.penalty or story.refusal):
            api.double.plan(SAM, story)
            await api.ring_out()
    api.double.clock.skip(120)

    bodies = [
        event_body(call, change, api.double.people)
        for call in api.double.calls
        for change in changes_of(call)
    ]

    assert len(bodies) > len(STORIES)
    for body in bodies:
        [party] = body["parties"]
        party.pop("ringOutRole")  # RingCentral's own code reads it there
        assert schema_errors("TelephonySessionsEventBody", body) == []
