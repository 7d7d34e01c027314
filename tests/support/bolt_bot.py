"""A tiny bot on Slack's own unchanged libraries, to test the Slack double with."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond, AsyncSay
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.limits import SlackLimits
from slack_shapes import checkers

Listeners = Callable[[AsyncApp], None]

ECHO = "/ringout"
BLOCKS: list[dict[str, Any]] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Ringing*"}},
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "cancel",
                "text": {"type": "plain_text", "text": "Cancel"},
                "value": "c1",
            }
        ],
    },
]


class EchoBot:
    """A bot that echoes what it receives, after a delay of `slow` seconds."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.headers: list[dict[str, Any]] = []
        self.slow = 0.0

    def __call__(self, app: AsyncApp) -> None:
        """Register the bot's listeners on *app*."""
        app.command(ECHO)(self._echo)
        app.action("cancel")(self._pressed)
        app.event("app_home_opened")(self._event)

    async def _echo(self, ack: AsyncAck, body: dict[str, Any], say: AsyncSay) -> None:
        self.heard.append(body)
        await asyncio.sleep(self.slow)
        if body["text"] == "card":
            await say(text="Ringing", blocks=BLOCKS)
            await ack()
        elif body["text"] == "all":
            await ack("Everybody", response_type="in_channel")
        else:
            await ack(f"You said {body['text']}")

    async def _pressed(
        self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond
    ) -> None:
        self.heard.append(body)
        await ack()
        await respond("Canceled", replace_original=True)

    async def _event(self, body: dict[str, Any], request: Any) -> None:
        self.heard.append(body["event"])
        self.headers.append(request.headers)


@asynccontextmanager
async def a_slack(
    *,
    ack_timeout: float = 3.0,
    limits: SlackLimits | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> AsyncIterator[SlackDouble]:
    """Run a Slack double that checks all shapes; rate limits apply only if given, by *monotonic*."""
    check_call, check_payload = checkers()
    double = SlackDouble(
        ack_timeout=ack_timeout,
        limits=limits or SlackLimits.off(),
        check_call=check_call,
        check_payload=check_payload,
        monotonic=monotonic,
    )
    async with double:
        yield double
    assert double.complaints == [], double.complaints
    assert double.sockets.stray_acks == [], double.sockets.stray_acks


async def refusal(call: Awaitable[Any]) -> str:
    """Return the error code with which Slack refuses a Web API call."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


def client_of(slack: SlackDouble, token: str | None = None) -> AsyncWebClient:
    """Return a Web API client that never retries on its own."""
    return AsyncWebClient(
        token=slack.bot_token if token is None else token,
        base_url=slack.api_url,
        retry_handlers=[],
    )


def _app(slack: SlackDouble, listeners: Listeners) -> AsyncApp:
    app = AsyncApp(
        name="echo",  # or Bolt reads the sources of all callers to find one
        client=client_of(slack),
        signing_secret=slack.signing_secret,
        process_before_response=True,
    )
    listeners(app)
    return app


@asynccontextmanager
async def by_socket(
    slack: SlackDouble, listeners: Listeners, *, ping_interval: float = 5.0
) -> AsyncIterator[AsyncSocketModeHandler]:
    """Run the bot over Socket Mode."""
    app = _app(slack, listeners)
    handler = AsyncSocketModeHandler(
        app,
        slack.app_token,
        web_client=app.client,
        ping_interval=ping_interval,
    )
    await handler.connect_async()  # type: ignore[no-untyped-call]
    client = handler.client
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
        tasks = [
            task
            for task in (
                client.message_processor,
                client.message_receiver,
                client.current_session_monitor,
            )
            if task is not None
        ]
        await asyncio.gather(*tasks, return_exceptions=True)
        if client.current_session is not None:
            # aiohttp starts its heartbeat again when the double answers our close.
            client.current_session._cancel_heartbeat()


@asynccontextmanager
async def by_http(slack: SlackDouble, listeners: Listeners) -> AsyncIterator[None]:
    """Run the bot over signed HTTP, and give the double its address."""
    runner = web.AppRunner(_app(slack, listeners).web_app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    slack.deliveries.request_url = f"http://127.0.0.1:{port}/slack/events"
    try:
        yield
    finally:
        await runner.cleanup()
