"""The Slack double's Socket Mode is faithful: Bolt runs on it, as it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bolt_bot import ECHO, EchoBot, a_slack, by_socket, client_of
from bot.sandbox.slack.double import SlackDouble
from patience import PATIENCE

QUICK = 0.5
"""Seconds between pings where a test waits for the SDK to connect again.

The SDK waits as long before each new try, and aiohttp closes a connection
whose pong is missing for half of it: less would be lost on a busy machine."""


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Return a running double without limits; nothing may be wrong in the end."""
    async with a_slack() as double:
        yield double


async def test_an_ack_is_read_by_the_person_alone(slack: SlackDouble) -> None:
    """Within the three seconds; the payload is as Slack documents it."""
    bot = EchoBot()

    async with by_socket(slack, bot):
        ack = await slack.command("ann", "sales", ECHO, "415-555-0142")

    [private] = slack.private("ann")
    assert (ack.ok, ack.error, ack.text) == (True, "", "You said 415-555-0142")
    assert (ack.json["text"], ack.blocks) == (ack.text, [])
    assert ack.seconds > 0
    assert (private.text, private.channel, private.via) == (ack.text, "C0SALES", "ack")
    assert bot.heard[0]["channel_name"] == "sales"
    assert slack.messages("sales") == slack.private("bob") == []


async def test_an_ack_may_be_for_the_whole_channel(slack: SlackDouble) -> None:
    """Then everybody reads the command, too."""
    async with by_socket(slack, EchoBot()):
        await slack.command("ann", "general", ECHO, "all")

    said = [(one.user, one.text) for one in slack.messages("general")]
    assert said == [("U0ANN", "/ringout all"), ("U0RINGOUT", "Everybody")]


async def test_a_late_ack_shows_nothing(slack: SlackDouble) -> None:
    """The person reads operation_timeout, whatever the bot still does."""
    slack.deliveries.ack_timeout = 0.02
    bot = EchoBot()
    bot.slow = 0.05

    async with by_socket(slack, bot):
        ack = await slack.command("ann", "sales", ECHO, "x")
        await slack.until(lambda: slack.sockets.late_acks)

    assert (ack.ok, ack.error, ack.status) == (False, "operation_timeout", 0)
    assert slack.private("ann") == []


async def test_a_press_carries_its_message_and_may_replace_it(
    slack: SlackDouble,
) -> None:
    """Only a button that is there can be pressed, by those who see it."""
    bot = EchoBot()
    async with by_socket(slack, bot):
        await slack.command("ann", "sales", ECHO, "card")
        [card] = slack.messages("sales")
        seen = card.blocks
        assert [each["action_id"] for each in card.elements] == ["cancel"]
        ack = await slack.click("ann", card, "cancel")
        await slack.until(lambda: card.edits)
        with pytest.raises(KeyError):
            await slack.click("ann", card, "cancel")
        await slack.click("bob", card, "cancel", blocks=seen)

    press = bot.heard[1]
    assert ack.ok
    assert press["message"]["ts"] == press["container"]["message_ts"] == card.ts
    assert press["actions"][0]["value"] == "c1"
    assert (card.text, card.blocks) == ("Canceled", [])
    assert bot.heard[2]["user"]["username"] == "bob"


