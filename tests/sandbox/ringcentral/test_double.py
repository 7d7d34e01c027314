"""The RingCentral double: calls and what the log makes of them.

The bot's tests and the demo believe it, so it has to deserve that.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.stories import ALIASES, STORIES, find
from openapi_check import checker
from ringcentral_api import DANA, SAM, Api, logged_in

RINGING = ("InProgress", "InProgress", "InProgress")
CALLER_UP = ("InProgress", "Success", "InProgress")
CONNECTED = ("Success", "Success", "Success")
FINISHED = ("Success", "Finished", "Finished")
GONE = ("404",)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Return a client that is logged in to a double without limits."""
    double = RingCentralDouble(limits=Limits.off(), validator=checker())
    double.logins.expires_in = 100_000
    async with logged_in(double) as api:
        yield api


async def live_words(api: Api, call_id: str) -> list[tuple[str, ...]]:
    """Return the live words of a call's life as they change."""
    seen: list[tuple[str, ...]] = []
    for _ in range(50):
        words = (await api.status(call_id)).words
        if words not in seen[-1:]:
            seen.append(words)
        api.double.clock.skip(2)
    return seen


async def test_a_call_goes_through_the_documented_stages(api: Api) -> None:
    """The bot's live card is only as good as these words."""
    call_id = await api.placed()

    words = await live_words(api, call_id)

    assert words == [RINGING, CALLER_UP, CONNECTED, FINISHED, GONE]


@pytest.mark.parametrize(
    ("story", "last"),
    [
        ("callee-busy", ("CannotReach", "Success", "Busy")),
        ("caller-no-answer", ("CannotReach", "NoAnswer", "InProgress")),
        ("contradiction", ("CannotReach", "GenericError", "Success")),
        ("canceled", ("CannotReach", "Rejected", "InProgress")),
        ("no-credit-status", ("CannotReach", "Success", "NotEnoughFunds")),
    ],
)
async def test_a_call_that_fails_says_which_side(
    api: Api, story: str, last: tuple[str, ...]
) -> None:
    """Which side failed is what people ask first."""
    call_id = await api.placed(story)

    words = await live_words(api, call_id)

    assert words[-2:] == [last, GONE]


async def test_a_status_may_end_otherwise_than_by_404(api: Api) -> None:
    """Both spellings of "gone", and one that is gone from the start."""
    ended = await live_words(api, await api.placed("no-session-found"))
    blind = await live_words(api, await api.placed("early-404"))

    assert ended[-1] == ("NoSessionFound",) * 3
    assert blind == [GONE]


async def test_the_record_comes_late_and_by_the_ring_out_id(api: Api) -> None:
    """Reading the log at once finds nothing: the guide says 15 to 30 seconds."""
    call_id = await api.placed()
    api.double.clock.skip(60)
    at_once = await api.records()
    api.double.clock.skip(30)

    [record] = await api.records(telephonySessionId=call_id)

    assert at_once == []
    assert record["telephonySessionId"] == call_id
    assert record["action"] == "RingOut Web"
    assert record["finished"] is True
    assert [(leg["legType"], leg["duration"]) for leg in record["legs"]] == [
        ("RingOutClientToSubscriber", 42),
        ("RingOutClientToCaller", 53),
    ]
    callee_leg, caller_leg = record["legs"]
    assert callee_leg["to"]["phoneNumber"] == SAM
    assert caller_leg["to"]["phoneNumber"] == DANA


async def test_a_caller_who_is_not_reached_leaves_one_leg(api: Api) -> None:
    """The callee was not dialed; the log says nothing about them."""
    await api.placed("caller-busy")
    api.double.clock.skip(60)

    [record] = await api.records()

    assert [leg["legType"] for leg in record["legs"]] == ["RingOutClientToCaller"]
    assert record["legs"][0]["result"] == "Busy"


@pytest.mark.parametrize("story", ["two-records", "two-records-apart"])
async def test_two_records_of_one_call_pair_by_their_session_ids(
    api: Api, story: str
) -> None:
    """RingCentral's own widget knows them by a difference of some thousands."""
    call_id = await api.placed(story)
    await api.ring_out("+14155550199")
    api.double.clock.skip(200)

    records = await api.records()

    pair = {one["action"]: one for one in records if one["to"]["phoneNumber"] == DANA}
    outbound, inbound = pair["RingOut Web"], pair["Phone Call"]
    assert int(inbound["sessionId"]) - int(outbound["sessionId"]) == 1000
    assert outbound["telephonySessionId"] == call_id
    assert inbound["telephonySessionId"] != call_id
    assert inbound["from"]["phoneNumber"] == outbound["from"]["phoneNumber"] == SAM
    assert inbound["result"] == "Accepted"
    assert len(records) == 3


