"""Slack's double delivers shortcuts as Slack does, to Bolt's own client."""

from __future__ import annotations

from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

import shortcut_shapes
from bolt_bot import a_slack, by_http, by_socket
from bot.sandbox.slack.double import Enterprise, SlackDouble
from bot.sandbox.slack.rules import SCOPES
from selection import TRANSPORTS

MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Call"},
    "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "Which?"}}],
}


class Chooser:
    """A bot that opens a modal for each shortcut, and answers where it can."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def __call__(self, app: AsyncApp) -> None:
        """Register the bot's listeners on *app*."""
        app.shortcut("on_a_message")(self._chosen)
        app.shortcut("anywhere")(self._chosen)

    async def _chosen(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        client: AsyncWebClient,
        respond: AsyncRespond,
    ) -> None:
        self.heard.append(body)
        await ack("nobody reads this")
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        if "response_url" in body:
            await respond("told")


@pytest.mark.parametrize("http", TRANSPORTS)
async def test_a_shortcut_brings_what_slack_says_it_brings(*, http: bool) -> None:
    """A message's shortcut has the message and a response_url, in a thread too."""
    bot = Chooser()
    async with a_slack() as slack, (by_http if http else by_socket)(slack, bot):
        root = slack.say("bob", "sales", "Who calls?")
        reply = slack.say("carl", "sales", "415 555 0142", thread_ts=root.ts)

        assert (await slack.choose_on("ann", reply, "on_a_message")).ok
        assert (await slack.choose("ann", "anywhere")).ok

        one, other = bot.heard
        assert one["message"]["thread_ts"] == root.ts
        assert (one["message_ts"], one["channel"]["name"]) == (reply.ts, "sales")
        assert "channel" not in other
        assert [each.text for each in slack.private("ann")] == ["told"]
        assert slack.modal("ann") is not None


async def test_a_shortcut_of_an_organizations_app_names_no_workspace() -> None:
    """Then a bot has to find the workspace by the person's."""
    slack = SlackDouble()
    acme = slack.add_team("T0ACME", "acme", Enterprise("E0", "Acme"), scopes=None)
    slack.app.install("E0", SCOPES)
    root = acme.say("bob", "sales", "415 555 0142")

    for ack in (
        await acme.choose_on("ann", root, "on_a_message"),
        await acme.choose("ann", "anywhere"),
    ):
        assert ack.delivery is not None
        payload = ack.delivery.payload
        assert payload["team"] is None
        assert payload["user"]["team_id"] == "T0ACME"
        assert shortcut_shapes.problems(payload["type"], payload) == []


async def test_nobody_chooses_on_what_they_do_not_see() -> None:
    """Slack offers nothing in a channel that one is not in, and on private notes."""
    slack = SlackDouble()
    deal = slack.say("ann", "deals", "415 555 0142")
    slack.channel("deals").members.discard(slack.workspace.user("carl").id)

    acks = [await slack.choose_on("carl", deal, "on_a_message")]
    slack.rules.scopes.discard("commands")
    acks.append(await slack.choose("ann", "anywhere"))

    assert [each.error for each in acks] == ["user_not_in_channel", "missing_scope"]
