"""The RingCentral double: the log's filters, limits, tokens, faults and the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
import requests
from openapi_check import checker
from ringcentral import SDK
from ringcentral_api import DANA, JWT_GRANT, SAM, USER, Api

from bot.sandbox.ledger import Seen
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral import RingCentralDouble
from bot.sandbox.ringcentral_clock import iso

COMPANY = "/restapi/v1.0/account/~"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Return a client that is logged in to a double with the usual limits."""
    double = RingCentralDouble(validator=checker())
    async with double, aiohttp.ClientSession() as session:
        api = Api(double, session)
        await api.log_in()
        yield api


def past(api: Api, hours: float, kind: str = "outbound", callee: str = SAM) -> str:
    """Put a call of so many hours ago into the log; return its record's id."""
    record = api.double.add_record(
        kind,  # type: ignore[arg-type]
        caller=DANA,
        callee=callee,
        ago=timedelta(hours=hours),
        talk=30,
    )
    return str(record["id"])


async def test_the_log_looks_back_a_day_unless_told_otherwise(api: Api) -> None:
    """The commonest surprise: an empty log, because no dateFrom was sent."""
    young, old = past(api, 23), past(api, 25)
    week = iso(datetime.now(UTC) - timedelta(days=7))

    default = await api.records()
    whole = await api.records(dateFrom=week)
    before = await api.records(
        dateFrom=week, dateTo=iso(datetime.now(UTC) - timedelta(days=1))
    )

    assert [one["id"] for one in default] == [young]
    assert [one["id"] for one in whole] == [young, old]
    assert [one["id"] for one in before] == [old]
    assert api.double.complaints == []


async def test_pages_are_followed_by_their_links(api: Api) -> None:
    """The totals are not there; only the link says that there is more."""
    ids = [past(api, hours) for hours in range(1, 8)]
    seen: list[str] = []
    page = await api.log(perPage=3, type="Voice")
    while True:
        seen += [one["id"] for one in page.body["records"]]
        following = page.body["navigation"].get("nextPage")
        if following is None:
            break
        page = await api.send("GET", following["uri"])

    assert seen == ids
    assert page.body["paging"] == {
        "page": 3,
        "perPage": 3,
        "pageStart": 6,
        "pageEnd": 6,
    }
    assert len(api.double.requests_of("GET", "call-log")) == 3


async def test_the_detailed_view_clips_its_pages(api: Api) -> None:
    """Ask for a thousand, get 250: trust what the answer says."""
    api.double.limits = Limits.off()

    detailed = await api.log(perPage=1000)
    simple = await api.log(perPage="max", view="Simple")
    wrong = await api.log(perPage=0)

    assert detailed.body["paging"]["perPage"] == 250
    assert simple.body["paging"]["perPage"] == 1000
    assert (wrong.status, wrong.code) == (400, "CMN-101")


async def test_the_log_filters_as_documented(api: Api) -> None:
    """By direction, number and session; never by action or result."""
    api.double.limits = Limits.off()
    out, missed = past(api, 1), past(api, 2, "missed", "+14155550143")
    ring_out = past(api, 3, "ringout")

    inbound = await api.records(direction="Inbound")
    number = await api.records(phoneNumber="14155550143")
    simple = await api.records(view="Simple")
    session = await api.records(sessionId=simple[0]["sessionId"])
    api.double.log.ignores_session_filter = True
    unfiltered = await api.records(telephonySessionId="s-none")

    assert [one["id"] for one in inbound] == [missed]
    assert [one["id"] for one in number] == [missed]
    assert [one["id"] for one in simple] == [out, missed, ring_out]
    assert [one["id"] for one in session] == [out]
    assert "legs" not in simple[0]
    assert len(unfiltered) == 3
    assert unfiltered[2]["legs"][1]["legType"] == "RingOutWebToCaller"
    one = await api.send("GET", f"{USER}/call-log/{out}")
    assert one.body["id"] == out
    assert (await api.send("GET", f"{USER}/call-log/none")).code == "CMN-102"
    assert api.double.complaints == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"sessionId": "1", "type": "Voice"}, "CLG-110"),
        ({"phoneNumber": "+14155550142"}, "CMN-101"),
        ({"dateFrom": "2026-11-20T17:00:00"}, "CMN-101"),
        ({"dateTo": "yesterday"}, "CMN-101"),
        ({"page": "0"}, "CMN-101"),
    ],
)
async def test_impossible_log_questions_are_refused(
    api: Api, query: dict[str, str], code: str
) -> None:
    """Better a refusal here than an empty log in production."""
    answer = await api.log(**query)

    assert (answer.status, answer.code) == (400, code)