async def test_a_decoy_is_logged_before_the_call_itself(api: Api) -> None:
    """Who takes the first record with the right numbers takes a stranger's."""
    call_id = await api.placed("decoy")
    api.double.clock.skip(70)
    first = await api.records()
    api.double.clock.skip(30)
    later = await api.records()

    assert [one["telephonySessionId"] == call_id for one in first] == [False]
    assert {one["telephonySessionId"] == call_id for one in later} == {False, True}
    assert [call.id for call in api.double.calls] == [call_id]
    assert len(api.double.decoys) == 1


async def test_an_unfinished_record_may_come_first(api: Api) -> None:
    """A record that is in progress is no result yet."""
    await api.placed("in-progress-record")
    api.double.clock.skip(70)
    [first] = await api.records()
    api.double.clock.skip(60)
    [final] = await api.records()

    assert (first["finished"], first["result"]) == (False, "In Progress")
    assert (final["finished"], final["result"]) == (True, "Call connected")
    assert first["id"] == final["id"]


async def test_masked_records_hide_the_last_digits_and_the_id(api: Api) -> None:
    """Then numbers and time are all that there is to go by."""
    call_id = await api.placed("masked")
    api.double.clock.skip(100)

    [record] = await api.records()

    assert record["to"]["phoneNumber"] == "+1415555XXXX"
    assert record["telephonySessionId"] != call_id
    assert await api.records(telephonySessionId=call_id) == []


@pytest.mark.parametrize(
    ("wait", "status", "result"),
    [(1, 204, "Stopped"), (8, 204, "Call connected"), (58, 404, "Call connected")],
)
async def test_canceling_helps_only_while_the_caller_rings(
    api: Api, wait: float, status: int, result: str
) -> None:
    """A 204 says nothing: later on the call goes on all the same."""
    call_id = await api.placed()
    api.double.clock.skip(wait)

    answer = await api.cancel(call_id)
    api.double.clock.skip(100)

    assert answer.status == status
    [record] = await api.records()
    assert record["result"] == result
    assert record["legs"][-1]["legType"] == "RingOutClientToCaller"


async def test_canceling_may_help_until_both_are_connected(api: Api) -> None:
    """The guide contradicts itself; this is its other reading."""
    api.double.ringouts.cancel_until = "connected"
    ringing, talking = await api.placed(), await api.placed()
    api.double.clock.skip(8)
    await api.cancel(ringing)
    api.double.clock.skip(8)

    late = await api.cancel(talking)

    words = (await api.status(ringing)).words
    assert words == ("CannotReach", "Success", "Rejected")
    assert late.status == 204
    assert (await api.status(talking)).words == CONNECTED
    assert (await api.cancel("s-none")).status == 404


async def test_stories_are_planned_by_number_by_turn_and_by_default(api: Api) -> None:
    """Tests say beforehand how each call goes."""
    double = api.double
    double.play("busy")
    double.queue("voicemail")
    double.plan(SAM, "caller-busy", "masked")

    for number in (SAM, SAM, SAM, "+14155550143", "+14155550144"):
        await api.ring_out(number)

    assert [call.story.name for call in double.calls] == [
        "caller-busy",
        "masked",
        "masked",
        "voicemail",
        "callee-busy",
    ]
    assert double.story is STORIES["callee-busy"]
    assert {find(alias).name for alias in ALIASES} <= set(STORIES)
    with pytest.raises(KeyError, match="no story 'nonsense'"):
        double.play("nonsense")


async def test_speed_compresses_a_call_but_not_the_dates() -> None:
    """The demo's minutes pass in moments; "calls of the last minute" stay true."""
    double = RingCentralDouble(speed=1_000_000, skew=120, limits=Limits.off())
    async with logged_in(double) as api:
        call_id = await api.placed()

        answer = await api.log()

    [record] = answer.body["records"]
    now = datetime.now(UTC) + timedelta(seconds=120)
    assert record["telephonySessionId"] == call_id
    assert record["duration"] == 53
    assert abs(parsedate_to_datetime(answer.headers["Date"]) - now).seconds < 5
    started = datetime.fromisoformat(record["startTime"])
    assert abs(started - now) < timedelta(seconds=5)
