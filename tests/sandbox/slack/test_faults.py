"""What goes wrong in the Slack double goes wrong as it does in Slack."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import FixedValueRetryIntervalCalculator
from slack_sdk.web.async_client import AsyncWebClient

from bolt_bot import a_slack, client_of, refusal
from bot.sandbox.slack.door import Lost
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.faults import GARBAGE
from bot.sandbox.slack.ledger import Called
from bot.sandbox.slack.limits import SlackLimiter, SlackLimits
from fakes import FakeClock

SALES = "C0SALES"


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Return a running double without limits; nothing may be wrong in the end."""
    async with a_slack() as double:
        yield double


async def test_updates_have_one_budget_for_the_whole_workspace() -> None:
    """Fifty a minute, then 429 with a time to wait."""
    limits = SlackLimits(posts_per_second=0)
    async with a_slack(limits=limits, monotonic=FakeClock().monotonic) as slack:
        web = client_of(slack)
        ts = str((await web.chat_postMessage(channel=SALES, text="Hi"))["ts"])
        for number in range(50):
            await web.chat_update(channel=SALES, ts=ts, text=f"{number}")

        with pytest.raises(SlackApiError) as caught:
            await web.chat_update(channel=SALES, ts=ts, text="50")

        answer = caught.value.response
        assert (answer.status_code, answer["error"]) == (429, "ratelimited")
        assert answer.headers["Retry-After"] == "60"
        assert slack.messages("sales")[0].text == "49"
        assert slack.limits is limits
        slack.limits = SlackLimits.off()
        await web.chat_update(channel=SALES, ts=ts, text="51")


def test_posts_are_paced_per_channel() -> None:
    """A burst, then one a second; another channel has its own pace."""
    limiter = SlackLimiter(SlackLimits(burst=3))

    def waits(channel: str, now: float) -> int:
        return limiter.wait("chat.postMessage", channel, now)

    assert [waits("C1", 100.0) for _ in range(4)] == [0, 0, 0, 1]
    assert waits("C2", 100.0) == 0
    assert [waits("C1", 101.0) for _ in range(2)] == [0, 1]
    limiter.forgive()
    assert waits("C1", 101.0) == 0


def test_windows_slide_and_may_be_compressed() -> None:
    """A demo in which a minute lasts a second is as strict as Slack."""
    limits = SlackLimits.faster(60)
    limiter = SlackLimiter(limits)

    times = [limiter.wait("chat.update", "", 10 + number / 100) for number in range(51)]

    assert limits.window == 1.0
    assert times == [0] * 50 + [1]
    assert limiter.wait("chat.update", "", 11.001) == 0


async def test_the_sdk_left_to_itself_posts_a_lost_message_twice(
    slack: SlackDouble,
) -> None:
    """Its default retry handler does: a trap that the double has to show."""
    slack.faults.add("reset", "chat.postMessage", before_effect=False)
    careless = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    at_once = FixedValueRetryIntervalCalculator(fixed_internal=0.01)
    [handler] = careless.retry_handlers
    handler.interval_calculator = at_once

    await careless.chat_postMessage(channel=SALES, text="Hi")

    assert len(slack.messages("sales")) == 2


async def test_slack_may_answer_with_trouble(slack: SlackDouble) -> None:
    """Its own words, a 429 or a 503; for as many calls as were asked for."""
    web = client_of(slack)
    slack.faults.add("error", "chat.postMessage", error="fatal_error", skip=1)
    slack.faults.add("ratelimited", "users.info", retry_after=7)
    slack.faults.add("status", "auth.test", status=503, times=2)

    await web.chat_postMessage(channel=SALES, text="Hi")
    post = web.chat_postMessage(channel=SALES, text="Hi")
    assert await refusal(post) == "fatal_error"
    with pytest.raises(SlackApiError) as caught:
        await web.users_info(user="U0ANN")
    assert caught.value.response.headers["Retry-After"] == "7"
    for _ in range(2):
        with pytest.raises(SlackApiError):
            await web.auth_test()
    await web.auth_test()


