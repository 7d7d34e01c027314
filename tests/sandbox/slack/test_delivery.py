"""What Slack's double delivers, and the addresses to answer at: with Bolt's own client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bolt_bot import a_slack, client_of
from bot.sandbox.slack.double import SlackDouble

BUTTON = {
    "type": "actions",
    "elements": [
        {
            "type": "button",
            "text": {"type": "plain_text", "text": "Go"},
            "action_id": "go",
            "value": "v",
        }
    ],
}


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Build a Slack without rate limits."""
    async with a_slack() as built:
        yield built


@pytest.fixture
def client(slack: SlackDouble) -> AsyncWebClient:
    """Return Slack's own client, which repeats nothing."""
    return client_of(slack)


async def post(url: str, body: dict[str, Any]) -> tuple[int, str]:
    """Post to a response_url."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=body) as response,
    ):
        return response.status, await response.text()


def last_url(slack: SlackDouble) -> str:
    """Return the response_url of what was delivered last."""
    assert slack.deliveries.last is not None
    return str(slack.deliveries.last.payload["response_url"])


async def test_a_response_url_works_five_times(slack: SlackDouble) -> None:
    """The sixth note to a person has to go another way."""
    await slack.command("ann", "sales", "/ringout", "x")
    url = last_url(slack)

    answers = [await post(url, {"text": str(at)}) for at in range(6)]

    assert answers[:5] == [(200, "ok")] * 5
    assert answers[5] == (404, "used_url")
    assert [one.text for one in slack.private("ann")] == list("01234")
    assert (await post(f"{url}0", {"text": "x"}))[0] == 404


async def test_a_response_url_posts_where_the_bot_is_no_member(
    slack: SlackDouble,
) -> None:
    """That is why private notes go there first; bad blocks cost no use."""
    await slack.command("ann", "deals", "/ringout", "x")
    slack.rules.unsupported_blocks = {"table"}
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}

    refused = await post(last_url(slack), {"text": "t", "blocks": [table]})
    taken = await post(last_url(slack), {"text": "t", "response_type": "in_channel"})

    assert refused == (400, "invalid_blocks")
    assert taken == (200, "ok")
    assert [one.text for one in slack.messages("deals")] == ["t"]


@pytest.fixture
async def bolt(slack: SlackDouble, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """Connect an app as Bolt's documentation has it."""
    app = AsyncApp(name="late", client=client)
    handler = AsyncSocketModeHandler(app, slack.app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    yield app
    await handler.close_async()  # type: ignore[no-untyped-call]
    for task in (handler.client.message_receiver, handler.client.message_processor):
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)


async def test_an_ack_is_seen_by_the_person_alone(
    slack: SlackDouble, bolt: AsyncApp
) -> None:
    """Bolt works against the double as it is."""

    async def listen(ack: AsyncAck, command: dict[str, Any]) -> None:
        await ack(text=f"{command['user_name']} said {command['text']}")

    bolt.command("/hey")(listen)

    ack = await slack.command("ann", "sales", "/hey", "hello")

    assert (ack.ok, ack.text) == (True, "ann said hello")
    assert [one.text for one in slack.private("ann")] == ["ann said hello"]
    assert slack.private("ann")[0].via == "ack"
    assert slack.messages("sales") == []


async def test_a_button_is_pressed(slack: SlackDouble, bolt: AsyncApp) -> None:
    """Its value and its message come along; one that is not there can't be pressed."""
    seen: list[Any] = []

    async def listen(ack: AsyncAck, action: dict[str, Any], body: Any) -> None:
        await ack()
        seen.append((action["value"], body["message"]["text"]))

    bolt.action("go")(listen)
    await bolt.client.chat_postMessage(channel="C0SALES", text="card", blocks=[BUTTON])
    [card] = slack.messages("sales")

    ack = await slack.click("ann", card, "go")

    assert ack.ok
    await slack.until(lambda: seen)
    assert seen == [("v", "card")]
    with pytest.raises(KeyError):
        await slack.click("ann", card, "gone")


async def test_a_late_ack_is_an_operation_timeout(
    slack: SlackDouble, bolt: AsyncApp
) -> None:
    """What the person reads when the bot took too long."""
    is_late = asyncio.Event()

    async def listen(ack: AsyncAck) -> None:
        await is_late.wait()
        await ack(text="too late")

    bolt.command("/slow")(listen)
    slack.deliveries.ack_timeout = 0.02

    ack = await slack.command("ann", "sales", "/slow")
    is_late.set()
    await slack.until(lambda: slack.sockets.late_acks)

    assert (ack.ok, ack.error) == (False, "operation_timeout")
    assert slack.private("ann") == []


async def test_nobody_listening_is_an_operation_timeout(slack: SlackDouble) -> None:
    """A bot that is down."""
    slack.deliveries.ack_timeout = 0.02
    ack = await slack.command("ann", "sales", "/ringout", "x")

    assert ack.error == "operation_timeout"
    with pytest.raises(TimeoutError):
        await slack.until(lambda: slack.private("ann"), 0.05)


async def test_a_ticket_opens_one_connection(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    """A stored wss address is worth nothing: reconnecting asks for a new one."""
    answer = await client.apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(answer["url"]) as socket:
            hello = await socket.receive_json()
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(answer["url"])

    assert hello["type"] == "hello"
    assert caught.value.status == 404


async def test_an_envelope_goes_over_one_connection(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    """With two instances running, one of them gets it; redelivered, it is the same."""
    got: list[tuple[int, str, int]] = []
    async with aiohttp.ClientSession() as session:
        for at in range(2):
            url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
            socket = await session.ws_connect(url)
            task = asyncio.create_task(_acks(at, socket, got))
            task.add_done_callback(lambda done: done.cancelled())

        await slack.until(lambda: len(slack.sockets.open) == 2)
        for _ in range(4):
            assert (await slack.command("ann", "sales", "/ringout", "x")).ok
        assert (await slack.redeliver()).ok

    assert len(got) == 5
    assert {at for at, _, _ in got} == {0, 1}
    envelopes = [envelope for _, envelope, _ in got]
    assert len(set(envelopes)) == 4
    assert envelopes[3] == envelopes[4]
    assert got[4][2] == 1


async def _acks(
    at: int, socket: aiohttp.ClientWebSocketResponse, got: list[tuple[int, str, int]]
) -> None:
    async for message in socket:
        frame = message.json()
        if "envelope_id" in frame:
            got.append((at, frame["envelope_id"], frame.get("retry_attempt", 0)))
            await socket.send_json({"envelope_id": frame["envelope_id"]})
