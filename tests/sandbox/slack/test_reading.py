"""The Slack double's people, channels, threads and views, asked by slack_sdk."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bolt_bot import a_slack, client_of, refusal
from bot.sandbox.slack.double import SlackDouble

SALES = "C0SALES"
TITLE = {"type": "plain_text", "text": "Call"}
MODAL = {"type": "modal", "title": TITLE, "blocks": []}
HOME = {"type": "home", "blocks": []}


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Return a running double without limits; nothing may be wrong in the end."""
    async with a_slack() as double:
        yield double


@pytest.fixture
def web(slack: SlackDouble) -> AsyncWebClient:
    """Return the bot's client."""
    return client_of(slack)


@pytest.mark.parametrize(
    ("channel", "scope"),
    [
        ("C0SALES", "channels:history"),
        ("C0DEALS", "groups:history"),
        ("D0APPANN", "im:history"),
        ("G0TRIO", "mpim:history"),
    ],
)
async def test_each_kind_of_channel_has_a_history_scope_of_its_own(
    slack: SlackDouble, web: AsyncWebClient, channel: str, scope: str
) -> None:
    """They are optional in the app's manifest: a bot must live without them."""
    slack.app_dm("ann")
    slack.invite(channel)
    await web.conversations_history(channel=channel)
    slack.rules.scopes.discard(scope)

    with pytest.raises(SlackApiError) as caught:
        await web.conversations_history(channel=channel)

    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == scope
    assert scope not in caught.value.response["provided"].split(",")


async def test_a_thread_needs_its_root(slack: SlackDouble, web: AsyncWebClient) -> None:
    """A reply is no root; a root that was deleted leaves a tombstone over replies."""
    root = str((await web.chat_postMessage(channel=SALES, text="Card"))["ts"])
    reply = slack.say("ann", "sales", "Thanks", thread_ts=root)

    nested = web.chat_postMessage(channel=SALES, text="x", thread_ts=reply.ts)
    assert await refusal(nested) == "cannot_reply_to_message"
    await web.chat_delete(channel=SALES, ts=root)
    thread = await web.conversations_replies(channel=SALES, ts=root)
    assert [one.get("subtype") for one in thread["messages"]] == ["tombstone", None]
    await web.chat_postMessage(channel=SALES, text="Still", thread_ts=root)
    await web.chat_postMessage(
        channel=SALES, text="All", thread_ts=root, reply_broadcast=True
    )
    history = await web.conversations_history(channel=SALES)
    assert [one.get("subtype") for one in history["messages"]] == [
        "thread_broadcast",
        "tombstone",
    ]
    replies = await web.conversations_replies(channel=SALES, ts=root, limit=2)
    assert replies["has_more"]
    cursor = replies["response_metadata"]["next_cursor"]
    rest = await web.conversations_replies(channel=SALES, ts=root, cursor=cursor)
    assert [one["text"] for one in rest["messages"]] == ["Still", "All"]
    missing = web.conversations_replies(channel=SALES, ts="1.000001")
    assert await refusal(missing) == "thread_not_found"


async def test_a_person_has_a_time_zone(
    slack: SlackDouble, web: AsyncWebClient
) -> None:
    """With the scope that reading people needs."""
    slack.rules.scopes.discard("users:read")
    assert await refusal(web.users_info(user="U0ANN")) == "missing_scope"
    slack.rules.scopes.add("users:read")

    answer = await web.users_info(user="U0ANN")

    assert answer["user"]["tz"] == "America/Los_Angeles"
    assert answer["user"]["tz_offset"] == -28_800
    assert await refusal(web.users_info(user="U0X")) == "user_not_found"


async def test_channels_and_the_team_are_described(
    slack: SlackDouble, web: AsyncWebClient
) -> None:
    """What a doctor command asks."""
    slack.rules.scopes |= {"channels:read", "team:read", "users:read"}

    sales = (await web.conversations_info(channel=SALES))["channel"]
    general = (await web.conversations_info(channel="C0GENERAL"))["channel"]
    mine = (await web.users_conversations())["channels"]

    assert (sales["name"], sales["is_member"]) == ("sales", True)
    assert general["is_member"] is False
    assert [one["id"] for one in mine] == [SALES]
    assert (await web.team_info())["team"]["domain"] == "sandbox"
    assert (await web.bots_info())["bot"]["user_id"] == slack.workspace.bot.id
    assert (await client_of(slack, "").api_test())["ok"]