async def test_the_company_log_needs_a_permission(api: Api) -> None:
    """It has everybody's calls, so not everybody may read it."""
    past(api, 1)
    api.double.add_record(
        "ringout", caller=DANA, callee=SAM, ago=timedelta(hours=2), company=True
    )

    refused = await api.send("GET", f"{COMPANY}/call-log")
    api.double.door.permissions.add("FullCompanyCallLog")
    allowed = await api.send("GET", f"{COMPANY}/call-log", params={"view": "Detailed"})

    assert (refused.status, refused.code) == (403, "CMN-408")
    assert refused.body["permissionName"] == "FullCompanyCallLog"
    assert len(allowed.body["records"]) == 2
    assert len(await api.records()) == 1
    assert api.double.complaints == []


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
    answer = await api.ring_out(**body)

    assert (answer.status, answer.code) == (status, "CMN-101")
    assert answer.body["parameterName"] == parameter
    assert api.double.calls == []


async def test_plan_and_country_policy_refuse_calls(api: Api) -> None:
    """Each of these has its own next step, so each has its own answer."""
    double = api.double
    double.ringouts.dial_codes = ("+1",)
    abroad = await api.ring_out("+442079460123")
    double.directory.features["RingOut"] = False
    no_plan = await api.ring_out()
    double.directory.features["RingOut"] = True
    double.queue("no-credit", "invalid-number")
    no_credit, invalid = await api.ring_out(), await api.ring_out()
    chosen = await api.ring_out(**{"from": {"forwardingNumberId": "15555101"}})

    assert (abroad.status, abroad.body["feature"]) == (403, "InternationalCalls")
    assert (no_plan.status, no_plan.body["feature"]) == (403, "RingOut")
    assert (no_credit.status, no_credit.code) == (403, "NotEnoughFunds")
    assert (invalid.status, invalid.code) == (400, "CMN-101")
    assert chosen.status == 200
    assert [call.caller for call in double.calls] == [DANA]


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


async def refreshed(api: Api, token: str) -> tuple[int, str]:
    """Refresh; return the status and the new refresh token, or the error."""
    answer = await api.grant(grant_type="refresh_token", refresh_token=token)
    told = answer.body.get("refresh_token") or answer.body["error"]
    return answer.status, told


async def test_a_refresh_token_is_good_once_and_shortly_again(api: Api) -> None:
    """Two threads that refresh at once get the same answer; a late one gets none."""
    first = (await api.log_in()).body
    second = await refreshed(api, first["refresh_token"])
    at_once = await refreshed(api, first["refresh_token"])
    old = await api.send("GET", USER)
    api.token = api.double.logins.sessions[-1].access_token
    new = await api.send("GET", USER)
    api.double.clock.skip(11)
    late = await refreshed(api, first["refresh_token"])

    assert second == at_once
    assert second[0] == 200
    assert (old.status, new.status) == (401, 200)
    assert late == (400, "invalid_grant")
    assert len(api.double.token_posts) == 5


async def test_tokens_expire_and_sessions_end(api: Api) -> None:
    """A bot that runs for months meets all of these."""
    logins = api.double.logins
    api.double.limits.auth = None
    api.double.clock.skip(3601)
    expired = await api.send("GET", USER)
    await api.log_in()
    api.double.logins.expire()
    made_to_expire = await api.send("GET", USER)
    answer = await api.log_in()
    for _ in range(5):
        await api.grant(grant_type=JWT_GRANT, assertion=logins.jwt)
    pushed_out = await api.send("GET", USER)
    logins.refresh_tokens = False
    plain = await api.log_in()
    logins.forget()

    assert (expired.status, expired.code) == (401, "OAU-128")
    assert made_to_expire.code == "OAU-128"
    assert pushed_out.code == "OAU-129"
    assert answer.body["session_id"]
    assert "refresh_token" not in plain.body
    assert (await api.send("GET", USER)).status == 401
    assert (await api.send("GET", USER, headers={"Authorization": ""})).code == (
        "CMN-405"
    )
    assert api.double.complaints == []


async def test_bad_credentials_are_refused_in_oauths_words(api: Api) -> None:
    """The operator reads these at the first start."""
    client = await api.grant(secret="wrong", grant_type=JWT_GRANT, assertion="x")
    jwt = await api.grant(grant_type=JWT_GRANT, assertion="x")
    grant = await api.grant(grant_type="password")
    limit = [(await api.grant(grant_type="x")).status for _ in range(2)]

    assert (client.status, client.body["error"]) == (401, "invalid_client")
    assert (jwt.status, jwt.body["error"]) == (400, "invalid_grant")
    assert grant.body["error"] == "unsupported_grant_type"
    assert limit == [400, 429]


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
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(api.ring_out(), 0.05)

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
    """Whether a call was placed must not depend on whether we were told."""
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
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(api.log(), 0.05)
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
