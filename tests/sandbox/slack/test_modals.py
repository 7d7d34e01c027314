"""The Slack double's modals: filled in, refused, submitted, and what answers do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bolt_bot import ECHO, a_slack, by_http, by_socket, client_of, refusal
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.views import View
from slack_forms import FORM, options, plain


class Office:
    """A bot that opens a modal on a command; the test sets its answers."""

    def __init__(self) -> None:
        self.view: dict[str, Any] = FORM
        self.answer: dict[str, Any] = {}
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, app: AsyncApp) -> None:
        """Let *app* answer."""
        app.command(ECHO)(self._open)
        app.view("settings")(self._submitted)
        for listen in (app.view_closed, app.action):
            for name in ("settings", "again", "backup"):
                listen(name)(self._keep)

    async def _open(
        self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient
    ) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=self.view)

    async def _submitted(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        self.bodies.append(body)
        await ack(**self.answer)

    async def _keep(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        self.bodies.append(body)
        await ack()


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Return a running double without limits; nothing may be wrong in the end."""
    async with a_slack() as double:
        yield double


@pytest.fixture
def office() -> Office:
    """Return the bot."""
    return Office()


async def opened(slack: SlackDouble) -> View:
    """Have Ann open the form."""
    await slack.command("ann", "sales", ECHO)
    found = slack.modal("ann")
    assert found is not None
    return found


@pytest.mark.parametrize("way", [by_http, by_socket])
async def test_every_input_comes_with_its_value(
    slack: SlackDouble, office: Office, way: Any
) -> None:
    """What was not touched has its first value, or none; the modal then closes."""
    async with way(slack, office):
        view = await opened(slack)
        slack.fill_in(view, {"first": "desk", "shows": ["thread"], "region": "GB"})
        slack.fill_in(view, {"backup": "U0BOB"})
        ack = await slack.submit(view)
    [body] = office.bodies

    assert ack.ok
    assert body["view"]["state"]["values"] == {
        "first": {
            "first": {"type": "static_select", "selected_option": options("desk")[0]}
        },
        "prompt": {
            "prompt": {
                "type": "radio_buttons",
                "selected_option": options("always")[0],
            }
        },
        "shows": {
            "shows": {"type": "checkboxes", "selected_options": options("thread")}
        },
        "region": {"region": {"type": "plain_text_input", "value": "GB"}},
        "backup": {"backup": {"type": "users_select", "selected_user": "U0BOB"}},
    }
    assert body["view"]["private_metadata"] == "m"
    assert body["user"]["id"] == "U0ANN"
    assert slack.modal("ann") is None


async def test_what_a_person_can_not_do_in_slack_they_can_not_do_here(
    slack: SlackDouble, office: Office
) -> None:
    """A bot is never asked about such values, and must not count on it either."""
    async with by_http(slack, office):
        view = await opened(slack)
        for name, given in (
            ("first", "fax"),
            ("shows", ["card", "fax"]),
            ("region", "x"),
            ("region", "Germany"),
            ("nowhere", "x"),
        ):
            with pytest.raises(KeyError):
                slack.fill_in(view, {name: given})
        unfilled = await slack.submit(view)
        slack.fill_in(view, {"first": "desk"})
        forged = await slack.submit(
            view,
            {
                "region": {"region": {"type": "plain_text_input", "value": "Germany"}},
                "shows": {
                    "shows": {
                        "type": "checkboxes",
                        "selected_options": options("card", "fax"),
                    }
                },
            },
        )
        slack.fill_in(view, {"region": None, "shows": ["card"]})
        filled = await slack.submit(view)
        twice = await slack.submit(view)

    assert (unfilled.error, set(unfilled.errors)) == ("incomplete_form", {"first"})
    assert forged.errors == {
        "region": "Please enter no more than 5 characters.",
        "shows": "'fax' is no option of shows",
    }
    assert (filled.ok, twice.error) == (True, "view_closed")
    assert len(office.bodies) == 1


async def test_complaints_stay_in_the_modal(slack: SlackDouble, office: Office) -> None:
    """By input; one about anything else is Slack's "something went wrong"."""
    office.answer = {"response_action": "errors", "errors": {"region": "No such one"}}
    async with by_http(slack, office):
        view = await opened(slack)
        slack.fill_in(view, {"first": "desk", "region": "XX"})
        wrong = await slack.submit(view)
        shown = dict(view.errors)
        office.answer["errors"] = {"more": "This is no input"}
        misplaced = await slack.submit(view)
        office.answer = {"response_action": "shout"}
        unknown = await slack.submit(view)
        office.answer = {}
        right = await slack.submit(view)

    assert (wrong.ok, wrong.errors) == (True, {"region": "No such one"})
    assert shown == wrong.errors
    assert misplaced.error == unknown.error == "invalid_response_action"
    assert (right.ok, view.is_open, view.errors) == (True, False, {})


