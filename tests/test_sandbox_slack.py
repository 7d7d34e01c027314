"""The Slack double behaves as Slack does, seen through Slack's own libraries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackDouble
from bot.sandbox.slack_limits import SlackLimits

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
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hi"}}
TAGS = {"event_type": "call_card", "event_payload": {"call": "abc"}}


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Build a Slack without rate limits, whose patience for acks is short."""
    async with SlackDouble(limits=SlackLimits.off(), ack_timeout=0.3) as built:
        yield built


@pytest.fixture
def client(slack: SlackDouble) -> AsyncWebClient:
    """Return Slack's own client, which repeats nothing."""
    return a_client(slack)


def a_client(slack: SlackDouble, token: str | None = None) -> AsyncWebClient:
    """Return one with any token."""
    return AsyncWebClient(
        token=slack.bot_token if token is None else token,
        base_url=slack.api_url,
        retry_handlers=[],
    )


async def refusal(call: Any) -> str:
    """Return Slack's word for why it refuses."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


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


# Tokens and scopes


async def test_auth_test_says_who_the_bot_is(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    """The bot learns its own id there, and tells its posts from others' by it."""
    data = await client.auth_test()

    assert data["user_id"] == slack.workspace.bot.id
    assert data["bot_id"] == slack.workspace.bot_id


async def test_tokens_are_looked_at(slack: SlackDouble, client: AsyncWebClient) -> None:
    """An operator mixes them up; each mistake has its own word."""
    assert await refusal(a_client(slack, "xoxb-wrong").auth_test()) == "invalid_auth"
    assert await refusal(a_client(slack, "").auth_test()) == "not_authed"
    assert (
        await refusal(client.apps_connections_open(app_token=slack.bot_token))
        == "not_allowed_token_type"
    )
    slack.rules.revoked = True
    assert await refusal(client.auth_test()) == "token_revoked"


async def test_an_unknown_method_is_refused(client: AsyncWebClient) -> None:
    """A misspelt method must not pass unseen."""
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


# Where the bot may be


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


# Messages


async def test_metadata_is_shown_only_where_it_is_asked_for(
    client: AsyncWebClient,
) -> None:
    """Who forgets ``include_all_metadata`` never finds the card and posts it twice."""
    card = await client.chat_postMessage(channel="C0SALES", text="card", metadata=TAGS)
    await client.chat_postMessage(
        channel="C0SALES", text="reply", thread_ts=card["ts"], metadata=TAGS
    )

    plain = await client.conversations_history(channel="C0SALES")
    full = await client.conversations_history(
        channel="C0SALES", include_all_metadata=True
    )
    thread = await client.conversations_replies(
        channel="C0SALES", ts=card["ts"], include_all_metadata=True
    )

    assert "metadata" not in plain["messages"][0]
    assert [one["metadata"] for one in full["messages"]] == [TAGS]
    assert [one["text"] for one in thread["messages"]] == ["card", "reply"]
    assert thread["messages"][1]["metadata"] == TAGS


async def test_history_comes_in_pages_newest_first(client: AsyncWebClient) -> None:
    """A busy channel has more than one page between a crash and the search."""
    made = [
        (await client.chat_postMessage(channel="C0SALES", text=str(at)))["ts"]
        for at in range(5)
    ]
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = await client.conversations_history(
            channel="C0SALES", limit=2, cursor=cursor or None, oldest=made[0]
        )
        seen += [one["text"] for one in page["messages"]]
        cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            break

    assert seen == ["4", "3", "2", "1"]


