"""The RingCentral double: the call log's pages, and which users may read them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.clock import iso
from bot.sandbox.ringcentral.double import RingCentralDouble
from openapi_check import checker
from ringcentral_api import DANA, SAM, USER, Api, logged_in

COMPANY = "/restapi/v1.0/account/~"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Return a client that is logged in to a double with the usual limits."""
    async with logged_in(RingCentralDouble(validator=checker())) as api:
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


async def test_a_sync_goes_on_from_its_token_until_that_is_stale(api: Api) -> None:
    """What is new or has changed comes once, and an unknown token is an error."""
    sync = f"{USER}/call-log-sync"
    past(api, 1)
    missed = past(api, 1, "missed")
    full = {"syncType": "FSync", "recordCount": "250", "statusGroup": "Missed"}
    first = await api.send("GET", sync, params=full | {"view": "Detailed"})
    known = {"syncType": "ISync", "statusGroup": "Missed"}
    token = first.body["syncInfo"]["syncToken"]
    nothing = await api.send("GET", sync, params=known | {"syncToken": token})
    later = past(api, 0, "voicemail")
    token = nothing.body["syncInfo"]["syncToken"]
    known |= {"syncToken": token}
    new = await api.send("GET", sync, params=known | {"view": "Detailed"})
    simple = await api.send("GET", sync, params=known)
    stale = await api.send("GET", sync, params=known | {"syncToken": "long ago"})
    wrong = await api.send("GET", sync, params={"syncType": "FSync"})

    assert [each["id"] for each in first.body["records"]] == [missed]
    assert nothing.body["records"] == []
    assert [each["id"] for each in new.body["records"]] == [later]
    assert "legs" in new.body["records"][0]
    assert "legs" not in simple.body["records"][0]
    assert (stale.status, stale.code) == (400, "CLG-102")
    assert wrong.status == 400
    assert [c for c in api.double.complaints if "recordCount" not in c] == []


async def test_a_sync_is_extended_to_the_past_page_by_page(api: Api) -> None:
    """By ``recordCount`` with a token: so nothing of a long outage is lost."""
    sync = f"{USER}/call-log-sync"
    ids = [past(api, hours, "missed") for hours in range(1, 8)]
    full = {"syncType": "FSync", "recordCount": "3", "statusGroup": "Missed"}
    more = {"syncType": "ISync", "recordCount": "3", "statusGroup": "Missed"}
    answers = [await api.send("GET", sync, params=full)]
    for _ in range(2):
        token = {"syncToken": answers[-1].body["syncInfo"]["syncToken"]}
        answers.append(await api.send("GET", sync, params=more | token))
    new = past(api, 0, "missed")
    token = {"syncToken": answers[-1].body["syncInfo"]["syncToken"]}
    answers.append(await api.send("GET", sync, params=more | token))

    shown = [[one["id"] for one in each.body["records"]] for each in answers]
    assert shown == [ids[:3], ids[3:6], ids[6:], [new]]
    older = [each.body["syncInfo"]["olderRecordsExist"] for each in answers]
    assert older == [True, True, False, False]
    assert api.double.complaints == []
