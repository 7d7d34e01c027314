"""The Slack double's signed HTTP and response_urls are faithful, with Bolt as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, get_args

import aiohttp
import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bolt_bot import ECHO, EchoBot, a_slack, by_http, client_of
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.limits import SlackLimits
from bot.sandbox.slack.signing import Forgery
from fakes import FakeClock

FORGERIES = [each for each in get_args(Forgery) if each != "not-a-number"]


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Return a running double without limits; nothing may be wrong in the end."""
    async with a_slack() as double:
        yield double


class Urls:
    """A bot that acks and keeps what it was sent."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, app: AsyncApp) -> None:
        """Let *app* answer."""
        app.command(ECHO)(self._keep)

    async def _keep(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        self.bodies.append(body)
        await ack()

    @property
    def url(self) -> str:
        """The last response_url."""
        return str(self.bodies[-1]["response_url"])


async def test_commands_presses_and_events_pass_bolts_signature_check(
    slack: SlackDouble,
) -> None:
    """Three content types, one signature."""
    bot = EchoBot()
    async with by_http(slack, bot):
        ack = await slack.command("ann", "sales", ECHO, "card & <co>")
        await slack.command("ann", "sales", ECHO, "card")
        press = await slack.click("ann", slack.messages("sales")[0], "cancel")
        event = await slack.event({"type": "app_home_opened", "user": "U0ANN"})
        again = await slack.redeliver(event, retry=2)

    assert ack.text == "You said card & <co>"
    assert (press.ok, event.ok, again.ok) == (True, True, True)
    assert len(bot.heard) == 5
    assert bot.headers[1]["x-slack-retry-num"] == ["2"]
    assert bot.headers[1]["x-slack-retry-reason"] == ["http_timeout"]


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_what_slack_did_not_sign_is_refused(
    slack: SlackDouble, forgery: Forgery
) -> None:
    """By Bolt: the forgeries are forgeries."""
    bot = EchoBot()
    async with by_http(slack, bot):
        ack = await slack.command("ann", "sales", ECHO, "x", forgery=forgery)

    assert (ack.ok, ack.status, ack.error) == (False, 401, "http_401")
    assert (bot.heard, slack.private("ann")) == ([], [])


async def test_a_timestamp_that_is_no_number_is_signed_all_the_same(
    slack: SlackDouble,
) -> None:
    """Bolt itself answers 500 to it; a better bot answers 401."""
    async with by_http(slack, EchoBot()):
        ack = await slack.command("ann", "sales", ECHO, forgery="not-a-number")

    assert (ack.status, ack.error) == (500, "http_500")


async def test_an_http_answer_may_come_too_late(slack: SlackDouble) -> None:
    """The same words as over a socket."""
    slack.deliveries.ack_timeout = 0.02
    bot = EchoBot()
    bot.slow = 0.04
    async with by_http(slack, bot):
        ack = await slack.command("ann", "sales", ECHO, "x")

    assert (ack.error, ack.status) == ("operation_timeout", 0)


async def test_a_response_url_can_speak_to_all_replace_and_delete(
    slack: SlackDouble,
) -> None:
    """In a thread too; wrong blocks are refused."""
    bot = Urls()
    async with by_http(slack, bot):
        root = slack.say("bob", "sales", "Hello")
        await slack.command("bob", "sales", ECHO)
        await slack.command("ann", "sales", ECHO)
    hook = AsyncWebhookClient(bot.url)
    slack.rules.unsupported_blocks = {"divider"}

    in_channel = {"text": "Hi", "response_type": "in_channel", "thread_ts": root.ts}
    await hook.send_dict(in_channel)
    await hook.send(text="One")
    await hook.send(text="Two", replace_original=True)
    [private] = slack.private("ann")
    await hook.send(delete_original=True)
    untouched = await AsyncWebhookClient(bot.bodies[0]["response_url"]).send(
        delete_original=True
    )
    refused = await hook.send(text="x", blocks=[{"type": "divider"}])

    assert untouched.body == "ok"
    assert [one.text for one in slack.thread(root)] == ["Hi"]
    assert [each.text for each in private.versions] == ["One", "Two"]
    assert slack.private("ann") == []
    assert (refused.status_code, refused.body) == (400, "invalid_blocks")
    assert [one.ok for one in slack.calls_of("response_url")] == [True] * 5 + [False]


async def test_a_response_url_lives_half_an_hour(slack: SlackDouble) -> None:
    """Here, no time at all."""
    bot = Urls()
    async with by_http(slack, bot):
        await slack.command("ann", "sales", ECHO)
    slack.urls.lifetime = 0

    answer = await AsyncWebhookClient(bot.url).send(text="x")

    assert (answer.status_code, answer.body) == (404, "expired_url")


async def test_response_urls_are_paced() -> None:
    """About one post a second, after a burst."""
    bot, clock = Urls(), FakeClock()
    limits = SlackLimits(burst=2)
    async with (
        a_slack(limits=limits, monotonic=clock.monotonic) as slack,
        by_http(slack, bot),
    ):
        await slack.command("ann", "sales", ECHO)
        hook = AsyncWebhookClient(bot.url)
        answers = [await hook.send(text="x") for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) >= 1


async def test_the_web_api_takes_forms_and_a_token_among_them(
    slack: SlackDouble,
) -> None:
    """As other clients send it; blocks are JSON texts then."""
    form = {
        "token": slack.bot_token,
        "channel": "C0SALES",
        "text": "Hi",
        "blocks": '[{"type": "divider"}]',
        "unfurl_links": "false",
    }
    url = f"{slack.api_url}chat.postMessage"
    async with aiohttp.ClientSession() as session, session.post(url, data=form) as sent:
        answer = await sent.json()

    [message] = slack.messages("sales")
    assert (answer["ok"], answer["ts"]) == (True, message.ts)
    assert message.blocks[0]["type"] == "divider"
    assert "token" not in slack.calls[-1].args


async def test_a_modal_is_submitted_with_its_values(slack: SlackDouble) -> None:
    """The bot's answer may name what is wrong in it."""
    heard: list[Any] = []

    def listen(app: AsyncApp) -> None:
        @app.view("dial")
        async def dial(ack: AsyncAck, view: dict[str, Any]) -> None:
            heard.append(view["state"]["values"])
            await ack(response_action="errors", errors={"b": "No number"})

    await slack.command("ann", "sales", ECHO, trigger_id="1.2.3")
    title = {"type": "plain_text", "text": "Call"}
    number = {
        "type": "input",
        "block_id": "b",
        "label": title,
        "element": {"type": "plain_text_input", "action_id": "a"},
    }
    view = {"type": "modal", "callback_id": "dial", "title": title, "submit": title}
    await client_of(slack).views_open(
        trigger_id="1.2.3", view={**view, "blocks": [number]}
    )
    values = {"b": {"a": {"type": "plain_text_input", "value": "x"}}}
    async with by_http(slack, listen):
        ack = await slack.submit(slack.views.all[0], values)

    assert heard == [values]
    assert ack.json["response_action"] == "errors"
