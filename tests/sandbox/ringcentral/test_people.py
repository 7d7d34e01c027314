"""The RingCentral double: people with phones, calls and limits of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from openapi_check import checker
from ringcentral_api import SAM, USER, Answer, Api, logged_in

COMPANY = "+18885550100"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Return a client of a double without limits, in which Ann and Bob are."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    double.logins.expires_in = 100_000
    double.add_person("ann", full_name="Ann Lee")
    double.add_person("bob")
    async with logged_in(double) as api:
        yield api


async def call(api: Api, person: str, **more: Any) -> Answer:
    """Ring out from a person's mobile to Sam."""
    parties = {
        "from": {"phoneNumber": api.double.person(person).mobile},
        "to": {"phoneNumber": SAM},
    }
    return await api.send("POST", f"{USER}/ring-out", json={**parties, **more})


async def numbers(api: Api, what: str) -> list[dict[str, Any]]:
    """Return a list of the asker's."""
    answer = await api.send("GET", f"{USER}/{what}")
    assert answer.status == 200
    found: list[dict[str, Any]] = answer.body["records"]
    return found


async def test_everybody_has_numbers_of_their_own_and_shares_the_companys(
    api: Api,
) -> None:
    """What may ring first and what others may see: the bot offers just these."""
    ann, bob = await api.as_person("ann"), await api.as_person("bob")
    her, his = api.double.person("ann"), api.double.person("bob")
    rings = await numbers(ann, "forwarding-number")
    shows = await numbers(ann, "phone-number")
    caller_id = await ann.send("GET", f"{USER}/caller-id")
    devices = await numbers(ann, "device")
    me = (await bob.send("GET", USER)).body

    assert [(each["type"], each["phoneNumber"]) for each in rings] == [
        ("Mobile", her.mobile),
        ("PhoneLine", her.desk),
    ]
    assert [each["phoneNumber"] for each in shows] == [her.direct, COMPANY]
    assert all("CallerId" in each["features"] for each in shows)
    assert [each["phoneNumber"] for each in await numbers(bob, "phone-number")] == [
        his.direct,
        COMPANY,
    ]
    assert rings[1]["device"]["id"] == devices[0]["id"]
    shown = caller_id.body["byFeature"][0]["callerId"]["phoneInfo"]["phoneNumber"]
    assert shown == her.direct
    assert (
        len({her.mobile, her.desk, her.direct, his.mobile, his.desk, his.direct}) == 6
    )
    assert (me["id"], me["name"]) == (int(his.extension_id), "Bob Example")
    assert me["contact"]["email"] == "bob@example.com"
    assert api.double.complaints == []


async def test_ninety_nine_people_are_all_different() -> None:
    """More than anybody's test needs, and no two share a number or an id."""
    double = RingCentralDouble()
    people = [double.add_person(f"p{number}") for number in range(99)]

    for what in ("extension_id", "extension_number", "mobile", "desk", "direct"):
        assert len({getattr(each, what) for each in people}) == 99
    with pytest.raises(ValueError, match="no more than 99"):
        double.add_person("one-more")
    with pytest.raises(ValueError, match="'p0' already"):
        double.add_person("p0")
    given = RingCentralDouble().add_person(
        "eve",
        extension_number="7",
        mobile="+442079460123",
        desk="+442079460124",
        direct="+442079460125",
    )
    assert (given.extension_number, given.mobile) == ("7", "+442079460123")
    assert (given.desk, given.direct) == ("+442079460124", "+442079460125")


