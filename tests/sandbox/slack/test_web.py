"""The Slack double's Web API is faithful: asked by slack_sdk, as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bolt_bot import a_slack, client_of, refusal
from bot.sandbox.slack.double import SlackDouble

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*Ringing*"}}
LONG = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_001}}
TAGS = {"event_type": "call", "event_payload": {"id": "c1"}}
SALES = "C0SALES"


def table(rows: int, cells: int, text: str = "x") -> dict[str, Any]:
    """Return a table block of that size."""
    row = [{"type": "raw_text", "text": text}] * cells
    return {"type": "table", "rows": [row] * rows}


def data_table(**changes: Any) -> dict[str, Any]:
    """Return a data table of one row, with *changes*."""
    row = [{"type": "raw_text", "text": "x"}]
    return {"type": "data_table", "caption": "Calls", "rows": [row, row]} | changes


def chart(labels: str = "ab", **changes: Any) -> dict[str, Any]:
    """Return a chart with points of these labels, with *changes*."""
    data = [{"label": each, "value": 1} for each in labels]
    axes = {"categories": list(labels), "x_label": "x", "y_label": "y"}
    bars = {"type": "bar", "series": [{"name": "n", "data": data}], "axis_config": axes}
    return {"type": "data_visualization", "title": "t", "chart": bars | changes}


def menu(count: int, text: str = "x", value: str = "v") -> dict[str, Any]:
    """Return a row with a menu of that many options."""
    option = {"text": {"type": "plain_text", "text": text}, "value": value}
    element = {"type": "static_select", "action_id": "m", "options": [option] * count}
    return {"type": "actions", "elements": [element]}


RICH = [{"type": "rich_text", "elements": []}]


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Return a running double without limits; nothing may be wrong in the end."""
    async with a_slack() as double:
        yield double


@pytest.fixture
def web(slack: SlackDouble) -> AsyncWebClient:
    """Return the bot's client."""
    return client_of(slack)


async def test_auth_test_says_who_the_bot_is_and_what_it_may(
    slack: SlackDouble, web: AsyncWebClient
) -> None:
    """The scopes stand in a header, not in the answer."""
    slack.rules.scopes = {"chat:write", "commands"}

    answer = await web.auth_test()

    assert answer["user_id"] == slack.workspace.bot.id
    assert answer.headers["x-oauth-scopes"] == "chat:write,commands"


async def test_tokens_are_told_apart(slack: SlackDouble, web: AsyncWebClient) -> None:
    """Who has the wrong one learns which way it is wrong."""
    app = client_of(slack, slack.app_token)

    assert await refusal(client_of(slack, "").auth_test()) == "not_authed"
    assert await refusal(client_of(slack, "xoxb-old").auth_test()) == "invalid_auth"
    assert await refusal(app.auth_test()) == "not_allowed_token_type"
    opening = web.apps_connections_open(app_token=slack.bot_token)
    assert await refusal(opening) == "not_allowed_token_type"
    assert await refusal(web.api_call("calls.dance")) == "unknown_method"
    slack.rules.revoked = True
    assert await refusal(web.auth_test()) == "token_revoked"
    assert {one.token_kind for one in slack.calls} == {"bot", "app", "none", "other"}


async def test_a_channel_may_be_closed_to_the_bot(
    slack: SlackDouble, web: AsyncWebClient
) -> None:
    """Archived, restricted, or without the app's messages tab."""
    sales = slack.channel("#sales")

    sales.restricted = True
    assert await refusal(web.chat_postMessage(channel=SALES, text="Hi")) == (
        "restricted_action"
    )
    sales.archived = True
    assert await refusal(web.chat_postMessage(channel=SALES, text="Hi")) == (
        "is_archived"
    )
    slack.rules.messages_tab_enabled = False
    for dm in ("U0ANN", slack.app_dm("bob").id):
        post = web.chat_postMessage(channel=dm, text="Hi")
        assert await refusal(post) == "messages_tab_disabled"
    slack.rules.scopes.add("chat:write.public")
    await web.chat_postMessage(channel="C0GENERAL", text="Hi")
    slack.invite("deals")
    await web.chat_postMessage(channel="C0DEALS", text="Hi")
    slack.kick("deals")
    assert await refusal(web.chat_postMessage(channel="C0DEALS", text="Hi")) == (
        "channel_not_found"
    )


