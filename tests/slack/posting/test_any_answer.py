"""Whatever Slack answers, or whatever stands between: known, or known to be unknown.

A message whose answer can't be read may be there, so it is looked for before it is
posted again; an edit is made again. `tests/slack/entrances/test_any_payload.py` does the
same for what Slack sends by itself, `tests/ringcentral/test_any_answer.py` for what
RingCentral answers.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.background import Background
from bot.calls.call import Call, Place
from bot.calls.telling import Kind, Shown
from bot.calls.timing import Timing
from bot.errors import ChatBusy, ChatError, ChatUnknown, CredentialsRefused
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.faults import GARBAGE, JSON
from bot.sandbox.slack.limits import SlackLimits
from bot.slack.posting import arrival, web
from bot.slack.posting.board import Board
from bot.slack.posting.pace import Edit
from bot.slack.posting.profiles import Profiles
from bot.slack.posting.response_urls import ResponseUrls
from bot.slack.posting.spaces import OneSpace
from bot.slack.posting.views import Views
from bot.slack.texts.text import Message
from fakes import FakeClock
from intents import NOON, a_call
from shapes import bodies, shapes

T = TypeVar("T")
SALES = "C0SALES"
ANN = Place("T0RINGOUT", SALES, "U0ANN")
CALL = a_call(place=ANN, card_channel=SALES, card_ts="1.1")

WORDS = (
    "ok",
    "error",
    "ts",
    "channel",
    "id",
    "url",
    "messages",
    "metadata",
    "event_type",
    "event_payload",
    "call",
    "response_metadata",
    "next_cursor",
    "user",
    "view",
    "team_id",
    "user_id",
)
SHAPES = shapes(WORDS, ["1.1", "C0SALES", "ringout_card", "c1", "internal_error"])
FINE = st.dictionaries(st.sampled_from(WORDS), SHAPES, max_size=6).map(
    lambda body: {**body, "ok": True}
)
BODIES = bodies(SHAPES | FINE)
TYPES = st.sampled_from(
    [
        "application/json",
        "text/html",
        "text/plain",
        "application/gzip",
        "application/json; charset=hex",
        "application/json; charset=utf-16",
        "",
        "x",
    ]
)


@dataclass
class Asker:
    """Everything of the bot that reads an answer of Slack's, and one Slack."""

    slack: SlackDouble
    board: Board
    profiles: Profiles
    views: Views
    url: str

    async def told(self, body: bytes, content_type: str) -> None:
        """Have every request answered with *body*: by what is known, or by no means."""
        self.slack.faults.clear()
        self.slack.faults.add(
            "garbage", times=None, body=body, content_type=content_type
        )
        plain = await self.board._client(ANN)
        posted = await known(self.board.post(CALL, Kind.CARD, SALES, before=1e9))
        found = await known(self.board.find(CALL, Kind.CARD, SALES))
        direct = await known(self.board.direct(ANN))
        who = await known(arrival.ask_who(plain, now))
        edit = Edit("c1", ANN, SALES, "1.1", Message("over"), last=True)
        await known(self.board._edit(edit))
        await known(self.profiles.of(ANN, "U0BOB"))
        await known(self.views.open(ANN, "1.2.3", {}))
        await self.board.whisper(ANN, Message("psst"))
        self.board._urls.remember(ANN, self.url)
        assert await self.board._urls.post(ANN, {"text": "psst"})

        assert posted is None or all(web.SLACK_ID.fullmatch(each) for each in posted)
        assert found is None or web.SLACK_ID.fullmatch(found)
        assert direct is None or web.SLACK_ID.fullmatch(direct)
        assert who is None or (who.team and who.user)


async def known(request: Awaitable[T]) -> T | None:
    """Return what is known for certain, else None; nothing else may be raised."""
    try:
        return await request
    except (ChatError, CredentialsRefused):
        return None


def now() -> datetime:
    """Return noon."""
    return NOON


async def an_asker(entered: AsyncExitStack) -> Asker:
    """Start a Slack, and what asks it."""
    slack = await entered.enter_async_context(SlackDouble(limits=SlackLimits.off()))
    session = await entered.enter_async_context(web.session())
    spaces = OneSpace(web.client(slack.bot_token, slack.api_url, session))
    clock = FakeClock()

    async def shown(_call: Call, _seen: Shown) -> None:
        """Take note of nothing."""

    board = Board(
        spaces,
        clock,
        Background(),
        ResponseUrls(session, clock, slack.api_url),
        full=False,
        timing=Timing(),
        holds_calls=lambda: True,
        on_shown=shown,
    )
    url = slack.urls.address(slack.urls.make(ANN.user, SALES, "commands"))
    return Asker(slack, board, Profiles(spaces, clock), Views(spaces), url)


@pytest.fixture
def asker() -> Iterator[tuple[Asker, asyncio.Runner]]:
    """Give an asker, and a loop for its requests."""
    with asyncio.Runner() as runner:
        entered = AsyncExitStack()
        made = runner.run(an_asker(entered))
        yield made, runner
        runner.run(entered.aclose())


