"""The Slack double's Home tab, what it refuses in views, and news about people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bolt_bot import a_slack, by_http, by_socket, client_of, refusal
from bot.sandbox.slack.double import SlackDouble
from slack_forms import BOXES, FORM, RADIO, SELECT, asks, options, plain

LONG = "x" * 3001
BUTTON = {"type": "button", "action_id": "connect", "text": plain("Connect")}
HOME: dict[str, Any] = {
    "type": "home",
    "callback_id": "home",
    "blocks": [
        {"type": "actions", "block_id": "b", "elements": [BUTTON]},
        asks("first", SELECT, dispatch_action=True),
    ],
}


class Host:
    """A bot that publishes a Home when somebody looks at it."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, app: AsyncApp) -> None:
        """Let *app* listen."""
        app.event("app_home_opened")(self._seen)
        app.event("user_change")(self._keep)
        app.action("connect")(self._keep)
        app.action("first")(self._keep)

    async def _seen(self, body: dict[str, Any], client: AsyncWebClient) -> None:
        self.bodies.append(body)
        if body["event"]["tab"] == "home":
            await client.views_publish(user_id=body["event"]["user"], view=HOME)

    async def _keep(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        self.bodies.append(body)
        await ack()


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Return a running double without limits; nothing may be wrong in the end."""
    async with a_slack() as double:
        yield double


@pytest.mark.parametrize("way", [by_http, by_socket])
async def test_a_home_is_published_when_it_is_looked_at(
    slack: SlackDouble, way: Any
) -> None:
    """The second look brings the first one's view; the messages tab has none."""
    host = Host()
    async with way(slack, host):
        await slack.open_home("ann")
        await slack.until(lambda: slack.home_of("ann"))
        await slack.open_home("ann")
        await slack.open_home("ann", tab="messages")
    first, second, messages = (body["event"] for body in host.bodies)

    assert (first["tab"], first["user"]) == ("home", "U0ANN")
    assert first["channel"] == slack.app_dm("ann").id
    assert "view" not in first
    assert second["view"]["type"] == "home"
    assert second["view"]["callback_id"] == "home"
    assert messages["tab"] == "messages"
    assert "view" not in messages
    assert slack.home_of("bob") is None


async def test_a_press_on_the_home_brings_its_hash(slack: SlackDouble) -> None:
    """With it the bot publishes anew without undoing what came in between."""
    host, client = Host(), client_of(slack)
    await client.views_publish(user_id="U0ANN", view=HOME)
    view = slack.home_of("ann")
    assert view is not None
    async with by_http(slack, host):
        await slack.click_in_view(view, "connect")
        await slack.click_in_view(view, "first", value="desk")
    press, choice = host.bodies
    seen = press["view"]["hash"]
    await client.views_publish(user_id="U0ANN", view=HOME, hash=seen)
    late = client.views_publish(user_id="U0ANN", view=HOME, hash=seen)

    assert await refusal(late) == "hash_conflict"
    assert press["container"] == {"type": "view", "view_id": view.id}
    assert "channel" not in press
    assert choice["actions"][0]["selected_option"] == options("desk")[0]
    assert choice["view"]["state"]["values"]["first"]["first"] == {
        "type": "static_select",
        "selected_option": options("desk")[0],
    }


async def test_an_app_without_a_home_can_not_publish_one(slack: SlackDouble) -> None:
    """It is a switch in the manifest."""
    slack.rules.home_tab_enabled = False
    publishing = client_of(slack).views_publish(user_id="U0ANN", view=HOME)

    assert await refusal(publishing) == "not_enabled"


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a modal with these blocks."""
    return {**FORM, "blocks": list(blocks), **more}


TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}


@pytest.mark.parametrize(
    ("view", "where"),
    [
        (modal(title=plain("A title that is far too long")), "/view/title/text"),
        (modal(title=None), "/view"),
        (modal(submit=plain("")), "/view/submit/text"),
        (modal(asks("a", SELECT), submit=None), "/view/submit"),
        (modal(private_metadata=LONG), "/view/private_metadata"),
        (modal(callback_id="x" * 256), "/view/callback_id"),
        (modal(*[{"type": "divider"}] * 101), "/view/blocks"),
        (modal(TABLE), "/view/blocks/0/type"),
        (modal({"type": "divider"}, asks("a", SELECT, label=None)), "/view/blocks/1"),
        (modal(asks("a", SELECT, hint=plain(LONG))), "/view/blocks/0/hint/text"),
        (modal(asks("a", {"type": "button"})), "/view/blocks/0/element/type"),
        (modal({"type": "input", "label": plain("x")}), "/view/blocks/0"),
        (modal("x"), "/view/blocks/0"),  # type: ignore[arg-type]
        (modal(asks("x" * 256, SELECT)), "/view/blocks/0/block_id"),
        (modal(asks("a", SELECT), asks("a", SELECT)), "/view/blocks"),
        (modal(asks("a", SELECT | {"options": []})), "/view/blocks/0/options"),
        (modal(asks("a", RADIO | {"options": options(*"abcdefghijk")})), "/options"),
        (modal(asks("a", SELECT | {"options": options("")})), "/options/text"),
        (modal(asks("a", RADIO | {"initial_option": options("x")[0]})), "/initial_opt"),
        (
            modal(asks("a", BOXES | {"initial_options": options("x")})),
            "/initial_option",
        ),
        (
            modal(asks("a", {"type": "plain_text_input", "max_length": 3001})),
            "/max_len",
        ),
        (
            modal(
                asks(
                    "a", {"type": "plain_text_input", "min_length": 3, "max_length": 2}
                )
            ),
            "/min_length",
        ),
        (
            modal(
                asks(
                    "a",
                    {
                        "type": "plain_text_input",
                        "max_length": 2,
                        "initial_value": "long",
                    },
                )
            ),
            "/initial_value",
        ),
        (
            modal({"type": "actions", "elements": [BUTTON, BUTTON]}),
            "/view/blocks/0",
        ),
        (modal(blocks=None), "/view"),
        (modal(asks("a", SELECT | {"placeholder": plain(LONG)})), "/placeholder"),
    ],
)
async def test_a_view_is_refused_with_a_pointer_to_what_is_wrong(
    view: dict[str, Any], where: str
) -> None:
    """These are wrong on purpose, so no shapes are held."""
    async with SlackDouble() as slack:
        slack.views.triggers.make("U0ANN", "1.2.3")
        with pytest.raises(SlackApiError) as caught:
            await client_of(slack).views_open(trigger_id="1.2.3", view=view)

    assert caught.value.response["error"] == "invalid_arguments"
    [message] = caught.value.response["response_metadata"]["messages"]
    assert f"{where}" in message
    assert slack.views.all == []


async def test_a_view_may_be_large_but_not_too_large(slack: SlackDouble) -> None:
    """A hundred blocks are well; a quarter of a megabyte is not."""
    text = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}
    client = client_of(slack)
    many = {**HOME, "blocks": [{"type": "divider"}] * 100}
    await client.views_publish(user_id="U0ANN", view=many)
    large = client.views_publish(user_id="U0ANN", view={**HOME, "blocks": [text] * 90})

    assert await refusal(large) == "view_too_large"


async def test_users_are_shown_with_zone_and_telephone(slack: SlackDouble) -> None:
    """The phone is what they typed; a profile has a scope of its own."""
    client = client_of(slack)
    slack.workspace.user("ann").phone = "(650) 555-0101 mobile"
    unscoped = client.users_profile_get(user="U0ANN")
    assert await refusal(unscoped) == "missing_scope"
    slack.rules.scopes |= {"users:read", "users.profile:read"}
    user = (await client.users_info(user="U0ANN", include_locale=True))["user"]
    profile = (await client.users_profile_get(user="U0ANN"))["profile"]
    stranger = client.users_profile_get(user="U9")

    assert (user["tz"], user["tz_offset"]) == ("America/Los_Angeles", -28_800)
    assert (user["locale"], user["deleted"]) == ("en-US", False)
    assert user["profile"]["phone"] == profile["phone"] == "(650) 555-0101 mobile"
    assert await refusal(stranger) == "user_not_found"
    assert (await client.users_info(user="U0BOB"))["user"]["profile"]["phone"] == ""


async def test_the_bot_hears_of_a_deactivated_person_if_it_may(
    slack: SlackDouble,
) -> None:
    """Without ``users:read`` there is no such event; they can do nothing either way."""
    host, client = Host(), client_of(slack)
    async with by_http(slack, host):
        slack.rules.scopes.discard("users:read")
        untold = await slack.deactivate("bob")
        slack.rules.scopes.add("users:read")
        told = await slack.deactivate("ann")
        typed = await slack.command("ann", "sales", "/ringout")
        user = (await client.users_info(user="U0ANN"))["user"]
    [body] = host.bodies

    assert (untold.error, told.ok) == ("missing_scope", True)
    assert body["event"]["user"] == user
    assert (user["id"], user["deleted"]) == ("U0ANN", True)
    assert "tz" not in user
    assert typed.error == "user_disabled"
    opening = client.conversations_open(users="U0ANN")
    assert await refusal(opening) == "user_disabled"