async def test_a_menu_is_used_by_choosing(slack: SlackDouble) -> None:
    """Of what it offers; a field that is no menu can't be used here."""
    bot = EchoBot()
    option = {"text": {"type": "plain_text", "text": "Two"}, "value": "2"}
    menu = {"type": "overflow", "action_id": "cancel", "options": [option]}
    date = {"type": "datepicker", "action_id": "day"}
    text = {"type": "mrkdwn", "text": "x"}
    blocks: list[dict[str, Any]] = [
        {"type": "section", "block_id": "a", "text": text, "accessory": menu},
        {"type": "actions", "block_id": "b", "elements": [date]},
    ]
    async with by_socket(slack, bot):
        root = await client_of(slack).chat_postMessage(channel="C0SALES", text="Hi")
        await client_of(slack).chat_postEphemeral(
            channel="C0SALES",
            user="U0ANN",
            text="Choose",
            blocks=blocks,
            thread_ts=str(root["ts"]),
        )
        [private] = slack.private("ann")
        await slack.click("ann", private, "cancel", block_id="a", value="2")
        for action, value in (("cancel", "3"), ("day", "")):
            with pytest.raises(KeyError):
                await slack.click("ann", private, action, value=value, blocks=blocks)
        assert not (await slack.click("bob", private, "cancel", blocks=blocks)).ok
        await slack.until(lambda: private.text == "Canceled")

    [press] = bot.heard
    assert press["actions"][0]["selected_option"]["value"] == "2"
    assert press["container"]["is_ephemeral"]
    assert [each["type"] for each in private.first.blocks] == ["section", "actions"]
    assert press["container"]["thread_ts"] == root["ts"]
    assert "message" not in press


async def test_an_ack_that_slack_can_not_show_is_a_failure(
    slack: SlackDouble,
) -> None:
    """The person reads an error instead; the bot is not told."""
    slack.rules.longest_text = 5
    async with by_socket(slack, EchoBot()):
        ack = await slack.command("ann", "sales", ECHO, "a lot")

    assert (ack.ok, ack.error) == (False, "invalid_command_response")
    assert slack.private("ann") == []


async def test_people_can_only_be_where_they_are(slack: SlackDouble) -> None:
    """A test that lets them would prove nothing."""
    with pytest.raises(KeyError):
        await slack.redeliver()
    ack = await slack.command("carl", "deals", ECHO)
    assert (ack.ok, ack.error) == (False, "user_not_in_channel")


async def test_one_envelope_can_come_twice(slack: SlackDouble) -> None:
    """At the same moment, or later with the same id: the payload is the same."""
    bot = EchoBot()
    async with by_socket(slack, bot):
        ack = await slack.command("ann", "app", ECHO, "x", repeat=1)
        again = await slack.redeliver(ack)

    assert (len(ack.repeats), again.ok) == (1, True)
    assert ack.delivery == again.delivery == ack.repeats[0].delivery
    assert len({body["trigger_id"] for body in bot.heard}) == 1
    assert [body["channel_name"] for body in bot.heard] == ["directmessage"] * 3


async def test_an_event_says_which_attempt_it_is(slack: SlackDouble) -> None:
    """Slack delivers events again; Bolt hands the number on as a header."""
    bot = EchoBot()
    event = {
        "type": "app_home_opened",
        "user": "U0ANN",
        "channel": "D0X",
        "tab": "home",
    }
    async with by_socket(slack, bot):
        first = await slack.event(event)
        await slack.redeliver(first, retry=1)

    assert [heard["type"] for heard in bot.heard] == ["app_home_opened"] * 2
    assert bot.headers[0]["x-slack-retry-num"] == ["0"]
    assert bot.headers[1]["x-slack-retry-num"] == ["1"]
    assert bot.headers[1]["x-slack-retry-reason"] == ["timeout"]


async def test_each_envelope_goes_to_one_connection(slack: SlackDouble) -> None:
    """Two bots on one app share the work: nothing is broadcast."""
    one, other = EchoBot(), EchoBot()
    async with by_socket(slack, one), by_socket(slack, other):
        await slack.connected(2)
        for number in range(4):
            await slack.command("ann", "sales", ECHO, str(number))

    assert (len(one.heard), len(other.heard)) == (2, 2)
    assert slack.connections == 0