async def test_a_call_is_its_owners_alone(api: Api) -> None:
    """Bob can neither follow nor cancel Ann's call: for him it is not there."""
    ann, bob = await api.as_person("ann"), await api.as_person("bob")
    api.double.play("driven")
    hers = (await call(ann, "ann")).body["id"]
    seen, canceled = await bob.status(hers), await bob.cancel(hers)
    service = await api.status(hers)
    theirs = await bob.send(
        "GET",
        USER.replace(
            "extension/~", f"extension/{api.double.person('ann').extension_id}"
        ),
    )

    assert (seen.status, canceled.status, service.status) == (404, 404, 404)
    assert (seen.code, seen.body["parameterName"]) == ("CMN-102", "ringOutId")
    assert theirs.status == 404
    assert (await ann.status(hers)).status == 200
    (placed,) = api.double.calls
    assert (placed.owner, placed.caller_id) == ("ann", api.double.person("ann").direct)
    assert api.double.calls_of("bob") == []
    assert (await ann.cancel(hers)).status == 204
    assert api.double.complaints == []


async def test_everybody_reads_their_own_log(api: Api) -> None:
    """Ann's calls are told to Ann; the company's log, to who may, has them all."""
    ann, bob = await api.as_person("ann"), await api.as_person("bob")
    double = api.double
    double.door.permissions.add("FullCompanyCallLog")
    for person, client in (("ann", ann), ("bob", bob)):
        await call(client, person)
    double.add_record(
        "missed",
        caller=SAM,
        callee=double.person("ann").direct,
        ago=timedelta(hours=1),
        person="ann",
    )
    double.clock.skip(600)
    hers, his, nobodys = await ann.records(), await bob.records(), await api.records()
    company = await api.send("GET", "/restapi/v1.0/account/~/call-log")
    read = [
        (await client.send("GET", f"{USER}/call-log/{hers[0]['id']}")).status
        for client in (ann, bob)
    ]

    assert [each["internalType"] for each in hers] == ["RingOut", "Local"]
    assert [each["from"]["name"] for each in his] == ["Bob Example"]
    assert nobodys == []
    assert len(company.body["records"]) == 3
    assert read == [200, 404]
    owner = hers[0]["legs"][0]["extension"]["id"]
    assert owner == int(double.person("ann").extension_id)
    assert double.person("bob").extension_id in his[0]["uri"]
    assert double.complaints == []


async def test_others_see_only_a_number_that_is_yours_to_show(api: Api) -> None:
    """Your own and the company's; a colleague's, or a stranger's, is refused."""
    ann = await api.as_person("ann")
    double = api.double
    mine, colleague = double.person("ann").direct, double.person("bob").direct
    good = [
        (await call(ann, "ann", callerId={"phoneNumber": one})).status
        for one in (mine, COMPANY)
    ]
    refused = [
        await call(ann, "ann", callerId={"phoneNumber": one})
        for one in (colleague, SAM, double.person("ann").mobile)
    ]
    double.person("ann").phone_numbers[1]["features"] = []
    taken_away = await call(ann, "ann", callerId={"phoneNumber": COMPANY})

    assert good == [200, 200]
    assert [each.caller_id for each in double.calls] == [mine, COMPANY]
    for answer in (*refused, taken_away):
        assert (answer.status, answer.code) == (403, "CMN-101")
        assert answer.body["parameterName"] == "callerId.phoneNumber"


async def test_a_phone_is_named_by_its_id_too_if_it_is_yours(api: Api) -> None:
    """The id of a colleague's phone rings nobody."""
    ann = await api.as_person("ann")
    mine = api.double.person("ann").forwarding_numbers[1]
    others = api.double.person("bob").forwarding_numbers[1]
    good = await call(ann, "ann", **{"from": {"forwardingNumberId": mine["id"]}})
    bad = await call(ann, "ann", **{"from": {"forwardingNumberId": others["id"]}})

    assert (good.status, bad.status) == (200, 400)
    assert api.double.calls[0].caller == api.double.person("ann").desk


