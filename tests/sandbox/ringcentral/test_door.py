"""The RingCentral double: limits, faults and the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import aiohttp
import pytest
import requests
from ringcentral import SDK

from bot.sandbox.ledger import Seen
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from openapi_check import checker
from patience import until
from ringcentral_api import DANA, SAM, USER, Answer, Api, logged_in

COMPANY = "/restapi/v1.0/account/~"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Return a client that is logged in to a double with the usual limits."""
    async with logged_in(RingCentralDouble(validator=checker())) as api:
        yield api


async def hung_up(ask: Coroutine[Any, Any, Answer], when: Callable[[], object]) -> None:
    """Ask; close the connection once *when* is true."""
    asking = asyncio.create_task(ask)
    await until(when)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_request_inside_the_penalty_starts_it_anew(api: Api) -> None:
    """The trap that turns one 429 into silence for minutes."""
    clock = api.double.clock
    api.double.limits.heavy = 2
    allowed = [await api.log(), await api.log()]
    first = await api.log()
    clock.skip(59)
    inside = await api.log()
    clock.skip(59)
    again = await api.log()
    light = await api.send("GET", USER)
    clock.skip(61)
    after = await api.log()

    assert [one.headers["X-Rate-Limit-Remaining"] for one in allowed] == ["1", "0"]
    assert [one.status for one in (first, inside, again)] == [429, 429, 429]
    assert first.code == "CMN-301"
    assert first.headers["Retry-After"] == "60"
    assert (light.status, after.status) == (200, 200)
    assert light.headers["X-Rate-Limit-Group"] == "light"
    assert light.headers["X-Rate-Limit-Limit"] == "50"
    log = api.double.requests_of("GET", "call-log")
    assert [one.in_penalty for one in log] == [False, False, False, True, True, False]
    assert {one.group for one in log} == {"Heavy"}


async def test_limits_slide_and_change_while_running(api: Api) -> None:
    """An admin may change them; a bot learns them from the headers."""
    api.double.limits = Limits(heavy=1, window=10, penalty=5, retry_after=False)
    await api.log()
    api.double.clock.skip(11)
    slid = await api.log()
    refused = await api.log()
    api.double.forgive()
    forgiven = await api.log()
    api.double.limits = Limits.off()
    free = [(await api.log()) for _ in range(5)]

    assert (slid.status, refused.status, forgiven.status) == (200, 429, 200)
    assert "Retry-After" not in refused.headers
    assert {one.status for one in free} == {200}
    assert "X-Rate-Limit-Limit" not in free[0].headers


async def test_a_refused_post_may_close_the_group(api: Api) -> None:
    """A 429 to a POST was not executed; the next one after the penalty is."""
    api.double.plan(SAM, "429-post")
    first = await api.ring_out()
    inside = await api.ring_out()
    api.double.clock.skip(61)
    after = await api.ring_out()

    assert [one.status for one in (first, inside, after)] == [429, 429, 200]
    assert len(api.double.calls) == 1
    posts = api.double.requests_of("POST", "ring-out")
    assert [one.in_penalty for one in posts] == [False, True, False]


async def test_lost_answers_leave_a_call_or_none(api: Api) -> None:
    """From outside they look alike: only the log can tell."""
    api.double.queue("lost-answer", "lost-not-executed", "lost-answer-500")
    with pytest.raises(aiohttp.ClientError):
        await api.ring_out()
    with pytest.raises(aiohttp.ClientError):
        await api.ring_out()
    broken = await api.ring_out()
    api.double.queue("lost-answer-502", "hang")
    proxy = await api.ring_out()
    await hung_up(api.ring_out(), lambda: len(api.double.calls) == 4)

    assert (broken.status, broken.code) == (500, "CMN-201")
    assert (proxy.status, proxy.body) == (502, None)
    assert [call.story.name for call in api.double.calls] == [
        "lost-answer",
        "lost-answer-500",
        "lost-answer-502",
        "hang",
    ]
    posts = api.double.requests_of("POST", "ring-out")
    assert [one.status for one in posts] == [0, 0, 500, 502, 0]


async def test_faults_come_before_or_after_the_effect(api: Api) -> None:
    """A lost answer must not change whether the double has placed the call."""
    faults = api.double.faults
    before = faults.add("status", method="POST", path_contains="ring-out", skip=1)
    faults.add("reset", method="POST", path_contains="ring-out", before_effect=False)
    with pytest.raises(aiohttp.ClientError):
        await api.ring_out()
    refused = await api.ring_out()
    faults.add("garbage", path_contains="call-log")
    with pytest.raises(ValueError, match="Expecting value"):
        await api.log()
    faults.add("slow", seconds=0.02)
    faults.add("slow", seconds=0.02, before_effect=False)
    slow = [(await api.log()).status for _ in range(2)]
    forever = faults.add("hang", times=None)
    await hung_up(api.log(), lambda: forever.hits)
    forever.stop()
    faults.add("reset", times=None)
    faults.clear()

    assert refused.status == 503
    assert (before.hits, forever.hits) == (1, 1)
    assert slow == [200, 200]
    assert len(api.double.calls) == 1
    assert (await api.log()).status == 200