async def test_an_update_replaces_text_and_blocks_and_keeps_metadata(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    """A text without blocks takes the blocks away, as Slack's page on it says."""
    card = await client.chat_postMessage(
        channel="C0SALES", text="one", blocks=[SECTION], metadata=TAGS
    )
    where = {"channel": "C0SALES", "ts": card["ts"]}

    await client.chat_update(**where, text="two", blocks=[SECTION, BUTTON])
    [message] = slack.messages("sales")
    assert (message.text, len(message.blocks)) == ("two", 2)
    assert not message.is_edited
    await client.chat_update(**where, text="three")

    assert (message.text, list(message.blocks)) == ("three", [])
    assert message.is_edited
    assert message.metadata == TAGS
    assert [each.text for each in message.versions] == ["one", "two", "three"]


async def test_what_can_not_be_updated(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    """Somebody else's, deleted, too long, too old: each has its word."""
    theirs = slack._messages.post("C0SALES", "hi", via="person", user="U0ANN")
    card = await client.chat_postMessage(channel="C0SALES", text="mine")

    async def word(ts: str, text: str = "x") -> str:
        return await refusal(client.chat_update(channel="C0SALES", ts=ts, text=text))

    assert await word(theirs.ts) == "cant_update_message"
    assert await word("1.000001") == "message_not_found"
    assert await word(card["ts"], "x" * 4001) == "msg_too_long"
    slack.rules.edit_window_closed = True
    assert await word(card["ts"]) == "edit_window_closed"
    await client.chat_delete(channel="C0SALES", ts=card["ts"])
    assert await word(card["ts"]) == "message_not_found"


async def test_a_deleted_root_takes_no_reply(client: AsyncWebClient) -> None:
    """Somebody removes the card before the call is over."""
    card = await client.chat_postMessage(channel="C0SALES", text="card")
    await client.chat_delete(channel="C0SALES", ts=card["ts"])

    late = client.chat_postMessage(channel="C0SALES", text="r", thread_ts=card["ts"])

    assert await refusal(late) == "thread_not_found"


async def test_blocks_are_checked(slack: SlackDouble, client: AsyncWebClient) -> None:
    """Slack refuses the whole message for one bad block, or one it does not know."""
    slack.rules.unsupported_blocks = {"table"}
    cell = {"type": "raw_text", "text": "x"}
    bad: list[dict[str, Any]] = [
        {"type": "table", "rows": [[cell]]},
        {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}},
    ]
    for block in bad:
        sent = client.chat_postMessage(channel="C0SALES", text="x", blocks=[block])
        assert await refusal(sent) == "invalid_blocks"
    many = client.chat_postMessage(channel="C0SALES", text="x", blocks=[SECTION] * 51)
    assert await refusal(many) == "invalid_blocks"
    slack.rules.unsupported_blocks = set()
    await client.chat_postMessage(channel="C0SALES", text="x", blocks=bad[:1])
    nothing = {"channel": "C0SALES"}
    assert await refusal(client.api_call("chat.postMessage", json=nothing)) == "no_text"


# Limits and faults


async def test_posts_beyond_the_burst_are_limited() -> None:
    """429 with Retry-After, which a bot has to wait out, and one post a second."""
    limits = SlackLimits(burst=2)
    async with SlackDouble(limits=limits) as slack:
        client = a_client(slack)
        for _ in range(2):
            await client.chat_postMessage(channel="C0SALES", text="x")
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel="C0SALES", text="x")
        await client.chat_postMessage(channel="U0ANN", text="another channel")

    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.headers["Retry-After"] == "1"
    assert len(slack.messages("sales")) == 2


async def test_a_tier_is_a_number_of_calls_in_a_window() -> None:
    """Edits of all cards share one tier; it opens again by itself."""
    limits = SlackLimits(tiers={"chat.update": 2}, window=0.3)
    async with SlackDouble(limits=limits) as slack:
        client = a_client(slack)
        card = await client.chat_postMessage(channel="C0SALES", text="x")

        async def edit() -> None:
            await client.chat_update(channel="C0SALES", ts=card["ts"], text="y")

        await edit()
        await edit()
        assert await refusal(edit()) == "ratelimited"
        await asyncio.sleep(0.35)
        await edit()


@pytest.mark.parametrize("before", [True, False])
async def test_an_answer_is_lost_before_or_after_its_effect(
    slack: SlackDouble, client: AsyncWebClient, *, before: bool
) -> None:
    """The client can't tell which; that is what makes posting once hard."""
    slack.faults.add("reset", "chat.postMessage", before_effect=before)

    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="C0SALES", text="x")

    assert len(slack.messages("sales")) == (0 if before else 1)
    assert not slack.calls[-1].answered


async def test_an_error_may_come_after_the_effect(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    """``internal_error``: "some aspect of the operation may have succeeded"."""
    slack.faults.add("error", "chat.postMessage", before_effect=False)
    slack.faults.add("status", "chat.postMessage", before_effect=False, status=500)

    sent = client.chat_postMessage(channel="C0SALES", text="x")
    assert await refusal(sent) == "internal_error"
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel="C0SALES", text="x")

    assert len(slack.messages("sales")) == 2


async def test_a_fault_can_be_meant_for_some_calls(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    """To lose the reply, and not the card before it."""
    slack.faults.add(
        "ratelimited", "chat.postMessage", where=lambda a: a.get("text") == "b",
        retry_after=7,
    )  # fmt: skip
    await client.chat_postMessage(channel="C0SALES", text="a")

    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0SALES", text="b")

    assert caught.value.response.headers["Retry-After"] == "7"
    await client.chat_postMessage(channel="C0SALES", text="b")


# response_url


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


# Deliveries, with Bolt's own Socket Mode


@pytest.fixture
async def bolt(slack: SlackDouble, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """Connect an app as Bolt's documentation has it."""
    app = AsyncApp(client=client)
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
    await slack.until(lambda: seen, 2)
    assert seen == [("v", "card")]
    with pytest.raises(KeyError):
        await slack.click("ann", card, "gone")


async def test_a_late_ack_is_an_operation_timeout(
    slack: SlackDouble, bolt: AsyncApp
) -> None:
    """What the person reads when the bot took too long."""

    async def listen(ack: AsyncAck) -> None:
        await asyncio.sleep(0.5)
        await ack(text="too late")

    bolt.command("/slow")(listen)

    ack = await slack.command("ann", "sales", "/slow")

    assert (ack.ok, ack.error) == (False, "operation_timeout")
    await slack.until(lambda: True)
    assert slack.private("ann") == []


async def test_nobody_listening_is_an_operation_timeout(slack: SlackDouble) -> None:
    """A bot that is down."""
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