async def test_a_fault_can_choose_its_calls_by_their_arguments(
    slack: SlackDouble,
) -> None:
    """Replies only, say."""
    web = client_of(slack)
    fault = slack.faults.add(
        "error", where=lambda args: "thread_ts" in args, times=None
    )
    root = str((await web.chat_postMessage(channel=SALES, text="Hi"))["ts"])

    for _ in range(2):
        reply = web.chat_postMessage(channel=SALES, text="Hi", thread_ts=root)
        assert await refusal(reply) == "internal_error"

    fault.stop()
    slack.faults.add("error")
    slack.faults.clear()
    await web.chat_postMessage(channel=SALES, text="Hi", thread_ts=root)
    assert fault.hits == 2


@pytest.mark.parametrize("before", [False, True])
async def test_slack_may_answer_what_is_none(
    slack: SlackDouble, *, before: bool
) -> None:
    """A 200 of any bytes and type, whether the message was posted or not."""
    url = f"{slack.api_url}chat.postMessage"
    token = {"Authorization": f"Bearer {slack.bot_token}"}
    async with aiohttp.ClientSession() as session:
        for body, kind in GARBAGE.values():
            slack.faults.add(
                "garbage",
                "chat.postMessage",
                before_effect=before,
                body=body,
                content_type=kind,
            )
            form = {"channel": SALES, "text": "Hi"}
            async with session.post(url, data=form, headers=token) as answer:
                assert answer.status == 200
                assert answer.headers["Content-Type"] == kind
                assert await answer.read() == body

    assert len(slack.messages("sales")) == (0 if before else len(GARBAGE))


async def test_slack_may_be_slow_or_never_answer(slack: SlackDouble) -> None:
    """The double must end even if a bot waits forever for an answer."""
    slack.faults.add("slow", "auth.test", seconds=0.02)
    slack.faults.add("hang", "chat.postMessage", before_effect=False)
    slack.faults.add("slow", "api.test", seconds=0.01, before_effect=False)
    web = client_of(slack)
    await web.api_test()

    await web.auth_test()
    post = asyncio.ensure_future(web.chat_postMessage(channel=SALES, text="Hi"))
    await slack.until(lambda: slack.messages("sales"))
    await web.auth_test()

    assert not post.done()
    post.cancel()
    with pytest.raises(asyncio.CancelledError):
        await post


async def test_hooks_stand_before_and_after_the_effect(slack: SlackDouble) -> None:
    """Where crash tests kill a bot: with nothing done, or with all done but said."""
    seen: list[tuple[str, int, bool]] = []

    async def call(called: Called) -> None:
        seen.append((called.method, len(slack.messages("sales")), called.ok))

    slack.door.on_call = slack.door.on_effect = call

    await client_of(slack).chat_postMessage(channel=SALES, text="Hi")

    assert seen == [("chat.postMessage", 0, False), ("chat.postMessage", 1, True)]


async def test_a_hook_can_lose_the_call(slack: SlackDouble) -> None:
    """Cut before the effect, as if it had never arrived."""

    async def lose(_: Called) -> None:
        raise Lost

    slack.door.on_call = lose

    with pytest.raises(aiohttp.ClientError):
        await client_of(slack).chat_postMessage(channel=SALES, text="Hi")
    assert slack.messages("sales") == []


async def test_waiting_ends_when_something_is_seen_or_in_time(
    slack: SlackDouble,
) -> None:
    """No polling, and no test that hangs."""
    with pytest.raises(TimeoutError):
        await slack.until(lambda: slack.messages("sales"), 0.01)

    slack.say("ann", "sales", "Hi")

    assert [one.text for one in await slack.until(slack.everything)] == ["Hi"]


async def test_it_starts_again_with_what_it_knew() -> None:
    """Slack was away for a while, at the same address."""
    slack = SlackDouble()
    port = int((await slack.start()).split(":")[2].split("/")[0])
    slack.say("ann", "sales", "Hi")
    await slack.close()

    await slack.start(port)
    await client_of(slack).auth_test()

    assert len(slack.messages("sales")) == 1
    await slack.close()


async def test_what_is_not_slacks_shape_is_complained_of() -> None:
    """The validators are plugged in, and see both directions."""
    slack = SlackDouble(
        check_call=lambda method, args: [f"{method} {sorted(args)}"],
        check_payload=lambda kind, _: [f"{kind} is odd"],
    )
    async with slack:
        await client_of(slack).auth_test()
        await slack.command("ann", "sales", "/ringout")

    assert [each.problem for each in slack.complaints] == [
        "auth.test []",
        "slash_commands is odd",
    ]