async def test_every_ts_is_new_and_greater(web: AsyncWebClient) -> None:
    """They are ids, and they sort."""
    stamps = [
        (await web.chat_postMessage(channel=SALES, text="Hi"))["ts"] for _ in range(9)
    ]

    assert stamps == sorted(set(stamps))
    assert {len(stamp.partition(".")[2]) for stamp in stamps} == {6}


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "blocks": [{"type": "table", "rows": []}]}, "invalid_blocks"),
        ({"text": "x", "blocks": [SECTION] * 51}, "invalid_blocks"),
        ({"text": "x", "blocks": [{**SECTION, "block_id": "b"}] * 2}, "invalid_blocks"),
        ({"text": "x", "blocks": [LONG]}, "invalid_blocks"),
        ({"text": "x", "blocks": [table(101, 2)]}, "invalid_blocks"),
        ({"text": "x", "blocks": [table(2, 21)]}, "invalid_blocks"),
        ({"text": "x", "blocks": [table(100, 20, "six by")]}, "invalid_blocks"),
        ({"text": "x", "blocks": [data_table(caption="")]}, "invalid_blocks"),
        ({"text": "x", "blocks": [data_table(page_size=101)]}, "invalid_blocks"),
        ({"text": "x", "blocks": [data_table(rows=[RICH, RICH])]}, "invalid_blocks"),
        ({"text": "x", "blocks": [data_table(rows=[RICH, []])]}, "invalid_blocks"),
        ({"text": "x", "blocks": [chart("")]}, "invalid_blocks"),
        ({"text": "x", "blocks": [chart("abcdefghijklmnopqrstu")]}, "invalid_blocks"),
        ({"text": "x", "blocks": [chart(series=[])]}, "invalid_blocks"),
        ({"text": "x", "blocks": [chart(series=[{"name": "n"}])]}, "invalid_blocks"),
        ({"text": "x", "blocks": [chart() | {"title": "x" * 51}]}, "invalid_blocks"),
        ({"text": "x", "blocks": [menu(0)]}, "invalid_blocks"),
        ({"text": "x", "blocks": [menu(101)]}, "invalid_blocks"),
        ({"text": "x", "blocks": [menu(1, text="x" * 76)]}, "invalid_blocks"),
        ({"text": "x", "blocks": [menu(1, value="v" * 151)]}, "invalid_blocks"),
        ({"text": "x", "blocks": "[nonsense"}, "invalid_blocks_format"),
        ({"text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"text": "x", "metadata": {"event": 1}}, "invalid_metadata_format"),
    ],
)
async def test_what_no_message_can_be_is_refused(
    more: dict[str, Any], word: str
) -> None:
    """Nothing of it is posted; these are wrong on purpose, so no shapes are held."""
    async with SlackDouble() as slack:
        args = {"channel": SALES, **more}
        call = client_of(slack).api_call("chat.postMessage", json=args)

        assert await refusal(call) == word
        assert slack.messages("sales") == []


async def test_metadata_can_be_taken_away_and_nothing_is_no_update() -> None:
    """Slack's types know neither, so no shapes are held here."""
    async with SlackDouble() as slack:
        web = client_of(slack)
        posted = await web.chat_postMessage(channel=SALES, text="One", metadata=TAGS)
        where = {"channel": SALES, "ts": posted["ts"]}

        await web.api_call("chat.update", json={**where, "metadata": {}})

        assert slack.messages("sales")[0].metadata == {}
        assert await refusal(web.api_call("chat.update", json=where)) == "no_text"


async def test_only_the_bots_own_messages_can_be_changed(
    slack: SlackDouble, web: AsyncWebClient
) -> None:
    """And only while they are there, and while the workspace lets it."""
    said = slack.say("ann", "sales", "Hello")
    own = str((await web.chat_postMessage(channel=SALES, text="Hi"))["ts"])

    async def update(ts: str, text: str = "x") -> str:
        return await refusal(web.chat_update(channel=SALES, ts=ts, text=text))

    assert await update(said.ts) == "cant_update_message"
    assert await refusal(web.chat_delete(channel=SALES, ts=said.ts)) == (
        "cant_delete_message"
    )
    assert await update("1.000001") == "message_not_found"
    assert await update(own, "x" * 4001) == "msg_too_long"
    slack.rules.edit_window_closed = True
    assert await update(own) == "edit_window_closed"
    await web.chat_delete(channel=SALES, ts=own)
    assert await update(own) == "message_not_found"
    slack.channel("sales").archived = True
    assert await update(own) == "is_inactive"


async def test_history_is_bounded_and_paged(
    slack: SlackDouble, web: AsyncWebClient
) -> None:
    """Newest first; the bounds are outside unless they are asked to be inside."""
    stamps = [slack.say("ann", "sales", f"{number}").ts for number in range(5)]

    async def texts(**asked: Any) -> list[str]:
        found: list[str] = []
        async for page in await web.conversations_history(channel=SALES, **asked):
            found += [one["text"] for one in page["messages"]]
        return found

    between = {"oldest": stamps[1], "latest": stamps[3]}
    assert await texts(limit=2) == ["4", "3", "2", "1", "0"]
    assert await texts(**between) == ["2"]
    assert await texts(**between, inclusive=True) == ["3", "2", "1"]
    for cursor in ("nonsense", "bm9uZQ=="):
        bad = web.conversations_history(channel=SALES, cursor=cursor)
        assert await refusal(bad) == "invalid_cursor"
    bad = web.conversations_history(channel=SALES, oldest="yesterday")
    assert await refusal(bad) == "invalid_ts_oldest"
    bad = web.conversations_history(channel=SALES, limit=0)
    assert await refusal(bad) == "invalid_limit"
    stranger = web.conversations_history(channel="C0GENERAL")
    assert await refusal(stranger) == "not_in_channel"
