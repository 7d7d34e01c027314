"""The RingCentral double: calls that it refuses to place."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.ringcentral.double import RingCentralDouble
from openapi_check import checker
from ringcentral_api import DANA, SAM, USER, Api, logged_in


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Return a client that is logged in to a double with the usual limits."""
    async with logged_in(RingCentralDouble(validator=checker())) as api:
        yield api


async def test_a_missing_scope_is_named(api: Api) -> None:
    """An admin has to know which box to tick."""
    api.double.logins.scopes.remove("RingOut")

    answer = await api.ring_out()

    assert (answer.status, answer.code) == (403, "CMN-401")
    assert answer.body["permissionName"] == "RingOut"
    assert api.double.calls == []


@pytest.mark.parametrize(
    ("body", "status", "parameter"),
    [
        ({"to": [{"phoneNumber": SAM}]}, 400, "to"),
        ({"to": {"phoneNumber": "4155550142"}}, 400, "to.phoneNumber"),
        ({"to": {}}, 400, "to.phoneNumber"),
        ({"from": None}, 400, "from"),
        ({"from": {"forwardingNumberId": "1"}}, 400, "from.forwardingNumberId"),
        ({"callerId": {"phoneNumber": SAM}}, 403, "callerId.phoneNumber"),
        ({"playPrompt": "no"}, 400, "playPrompt"),
    ],
)
async def test_a_wrong_ring_out_names_its_parameter(
    api: Api, body: dict[str, object], status: int, parameter: str
) -> None:
    """These are the shapes that people really sent."""
    parties = {"from": {"phoneNumber": DANA}, "to": {"phoneNumber": SAM}}
    answer = await api.send("POST", f"{USER}/ring-out", json={**parties, **body})

    assert (answer.status, answer.code) == (status, "CMN-101")
    assert answer.body["parameterName"] == parameter
    assert api.double.calls == []


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        (b"[]", "application/json", 400, "CMN-103"),
        (b"{", "application/json", 400, "CMN-103"),
        (b"to=x", "text/plain", 415, "CMN-110"),
    ],
)
async def test_a_body_that_is_no_json_object_is_refused(
    api: Api, data: bytes, content_type: str, status: int, code: str
) -> None:
    """The SDK sends none at all for an empty one."""
    headers = {"Authorization": f"bearer {api.token}", "Content-Type": content_type}

    answer = await api.send("POST", f"{USER}/ring-out", data=data, headers=headers)

    assert (answer.status, answer.code) == (status, code)


async def test_plan_and_country_policy_refuse_calls(api: Api) -> None:
    """Each of these has its own next step, so each has its own answer."""
    double = api.double
    double.ringouts.dial_codes = ("+1",)
    abroad = await api.ring_out("+442079460123")
    double.service.features["RingOut"] = False
    no_plan = await api.ring_out()
    double.service.features["RingOut"] = True
    double.queue("no-credit", "invalid-number")
    no_credit, invalid = await api.ring_out(), await api.ring_out()
    parties = {"from": {"forwardingNumberId": "15555101"}, "to": {"phoneNumber": SAM}}
    chosen = await api.send("POST", f"{USER}/ring-out", json=parties)

    assert (abroad.status, abroad.body["feature"]) == (403, "InternationalCalls")
    assert (no_plan.status, no_plan.body["feature"]) == (403, "RingOut")
    assert (no_credit.status, no_credit.code) == (403, "NotEnoughFunds")
    assert (invalid.status, invalid.code) == (400, "CMN-101")
    assert chosen.status == 200
    assert [call.caller for call in double.calls] == [DANA]
