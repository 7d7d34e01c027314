"""Messages in Slack's double: posted, edited, listed, refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bolt_bot import client_of, refusal
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.limits import SlackLimits

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
    """Build a Slack without rate limits; some stories post what no bot should."""
    async with SlackDouble(limits=SlackLimits.off()) as built:
        yield built


@pytest.fixture
def client(slack: SlackDouble) -> AsyncWebClient:
    """Return Slack's own client, which repeats nothing."""
    return client_of(slack)


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