async def test_my_voicemail_never_reaches_a_customer_who_is_prompted_for(
    api: Api,
) -> None:
    """Nobody presses 1 there, so the customer's phone never rings."""
    ann = await api.as_person("ann")
    double = api.double
    double.play("caller-voicemail")
    asked = (await call(ann, "ann", playPrompt=True)).body["id"]
    put_through = (await call(ann, "ann")).body["id"]
    double.clock.skip(27)
    while_it_listens, greeted = await ann.status(asked), await ann.status(put_through)
    double.clock.skip(8)
    given_up = await ann.status(asked)
    double.clock.skip(60)
    records = {each["telephonySessionId"]: each for each in await ann.records()}

    assert [each.play_prompt for each in double.calls] == [True, False]
    assert while_it_listens.words == ("InProgress",) * 3
    assert greeted.words == ("Success",) * 3
    assert given_up.words == ("CannotReach", "NoAnswer", "InProgress")
    assert double.call(asked).progress().callee.rings_at is None
    assert records[asked]["result"] == "Answered Not Accepted"
    assert [each["legType"] for each in records[asked]["legs"]] == [
        "RingOutClientToCaller"
    ]
    assert records[put_through]["result"] == "Call connected"
    assert double.complaints == []


async def test_a_hand_lets_a_voicemail_answer_a_prompted_call(api: Api) -> None:
    """The same by hand; a person who answers presses 1, and it goes on."""
    ann = await api.as_person("ann")
    double = api.double
    double.play("driven")
    machine = (await call(ann, "ann", playPrompt=True)).body["id"]
    person = (await call(ann, "ann", playPrompt=True)).body["id"]
    double.press(machine, "caller", "voicemail")
    double.press(person, "caller", "answer")
    double.clock.skip(13)

    assert double.call(machine).progress().caller.ending == "not-accepted"
    assert (await ann.status(person)).words == ("InProgress", "Success", "InProgress")
    assert not double.press(machine, "callee", "answer")


async def test_everybody_has_a_budget_of_their_own(api: Api) -> None:
    """RingCentral counts by user and app and group: Ann's penalty is Ann's."""
    ann, bob = await api.as_person("ann"), await api.as_person("bob")
    double = api.double
    double.limits = Limits(heavy=2, light=3)
    hers = [(await call(ann, "ann")).status for _ in range(3)]
    his = [(await call(bob, "bob")).status for _ in range(2)]
    light = await ann.send("GET", USER)
    service = [(await api.send("GET", USER)).status for _ in range(4)]
    last = double.requests_of("POST", "/ring-out")[2]
    shared = double.door.limiter.admit("Light", double.clock.real())
    double.forgive()

    assert hers == [200, 200, 429]
    assert his == [200, 200]
    assert light.headers["X-Rate-Limit-Remaining"] == "2"
    assert service == [200, 200, 200, 429]
    assert (shared.admitted, shared.in_penalty) == (False, True)
    assert (last.person, last.group, last.status) == ("ann", "Heavy", 429)
    assert (await call(ann, "ann")).status == 200


async def test_a_story_of_a_penalty_closes_one_persons_group(api: Api) -> None:
    """Bob's call goes through while Ann's is refused, as at RingCentral."""
    ann, bob = await api.as_person("ann"), await api.as_person("bob")
    api.double.limits = Limits()
    api.double.queue("429-post")

    assert (await call(ann, "ann")).status == 429
    assert (await call(ann, "ann")).status == 429
    assert (await call(bob, "bob")).status == 200


async def test_sign_ins_are_counted_by_person_too(api: Api) -> None:
    """Thirty people sign in within a minute, and nobody is refused."""
    double = api.double
    for number in range(28):
        double.add_person(f"p{number}")
    double.limits = Limits()
    names = [each.handle for each in double.people.everybody[1:]]
    clients = await asyncio.gather(*(api.as_person(name) for name in names))
    calls = await asyncio.gather(
        *(call(one, name) for one, name in zip(clients, names, strict=True))
    )
    tokens = [double.sessions_of("ann")[0].refresh_token]
    refreshed = [
        (await api.grant(grant_type="refresh_token", refresh_token=tokens[0])).status
        for _ in range(5)
    ]

    assert len(names) == 30
    assert [answer.status for answer in calls] == [200] * 30
    assert sorted(each.owner for each in double.calls) == sorted(names)
    assert refreshed == [200, 200, 200, 200, 429]
    assert double.token_posts[-1].person == "ann"
    assert (await api.log_in()).status == 200
    assert double.complaints == []