def test_any_answer_is_known_or_unknown(
    asker: tuple[Asker, asyncio.Runner],
) -> None:
    """An unexpected exception would count as a shown card or a bug in the call."""
    made, runner = asker

    @hypothesis_settings(print_blob=True)
    @given(BODIES, TYPES)
    @example(b'{"ok": true, "messages": [7, {"metadata": "x"}]}', "application/json")
    @example(b'{"ok": true, "channel": 7, "ts": 1.5}', "application/json")
    @example(b"9" * 5000, "application/json")
    def one(body: bytes, content_type: str) -> None:
        runner.run(made.told(body, content_type))

    one()


@pytest.mark.parametrize("shape", GARBAGE)
def test_what_is_no_answer_may_have_been_done(
    asker: tuple[Asker, asyncio.Runner], shape: str
) -> None:
    """Neither "refused" nor "no such message": the bot must keep looking for it."""
    made, runner = asker
    body, content_type = GARBAGE[shape]
    made.slack.faults.add("garbage", times=None, body=body, content_type=content_type)
    edit = Edit("c1", ANN, SALES, "1.1", Message("over"), last=True)

    async def ask() -> None:
        plain = await made.board._client(ANN)
        for request in (
            made.board.post(CALL, Kind.REPLY, SALES, before=1e9),
            made.board.find(CALL, Kind.REPLY, SALES),
            made.board.direct(ANN),
            made.board._edit(replace(edit, again=True)),
            arrival.ask_who(plain, now),
            made.profiles.of(ANN, "U0BOB"),
        ):
            with pytest.raises(ChatUnknown):
                await request

    runner.run(ask())


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        ("0", 1),
        ("²", 1),
        ("9" * 400, 600),
        ("nan", 1),
        ("3600", 600),
        ("soon", 1),
    ],
)
async def test_a_time_to_wait_is_never_nonsense(said: str, seconds: float) -> None:
    """A bad Retry-After must not stop a workspace's edits for a year, or crash."""
    async with SlackDouble() as slack, web.session() as session:
        slack.faults.add("ratelimited", "chat.update", retry_after=said)
        client = web.client(slack.bot_token, slack.api_url, session)

        with pytest.raises(ChatBusy) as busy:
            await web.ask(client.chat_update(channel="C0", ts="1.2", text="x"))

    assert busy.value.retry_after == seconds


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_an_answer_without_end_is_not_kept(encoding: str) -> None:
    """A packed megabyte unpacks to a gigabyte; the message may have been posted."""
    body = json.dumps({"ok": True, "x": " " * web.MOST_BYTES}).encode()
    packed = gzip.compress(body, 1) if encoding == "gzip" else body
    async with SlackDouble() as slack, web.session() as session:
        slack.faults.add("garbage", "chat.postMessage", body=packed, encoding=encoding)
        client = web.client(slack.bot_token, slack.api_url, session)

        with pytest.raises(ChatUnknown, match="Payload"):
            await web.ask(client.chat_postMessage(channel="C0", text="x"))


@pytest.mark.parametrize("charset", ["utf-8", "cp037", "utf-7"])
@pytest.mark.parametrize("status", ["true", "false"])
async def test_an_answer_of_millions_of_values_is_not_parsed(
    charset: str, status: str
) -> None:
    """Everybody's acks waited for seconds; in some encodings a comma is another byte."""
    many = "{}," * (web.MOST_BYTES // 4)
    text = f'{{"ok": {status}, "error": "x", "ts": "1.1", "x": [{many}0]}}'
    body, kind = gzip.compress(text.encode(charset), 1), f"{JSON}; charset={charset}"
    async with SlackDouble() as slack, web.session() as session:
        slack.faults.add(
            "garbage",
            "chat.postMessage",
            body=body,
            content_type=kind,
            encoding="gzip",
        )
        client = web.client(slack.bot_token, slack.api_url, session)

        with pytest.raises(ChatUnknown):
            await web.ask(client.chat_postMessage(channel="C0", text="x"))


async def test_an_answer_that_drips_is_lost_at_the_deadline() -> None:
    """A byte every few seconds keeps a request for ever, unless there is a deadline."""
    async with SlackDouble() as slack, web.session(0.2) as session:
        slack.faults.add("drip", "chat.postMessage", seconds=0.02)
        client = web.client(slack.bot_token, slack.api_url, session)

        with pytest.raises(ChatUnknown, match="Timeout"):
            await web.ask(client.chat_postMessage(channel="C0", text="x"))


async def test_the_address_to_connect_to_is_asked_for_until_there_is_one() -> None:
    """Socket Mode begins with it; without one the bot would give up at its start."""
    clock = FakeClock()
    async with SlackDouble() as slack, web.session() as session:
        for body, content_type in GARBAGE.values():
            slack.faults.add(
                "garbage",
                "apps.connections.open",
                body=body,
                content_type=content_type,
            )

        url = await arrival.socket_address(
            web.client("", slack.api_url, session), slack.app_token, clock
        )

        assert url.startswith("ws://")
        assert len(slack.calls_of("apps.connections.open")) == len(GARBAGE) + 1