async def test_an_answer_may_change_the_modal(
    slack: SlackDouble, office: Office
) -> None:
    """What was entered stays where block and action are the same."""
    changed = {**FORM, "title": plain("Look again"), "blocks": FORM["blocks"][:2]}  # type: ignore[index]
    office.answer = {"response_action": "update", "view": changed}
    async with by_http(slack, office):
        view = await opened(slack)
        before = view.hash
        slack.fill_in(view, {"first": "desk", "prompt": "never"})
        await slack.submit(view)
        office.answer = {"response_action": "update", "view": {**changed, "title": 1}}
        slack.door.check_call = None  # it is wrong on purpose
        broken = await slack.submit(view)

    assert (view.is_open, view.source["title"]["text"]) == (True, "Look again")
    assert view.hash != before
    assert view.values["prompt"]["prompt"]["selected_option"]["value"] == "never"
    assert set(view.values) == {"first", "prompt"}
    assert broken.error == "invalid_arguments"


async def test_modals_lie_over_each_other(slack: SlackDouble, office: Office) -> None:
    """Three at most; closing one shows the one under it, ``clear`` closes all."""
    note = {**FORM, "blocks": []}
    office.answer = {"response_action": "push", "view": note}
    async with by_http(slack, office):
        root = await opened(slack)
        slack.fill_in(root, {"first": "desk"})
        await slack.submit(root)
        second = slack.modal("ann")
        assert second is not None
        await slack.submit(second)
        third = slack.modal("ann")
        assert third is not None
        fourth = await slack.submit(third)
        await slack.close_view(third)
        under = slack.modal("ann")
        office.answer = {"response_action": "clear"}
        await slack.submit(second)
    closed = office.bodies[-2]

    assert fourth.error == "push_limit_reached"
    assert (third.previous, third.root, under) == (second.id, root.id, second)
    assert closed["type"] == "view_closed"
    assert closed["is_cleared"] is False
    assert closed["view"]["previous_view_id"] == second.id
    assert closed["view"]["root_view_id"] == root.id
    assert slack.modal("ann") is None


async def test_a_press_in_a_modal_opens_the_next(
    slack: SlackDouble, office: Office
) -> None:
    """Its payload has the view with all that is entered, and no channel."""
    client = client_of(slack)
    async with by_http(slack, office):
        view = await opened(slack)
        slack.fill_in(view, {"region": "GB"})
        await slack.click_in_view(view, "again")
        chosen = await slack.click_in_view(view, "backup", value="U0CARL")
        with pytest.raises(KeyError):
            await slack.click_in_view(view, "first", value="desk")
        press, choice = office.bodies
        pushed = await client.views_push(trigger_id=press["trigger_id"], view=FORM)
        await slack.close_view(view, all_of_them=True)
        late = await slack.click_in_view(view, "again")
        stale = client.views_update(view_id=view.id, view=FORM)
        assert await refusal(stale) == "not_found"

    assert press["container"] == {"type": "view", "view_id": view.id}
    assert press["view"]["hash"] == view.hash
    assert press["view"]["state"]["values"]["region"]["region"]["value"] == "GB"
    assert press["actions"][0]["action_id"] == "again"
    assert {"channel", "message", "response_url"}.isdisjoint(press)
    assert chosen.ok
    assert choice["actions"][0]["selected_user"] == "U0CARL"
    assert choice["view"]["state"]["values"]["backup"]["backup"] == {
        "type": "users_select",
        "selected_user": "U0CARL",
    }
    assert pushed["view"]["previous_view_id"] == view.id
    assert [one["is_cleared"] for one in office.bodies[2:]] == [True, True]
    assert late.error == "view_closed"


async def test_a_push_needs_a_modal_and_names_are_unique(
    slack: SlackDouble, office: Office
) -> None:
    """An ``external_id`` is free again when its view is closed."""
    office.view = {**FORM, "external_id": "settings-1"}
    client = client_of(slack)
    async with by_http(slack, office):
        await slack.command("bob", "sales", "/other", trigger_id="1.1.1")
        alone = client.views_push(trigger_id="1.1.1", view=FORM)
        assert await refusal(alone) == "not_found"
        view = await opened(slack)
        await slack.command("bob", "sales", "/other", trigger_id="2.2.2")
        taken = client.views_open(trigger_id="2.2.2", view=office.view)
        assert await refusal(taken) == "duplicate_external_id"
        again = await client.views_update(external_id="settings-1", view=office.view)
        quiet = {**FORM, "notify_on_close": False, "clear_on_close": True}
        await client.views_update(view_id=view.id, view=quiet)
        assert await slack.close_view(view) is None
        assert (await client.views_open(trigger_id="2.2.2", view=office.view))["ok"]

    assert again["view"]["id"] == view.id
