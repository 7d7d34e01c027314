"""Who may ask Slack's double for what, and where: with Slack's own client."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bolt_bot import a_slack, client_of, refusal
from bot.sandbox.slack.double import SlackDouble


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Build a Slack without rate limits."""
    async with a_slack() as built:
        yield built


@pytest.fixture
def client(slack: SlackDouble) -> AsyncWebClient:
    """Return Slack's own client, which repeats nothing."""
    return client_of(slack)


async def test_auth_test_says_who_the_bot_is(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    """The bot learns its own id there, and tells its posts from others' by it."""
    data = await client.auth_test()

    assert data["user_id"] == slack.workspace.bot.id
    assert data["bot_id"] == slack.workspace.bot_id


async def test_tokens_are_looked_at(slack: SlackDouble, client: AsyncWebClient) -> None:
    """An operator mixes them up; each mistake has its own word."""
    assert await refusal(client_of(slack, "xoxb-wrong").auth_test()) == "invalid_auth"
    assert await refusal(client_of(slack, "").auth_test()) == "not_authed"
    assert (
        await refusal(client.apps_connections_open(app_token=slack.bot_token))
        == "not_allowed_token_type"
    )
    slack.rules.revoked = True
    assert await refusal(client.auth_test()) == "token_revoked"


async def test_an_unknown_method_is_refused(client: AsyncWebClient) -> None:
    """A misspelled method must not pass unseen."""
    assert await refusal(client.api_call("chat.shout")) == "unknown_method"


@pytest.mark.parametrize(
    ("scope", "channel"),
    [("channels:history", "C0SALES"), ("groups:history", "C0DEALS")],
)
async def test_each_kind_of_channel_has_its_own_history_scope(
    slack: SlackDouble, client: AsyncWebClient, scope: str, channel: str
) -> None:
    """Without it nobody can look for a lost card, and the answer names the scope."""
    slack.workspace.channel(channel).members.add(slack.workspace.bot.id)
    await client.conversations_history(channel=channel)
    slack.rules.scopes.discard(scope)

    with pytest.raises(SlackApiError) as caught:
        await client.conversations_history(channel=channel)

    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == scope


@pytest.mark.parametrize(
    ("channel", "word"),
    [
        ("C0GENERAL", "not_in_channel"),
        ("C0DEALS", "channel_not_found"),
        ("D0ANNBOB", "channel_not_found"),
        ("G0TRIO", "channel_not_found"),
        ("C0NOWHERE", "channel_not_found"),
    ],
)
async def test_who_is_no_member_is_told_by_the_kind_of_channel(
    client: AsyncWebClient, channel: str, word: str
) -> None:
    """A private conversation is not even admitted to exist; a bot must take both."""
    assert await refusal(client.chat_postMessage(channel=channel, text="x")) == word
    assert (
        await refusal(
            client.chat_postEphemeral(channel=channel, user="U0ANN", text="x")
        )
        == word
    )
    assert await refusal(client.conversations_history(channel=channel)) == word


async def test_a_public_channel_is_open_with_the_public_scope(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    """``chat:write.public`` saves the invitation, in public channels alone."""
    slack.rules.scopes.add("chat:write.public")

    await client.chat_postMessage(channel="C0GENERAL", text="x")

    assert len(slack.messages("general")) == 1
    assert (
        await refusal(client.chat_postMessage(channel="C0DEALS", text="x"))
        == "channel_not_found"
    )


async def test_other_ways_a_channel_refuses(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    """Archived, for admins only, without its messages tab: a word for each."""
    slack.workspace.channel("sales").restricted = True
    sales = client.chat_postMessage(channel="C0SALES", text="x")
    assert await refusal(sales) == "restricted_action"
    slack.workspace.channel("sales").archived = True
    sales = client.chat_postMessage(channel="C0SALES", text="x")
    assert await refusal(sales) == "is_archived"
    slack.rules.messages_tab_enabled = False
    direct = client.chat_postMessage(channel="U0ANN", text="x")
    assert await refusal(direct) == "messages_tab_disabled"


async def test_a_user_id_is_their_dm(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    """The way out where no channel takes the card; the answer has the DM's own id."""
    opened = await client.conversations_open(users=["U0ANN"])
    posted = await client.chat_postMessage(channel="U0ANN", text="psst")

    assert posted["channel"] == opened["channel"]["id"] != "U0ANN"
    assert [one.text for one in slack.dm("ann")] == ["psst"]
    assert (
        await refusal(client.chat_update(channel="U0ANN", ts=posted["ts"], text="y"))
        == "channel_not_found"
    )


async def test_people_have_names_for_tests_and_ids_for_the_api(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    """A bot that sent a name would work here and fail at Slack."""
    assert slack.workspace.user("ann").id == slack.workspace.user("@ann").id == "U0ANN"
    slack.rules.scopes.add("users:read")
    for call in (
        client.conversations_open(users=["ann"]),
        client.users_info(user="ann"),
    ):
        assert await refusal(call) == "user_not_found"
    ann = client.chat_postEphemeral(channel="C0SALES", user="ann", text="x")
    assert await refusal(ann) == "user_not_in_channel"
    with pytest.raises(KeyError):
        slack.workspace.user("dora")


async def test_an_ephemeral_message_is_for_one_member(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    """Only they see it, and its ts is no handle to anything."""
    data = await client.chat_postEphemeral(channel="C0SALES", user="U0ANN", text="psst")

    assert [one.text for one in slack.private("ann")] == ["psst"]
    assert slack.private("bob") == []
    assert slack.messages("sales") == []
    ts = data["message_ts"]
    assert (
        await refusal(client.chat_update(channel="C0SALES", ts=ts, text="y"))
        == "message_not_found"
    )