async def test_a_dm_is_opened_with_people_only(
    slack: SlackDouble, web: AsyncWebClient
) -> None:
    """One of them: a group needs a scope that the bot has not."""
    slack.rules.scopes.add("im:read")
    opened = await web.conversations_open(users=["U0ANN"], return_im=True)
    known = await web.conversations_open(channel=opened["channel"]["id"])

    assert (opened["channel"]["is_im"], opened["channel"]["user"]) == (True, "U0ANN")
    assert known["already_open"]
    bot = slack.workspace.bot.id
    assert await refusal(web.conversations_open(users=bot)) == "cannot_dm_bot"
    post = web.chat_postMessage(channel=bot, text="Hi")
    assert await refusal(post) == "cannot_dm_bot"
    group = web.conversations_open(users=["U0ANN", "U0BOB"])
    assert await refusal(group) == "missing_scope"
    slack.rules.scopes.add("mpim:write")
    group = web.conversations_open(users=["U0ANN", "U0BOB"])
    assert await refusal(group) == "too_many_users"
    assert await refusal(web.users_conversations(types="dm")) == "invalid_types"
    mine = await web.users_conversations(types="im")
    assert [one["user"] for one in mine["channels"]] == ["U0ANN"]


async def test_what_is_asked_wrongly_is_told(
    slack: SlackDouble, web: AsyncWebClient
) -> None:
    """The way Slack tells it; an own channel can be added to the workspace."""
    slack.rules.scopes.add("users:read")
    added = slack.workspace.add_channel("plans", "private", "ann", "ringout")

    assert await refusal(web.bots_info(bot="B9")) == "bot_not_found"
    assert await refusal(web.api_test(error="odd")) == "odd"
    await web.chat_postMessage(channel=added.id, text="Hi")
    assert [one.text for one in slack.messages("plans")] == ["Hi"]
    with pytest.raises(KeyError):
        slack.channel("nowhere")
    with pytest.raises(KeyError):
        await slack.command("nobody", "sales", "/ringout")


async def test_a_private_message_needs_an_open_channel(
    slack: SlackDouble, web: AsyncWebClient
) -> None:
    """With the bot in it; it may be in a thread."""
    root = slack.say("bob", "sales", "Hello").ts

    async def whisper(channel: str) -> object:
        return await web.chat_postEphemeral(
            channel=channel, user="U0ANN", text="Psst", thread_ts=root
        )

    await whisper(SALES)
    assert slack.private("ann")[0].thread_ts == root
    assert await refusal(whisper("C0GENERAL")) == "not_in_channel"
    slack.channel("sales").archived = True
    assert await refusal(whisper(SALES)) == "is_archived"


async def test_a_modal_needs_a_trigger_that_nobody_has_used(
    slack: SlackDouble, web: AsyncWebClient
) -> None:
    """It is good for three seconds, once."""
    await slack.command("ann", "sales", "/ringout", trigger_id="1.2.3")

    opened = await web.views_open(trigger_id="1.2.3", view=MODAL)
    again = web.views_open(trigger_id="1.2.3", view=MODAL)
    unknown = web.views_open(trigger_id="9.9.9", view=MODAL)

    assert opened["view"]["id"] == slack.views.all[0].id
    assert await refusal(again) == "exchanged_trigger_id"
    assert await refusal(unknown) == "invalid_trigger_id"
    slack.rules.trigger_seconds = 0
    await slack.command("ann", "sales", "/ringout", trigger_id="1.2.4")
    late = web.views_open(trigger_id="1.2.4", view=MODAL)
    assert await refusal(late) == "expired_trigger_id"


async def test_views_are_updated_in_turn(
    slack: SlackDouble, web: AsyncWebClient
) -> None:
    """By their hash, so that the older state does not win."""
    first = await web.views_publish(user_id="U0ANN", view=HOME)
    seen = first["view"]["hash"]

    await web.views_publish(user_id="U0ANN", view=HOME, hash=seen)
    stale = web.views_publish(user_id="U0ANN", view=HOME, hash=seen)

    assert await refusal(stale) == "hash_conflict"
    assert len(slack.views.all) == 1
    stranger = web.views_publish(user_id="U9", view=HOME)
    assert await refusal(stranger) == "user_not_found"
    missing = web.views_update(view_id="V9", view=MODAL)
    assert await refusal(missing) == "not_found"
    await slack.command("ann", "sales", "/ringout", trigger_id="1.2.3")
    named = {**MODAL, "external_id": "call"}
    opened = await web.views_open(trigger_id="1.2.3", view=named)
    await web.views_update(view_id=opened["view"]["id"], view=named)
    again = await web.views_update(external_id="call", view=named)
    assert again["view"]["hash"] == "2.2"
    assert [view.updates for view in slack.views.all] == [1, 2]


async def test_a_view_of_the_wrong_kind_is_refused() -> None:
    """A modal is no Home tab; these are wrong on purpose, so no shapes are held."""
    async with SlackDouble() as slack:
        web = client_of(slack)

        slack.rules.scopes.add("users:read")
        home = web.views_publish(user_id="U0ANN", view=MODAL)
        nothing = web.api_call("views.update", json={"view_id": "V1"})

        assert await refusal(home) == "invalid_arguments"
        assert await refusal(web.api_call("users.info")) == "invalid_arguments"
        assert await refusal(nothing) == "invalid_arguments"