async def test_hooks_stand_on_both_sides_of_the_effect(api: Api) -> None:
    """Crash tests kill the bot there."""
    double = api.double
    calls: list[tuple[str, int, int]] = []

    async def before(seen: Seen) -> None:
        calls.append((seen.method, len(double.calls), 0))

    async def after(seen: Seen) -> None:
        calls.append((seen.method, len(double.calls), seen.status))

    double.door.on_request, double.door.on_effect = before, after
    rang: list[str] = []
    double.ringouts.on_placed = lambda call: rang.append(call.id)

    answer = await api.ring_out()

    assert calls == [("POST", 0, 0), ("POST", 1, 0)]
    assert rang == [answer.body["id"]]


async def test_the_ledger_keeps_what_was_sent_but_no_secrets(api: Api) -> None:
    """Counts of requests and connections are what budgets are proved with."""
    await api.log(type=["Voice", "Fax"])
    nowhere = await api.send("GET", "/restapi/v1.0/account/~/nowhere")
    other = await api.send("GET", f"{COMPANY}/extension/1/caller-id")

    seen = api.double.requests_of("GET", "call-log")[0]
    assert seen.query["type"] == ["Voice", "Fax"]
    assert seen.first("view") == "Detailed"
    assert seen.headers["authorization"] == "bearer"
    assert (nowhere.status, nowhere.code) == (404, "CMN-120")
    assert (other.status, other.code) == (404, "CMN-102")
    assert api.double.connections == 1
    assert {one.connection_id for one in api.double.requests} == {1}
    assert all(one.status for one in api.double.requests)


async def test_a_429_that_nobody_heard_tells_nobody(api: Api) -> None:
    """Who asked has given up, or is dead: the answer counts as lost."""
    door, given_up, decided = api.double.door, asyncio.Event(), asyncio.Event()
    api.double.limits = Limits(light=0)

    async def hold(seen: Seen) -> None:
        if seen is api.double.requests[0]:
            await given_up.wait()

    async def note(seen: Seen) -> None:
        if seen is api.double.requests[0]:
            decided.set()

    api.double.requests.clear()
    door.on_request, door.on_effect = hold, note
    ask = api.send("GET", f"{USER}/forwarding-number")
    await hung_up(ask, lambda: api.double.requests)
    heard = await api.send("GET", f"{USER}/forwarding-number")
    given_up.set()
    await decided.wait()

    assert heard.status == 429
    assert [seen.status for seen in api.double.requests_of("GET", "/forwarding")] == [
        0,
        429,
    ]


async def test_account_and_numbers_are_as_the_documents_say(api: Api) -> None:
    """What `from` and `callerId` may be is read from these."""
    number = await api.send("GET", f"{USER}/forwarding-number")
    own = await api.send("GET", f"{USER}/phone-number?usageType=MainCompanyNumber")
    features = await api.send(
        "GET", f"{USER}/features?featureId=RingOut&featureId=Fax&availableOnly=true"
    )
    shown = await api.send("GET", f"{USER}/caller-id")
    for path in (USER, f"{USER}/device", f"{USER}/features?featureId=Fax", COMPANY):
        assert (await api.send("GET", path)).status == 200

    assert number.body["records"][0]["phoneNumber"] == DANA
    assert own.body["records"][0]["phoneNumber"] == "+18885550100"
    assert features.body["records"] == [{"id": "RingOut", "available": True}]
    feature = shown.body["byFeature"][0]
    assert feature["callerId"]["phoneInfo"]["phoneNumber"] == "+16505550190"
    assert api.double.complaints == []


def with_sdk(double: RingCentralDouble) -> list[int]:
    """Log in, place, ask and cancel with the official SDK; return the statuses."""
    logins = double.logins
    platform = SDK(logins.client_id, logins.client_secret, double.url).platform()
    platform.login(jwt=logins.jwt)
    parties = {"from": {"phoneNumber": DANA}, "to": {"phoneNumber": SAM}}
    placed = platform.post(f"{USER}/ring-out", parties)
    path = f"{USER}/ring-out/{placed.json_dict()['id']}"
    wanted = requests.Request("GET", f"{USER}/call-log", params={"view": "Detailed"})
    answers = [placed, platform.get(path), platform.delete(path)]
    platform.refresh()
    answers += [platform.send_request(wanted), platform.logout()]
    return [answer.response().status_code for answer in answers]


async def test_the_official_sdk_works_against_it(api: Api) -> None:
    """The bot speaks through it, down to its headers."""
    statuses = await asyncio.to_thread(with_sdk, api.double)

    assert statuses == [200, 200, 204, 200, 200]
    assert api.double.calls[0].callee == SAM
    assert api.double.complaints == []


async def test_it_can_go_away_and_come_back_as_it_was() -> None:
    """An outage: what was known before is known after."""
    double = RingCentralDouble()
    async with aiohttp.ClientSession() as session:
        api = Api(double, session)
        await double.start()
        await api.log_in()
        placed = await api.ring_out()
        await double.close()
        with pytest.raises(aiohttp.ClientError):
            await api.status(placed.body["id"])
        await double.start(port=int(double.url.rpartition(":")[2]))

        again = await api.status(placed.body["id"])
        await double.close()

    assert again.words[0] == "InProgress"
