"""Limits of Slack's double, and answers that are lost."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bolt_bot import a_slack, client_of, refusal
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.limits import SlackLimits
from fakes import FakeClock


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Build a Slack without rate limits."""
    async with a_slack() as built:
        yield built


@pytest.fixture
def client(slack: SlackDouble) -> AsyncWebClient:
    """Return Slack's own client, which repeats nothing."""
    return client_of(slack)


async def test_posts_beyond_the_burst_are_limited() -> None:
    """429 with Retry-After, which a bot has to wait out, and one post a second."""
    limits = SlackLimits(burst=2)
    async with SlackDouble(limits=limits, monotonic=FakeClock().monotonic) as slack:
        client = client_of(slack)
        for _ in range(2):
            await client.chat_postMessage(channel="C0SALES", text="x")
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel="C0SALES", text="x")
        await client.chat_postMessage(channel="U0ANN", text="another channel")

    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.headers["Retry-After"] == "1"
    assert len(slack.messages("sales")) == 2


async def test_a_tier_is_a_number_of_calls_in_a_window() -> None:
    """Edits of all cards share one tier; it opens again by itself."""
    limits, clock = SlackLimits(tiers={"chat.update": 2}, window=30), FakeClock()
    async with SlackDouble(limits=limits, monotonic=clock.monotonic) as slack:
        client = client_of(slack)
        card = await client.chat_postMessage(channel="C0SALES", text="x")

        async def edit() -> None:
            await client.chat_update(channel="C0SALES", ts=card["ts"], text="y")

        await edit()
        await edit()
        assert await refusal(edit()) == "ratelimited"
        clock.pass_by(30)
        await edit()


@pytest.mark.parametrize("before", [True, False])
async def test_an_answer_is_lost_before_or_after_its_effect(
    slack: SlackDouble, client: AsyncWebClient, *, before: bool
) -> None:
    """The client can't tell which; that is what makes posting once hard."""
    slack.faults.add("reset", "chat.postMessage", before_effect=before)

    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="C0SALES", text="x")

    assert len(slack.messages("sales")) == (0 if before else 1)
    assert not slack.calls[-1].answered


async def test_an_error_may_come_after_the_effect(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    """``internal_error``: "some aspect of the operation may have succeeded"."""
    slack.faults.add("error", "chat.postMessage", before_effect=False)
    slack.faults.add("status", "chat.postMessage", before_effect=False, status=500)

    sent = client.chat_postMessage(channel="C0SALES", text="x")
    assert await refusal(sent) == "internal_error"
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel="C0SALES", text="x")

    assert len(slack.messages("sales")) == 2


async def test_a_fault_can_be_meant_for_some_calls(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    """To lose the reply, and not the card before it."""
    slack.faults.add(
        "ratelimited",
        "chat.postMessage",
        where=lambda a: a.get("text") == "b",
        retry_after=7,
    )
    await client.chat_postMessage(channel="C0SALES", text="a")

    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0SALES", text="b")

    assert caught.value.response.headers["Retry-After"] == "7"
    await client.chat_postMessage(channel="C0SALES", text="b")