@pytest.mark.parametrize("way", ["disconnect", "cut"])
async def test_a_connection_that_ends_is_made_anew(
    slack: SlackDouble, way: str
) -> None:
    """Asked for by a frame, or broken."""
    async with by_socket(slack, EchoBot(), ping_interval=QUICK):
        await slack.connected()
        if way == "cut":
            await slack.sockets.cut()
        else:
            await slack.sockets.disconnect("warning")
            await slack.until(lambda: slack.sockets.made >= 2)
            await slack.sockets.disconnect("refresh_requested", close_after=0.01)
        await slack.until(lambda: slack.sockets.made >= 2)
        await slack.until(lambda: slack.connections == 1)
        ack = await slack.command("ann", "sales", ECHO, "x")

    assert ack.ok


async def test_a_silent_connection_is_noticed_by_the_sdk(slack: SlackDouble) -> None:
    """The TCP connection stays open, but nothing sent over it arrives."""
    slack.deliveries.ack_timeout = 0.01
    async with by_socket(slack, EchoBot(), ping_interval=QUICK):
        await slack.connected()
        slack.sockets.go_silent()
        await slack.sockets.disconnect()
        lost = await slack.command("ann", "sales", ECHO, "x")
        await slack.until(lambda: slack.sockets.made >= 2 and slack.connections == 1)
        slack.deliveries.ack_timeout = 3.0
        ack = await slack.command("ann", "sales", ECHO, "x")

    assert (lost.error, ack.ok) == ("operation_timeout", True)


async def test_a_bot_that_is_turned_away_comes_again(slack: SlackDouble) -> None:
    """While Slack refuses connections, commands fail."""
    slack.sockets.refuse = True
    slack.deliveries.ack_timeout = 0.01
    async with asyncio.timeout(PATIENCE):
        comes = asyncio.create_task(_one_command(slack))
        await slack.until(lambda: slack.sockets.turned_away)
        refused = await slack.command("ann", "sales", ECHO, "x")
        slack.deliveries.ack_timeout = 3.0
        slack.sockets.refuse = False

        assert (await comes).ok

    assert refused.error == "operation_timeout"


async def _one_command(slack: SlackDouble) -> Any:
    async with by_socket(slack, EchoBot(), ping_interval=QUICK):
        await slack.connected()
        return await slack.command("ann", "sales", ECHO, "x")


async def test_slack_goes_away_under_a_bot_and_comes_back() -> None:
    """The bot finds its way when Slack is there again."""
    slack = SlackDouble()
    await slack.start()
    port = int(slack.api_url.split(":")[2].split("/")[0])
    async with by_socket(slack, EchoBot(), ping_interval=QUICK):
        await slack.connected()
        await slack.close()
        await slack.start(port)
        await slack.connected()
        ack = await slack.command("ann", "sales", ECHO, "x")
    await slack.close()

    assert ack.ok


async def test_an_address_opens_one_connection_and_ten_are_the_most(
    slack: SlackDouble,
) -> None:
    """Raw: hello, pings in both directions, and the eleventh is sent away."""
    client = client_of(slack)

    async def address() -> str:
        answer = await client.apps_connections_open(app_token=slack.app_token)
        return str(answer["url"])

    async with aiohttp.ClientSession() as session:
        first = await address()
        socket = await session.ws_connect(first, autoping=False)
        assert (await socket.receive_json())["type"] == "hello"
        await socket.ping(b"one")
        assert (await socket.receive()).data == b"one"
        await slack.sockets.ping()
        await socket.pong((await socket.receive()).data)
        await slack.until(lambda: slack.sockets.open[0].pongs)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(first)
        others = [await session.ws_connect(await address()) for _ in range(9)]
        eleventh = await session.ws_connect(await address())
        assert (await eleventh.receive_json())["reason"] == "too_many_websockets"
        await eleventh.close()
        await socket.send_json({"envelope_id": "nobody's"})
        assert await slack.until(lambda: slack.sockets.stray_acks) == ["nobody's"]
        slack.sockets.stray_acks.clear()
        slack.sockets.go_silent()
        await slack.sockets.cut()
        for each in (socket, *others):
            await each.close()
