"""Slack's double fills menus as Slack does, from what Bolt's own client answers."""

from __future__ import annotations

from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

import query_shapes
from bolt_bot import a_slack, by_http, by_socket, client_of, refusal
from bot.sandbox.slack import queries
from bot.sandbox.slack.answers import Problem
from bot.sandbox.slack.double import Enterprise, SlackDouble
from bot.sandbox.slack.inputs import NotAllowedError
from bot.sandbox.slack.rules import SCOPES
from bot.sandbox.slack.views import View
from selection import TRANSPORTS
from slack_forms import asks, options, plain

MENU = {"type": "external_select", "min_query_length": 2}
WHERE = {
    "type": "conversations_select",
    "default_to_current_conversation": True,
    "response_url_enabled": True,
    "filter": {"include": ["public", "private"]},
}
FORM: dict[str, Any] = {
    "type": "modal",
    "callback_id": "dial",
    "title": plain("Dial"),
    "submit": plain("Call"),
    "blocks": [asks("whom", MENU), asks("where", WHERE, optional=True)],
}


class Dialer:
    """A bot that opens the form, and suggests what was typed."""

    def __init__(self, *suggested: str) -> None:
        self.suggested = suggested
        self.heard: list[dict[str, Any]] = []

    def __call__(self, app: AsyncApp) -> None:
        """Register the bot's listeners on *app*."""
        app.shortcut("dial")(self._open)
        app.options("whom")(self._suggest)
        app.view("dial")(self._submitted)

    async def _open(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient
    ) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    async def _suggest(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        self.heard.append(body)
        await ack(options=options(body["value"], *self.suggested))

    async def _submitted(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        self.heard.append(body)
        await ack()


async def opened(slack: SlackDouble, channel: str = "") -> View:
    """Have Ann open the form from a channel, or from nowhere."""
    assert (await slack.choose("ann", "dial", channel=channel)).ok
    form = await slack.until(lambda: slack.modal("ann"))
    assert form is not None
    return form


@pytest.mark.parametrize("http", TRANSPORTS)
async def test_a_menu_is_filled_while_somebody_types(*, http: bool) -> None:
    """By HTTP from an address of its own; what was suggested can be chosen and sent."""
    bot = Dialer("+14155550142")
    async with a_slack() as slack, (by_http if http else by_socket)(slack, bot):
        slack.deliveries.options_url = slack.deliveries.request_url
        form = await opened(slack, "sales")
        early = await slack.query(form, "whom", "n")
        ack = await slack.query(form, "whom", "no")
        slack.fill_in(form, {"whom": "+14155550142"})
        done = await slack.submit(form)

        query, sent = bot.heard
        assert early.error == queries.TOO_SHORT
        assert [each["value"] for each in ack.json["options"]] == ["no", "+14155550142"]
        assert query["container"] == {"type": "view", "view_id": form.id}
        chosen = sent["view"]["state"]["values"]["whom"]["whom"]["selected_option"]
        assert chosen["value"] == "+14155550142"
        [url] = sent["response_urls"]
        assert url["channel_id"] == slack.channel("sales").id
        assert done.ok


async def test_by_http_no_menu_is_filled_without_an_address_for_it() -> None:
    """An app whose manifest lacks it answers all else."""
    async with a_slack() as slack, by_http(slack, Dialer()):
        form = await opened(slack)

        assert not (await slack.query(form, "whom", "no")).ok


async def test_only_what_was_suggested_can_be_chosen() -> None:
    """Slack's client lets nobody enter a free text there."""
    async with a_slack() as slack, by_socket(slack, Dialer("one")):
        form = await opened(slack)
        await slack.query(form, "whom", "no")
        slack.fill_in(form, {"whom": "one"})
        await slack.query(form, "whom", "yes")

        with pytest.raises(NotAllowedError):
            slack.fill_in(form, {"whom": "no"})


@pytest.mark.parametrize(
    ("channel", "begins"), [("deals", True), ("ann-bob", False), ("", False)]
)
async def test_a_menu_of_conversations_begins_where_one_is(
    channel: str, *, begins: bool
) -> None:
    """If its filter has such a one; otherwise nothing is chosen, nor answered there."""
    bot = Dialer("one")
    async with a_slack() as slack, by_socket(slack, bot):
        form = await opened(slack, channel)
        await slack.query(form, "whom", "no")
        slack.fill_in(form, {"whom": "one"})
        await slack.submit(form)

        here = slack.channel(channel).id if begins else None
        assert form.values["where"]["where"]["selected_conversation"] == here
        urls = [each["channel_id"] for each in bot.heard[-1]["response_urls"]]
        assert urls == ([here] if begins else [])


@pytest.mark.parametrize(
    ("element", "is_good"),
    [
        (MENU, True),
        ({**MENU, "min_query_length": 0}, True),
        ({**MENU, "min_query_length": -1}, False),
        ({**MENU, "options": options("a")}, False),
        ({**MENU, "placeholder": plain("x" * 151)}, False),
        (WHERE, True),
        ({**WHERE, "filter": {}}, False),
        ({**WHERE, "filter": {"include": []}}, False),
        ({**WHERE, "filter": {"include": ["dm"]}}, False),
    ],
)
async def test_slack_takes_no_other_menus(
    element: dict[str, Any], *, is_good: bool
) -> None:
    """A form that Slack would refuse must not work here."""
    async with SlackDouble() as slack:
        trigger = slack.space.triggers.make("U0ANN")
        view = {**FORM, "blocks": [asks("x", element)]}
        call = client_of(slack).views_open(trigger_id=trigger, view=view)
        if is_good:
            await call
        else:
            assert await refusal(call) == "invalid_arguments"


@pytest.mark.parametrize(
    ("answer", "is_good"),
    [
        ({"options": []}, True),
        ({"options": options(*"abc")}, True),
        ({"options": options(*map(str, range(100)))}, True),
        ({"options": options(*map(str, range(101)))}, False),
        ({"option_groups": [{"label": plain("x"), "options": options("a")}]}, True),
        ({"options": options("a"), "option_groups": []}, False),
        ({"options": [{"text": plain("x" * 76), "value": "v"}]}, False),
        ({"options": [{"text": plain("x"), "value": "v" * 151}]}, False),
        (
            {"options": [{**options("a")[0], "description": plain("x" * 76)}]},
            False,
        ),
        ({}, False),
        ({"text": "no"}, False),
    ],
)
def test_slack_shows_no_other_options(answer: dict[str, Any], *, is_good: bool) -> None:
    """It would show none, and nobody would know why."""
    if is_good:
        queries.suggested(answer)
    else:
        with pytest.raises(Problem, match="invalid_options_response"):
            queries.suggested(answer)


async def test_a_query_of_an_organizations_app_names_no_workspace() -> None:
    """Then a bot has to find the workspace by the form."""
    slack = SlackDouble()
    acme = slack.add_team("T0ACME", "acme", Enterprise("E0", "Acme"), scopes=None)
    slack.app.install("E0", SCOPES)
    view = acme.views.add("U0ANN", {**FORM, "blocks": [asks("whom", MENU)]})

    ack = await acme.query(view, "whom", "no")

    assert ack.delivery is not None
    assert ack.delivery.payload["team"] is None
    assert query_shapes.problems(ack.delivery.payload) == []
