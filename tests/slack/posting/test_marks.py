"""A marked message is there, is not there, or nobody knows: then it is looked for again.

Both users of `bot.slack.posting.marks` are asked: the board for a call's card and for
its reply, direct messages for a notice.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.background import Background
from bot.calls.call import Place
from bot.calls.telling import Kind
from bot.calls.timing import Timing
from bot.errors import ChatBusy, ChatRefused, ChatUnknown
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.limits import SlackLimits
from bot.slack.posting import web
from bot.slack.posting.board import Board
from bot.slack.posting.marks import PAGES_A_SEARCH, UNREADABLE_CHANNEL, Mark, Marks
from bot.slack.posting.response_urls import ResponseUrls
from bot.slack.posting.spaces import OneSpace
from bot.slack.texts.text import Message
from fakes import FakeClock
from intents import NOON, a_call
from shapes import shapes

SALES = "C0SALES"
CARD = {"event_type": "ringout_card", "event_payload": {"call": "c1"}}
REPLY = {"event_type": "ringout_reply", "event_payload": {"call": "c1"}}
NOTICE = {"event_type": "notice", "event_payload": {"which": "n1"}}
MARK = Mark("notice", "which", "n1")

Json = Any
Look = Callable[[], Awaitable[object]]


@dataclass
class Seeker:
    """Everything of the bot that looks for a marked message, and one Slack."""

    slack: SlackDouble
    board: Board
    marks: Marks

    @property
    def ann(self) -> Place:
        """Where Ann types."""
        workspace = self.slack.workspace
        return Place(workspace.team, SALES, workspace.user("ann").id)

    async def card(self) -> object:
        """Look for the card of a call."""
        return await self.board.find(a_call(place=self.ann), Kind.CARD, SALES)

    async def reply(self) -> object:
        """Look for its reply, under the card."""
        call = a_call(place=self.ann, card_channel=SALES, card_ts="1.1")
        return await self.board.find(call, Kind.REPLY, SALES)

    async def notice(self) -> object:
        """Look for a notice in the person's direct messages."""
        channel = await self.marks.open_dm(self.ann)
        return await self.marks.find(self.ann, channel, MARK, since=NOON)

    def looks(self) -> dict[str, tuple[str, Look]]:
        """Return each way to look, and the method of the Web API that it asks."""
        history, replies = "conversations.history", "conversations.replies"
        return {
            "card": (history, self.card),
            "reply": (replies, self.reply),
            "notice": (history, self.notice),
        }

    def answers(self, method: str, body: Json, times: int | None = None) -> None:
        """Have Slack answer a method with *body*."""
        raw = json.dumps(body).encode()
        self.slack.faults.add("garbage", method, times=times, body=raw)


@pytest.fixture
async def seeker() -> AsyncIterator[Seeker]:
    """Give a seeker."""
    async with AsyncExitStack() as entered:
        yield await a_seeker(entered)


async def a_seeker(entered: AsyncExitStack) -> Seeker:
    """Start a Slack, and what asks it."""
    slack = await entered.enter_async_context(SlackDouble(limits=SlackLimits.off()))
    session = await entered.enter_async_context(web.session())
    spaces = OneSpace(web.client(slack.bot_token, slack.api_url, session))
    clock = FakeClock()

    async def shown(*_: object) -> None:
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
    return Seeker(slack, board, Marks(spaces, clock))


def a_page(*messages: Json, **more: Json) -> Json:
    """Return a page of a history as Slack sends it."""
    return {"ok": True, "messages": list(messages), "has_more": False} | more


LOOKS = ["card", "reply", "notice"]
MARKED = {"card": CARD, "reply": REPLY, "notice": NOTICE}

KEYS = {key for mark in MARKED.values() for key in mark["event_payload"]}

ODD: dict[str, Json] = {
    "no messages": {"ok": True, "has_more": False},
    "messages null": a_page(messages=None),
    "messages an object": a_page(messages={}),
    "messages a text": a_page(messages="none"),
    "a message null": a_page(None),
    "a message a number": a_page({"ts": "1.1"}, 7),
    "a message a list": a_page([]),
    "metadata a text": a_page({"ts": "1.1", "metadata": "ringout_card"}),
    "metadata empty": a_page({"ts": "1.1", "metadata": {}}),
    "event type a number": a_page({"ts": "1.1", "metadata": {"event_type": 7}}),
    "cursor a number": a_page(response_metadata={"next_cursor": 7}),
    "cursor a list": a_page(response_metadata={"next_cursor": ["x"]}),
    "cursor false": a_page(response_metadata={"next_cursor": False}),
    "cursor's place a list": a_page(response_metadata=[]),
    "more without a cursor": a_page(has_more=True),
    "more, the cursor empty": a_page(
        has_more=True, response_metadata={"next_cursor": ""}
    ),
    "more said oddly": a_page(has_more="yes"),
    "more not said": {"ok": True, "messages": []},
    "more null": a_page(has_more=None),
    "more zero": a_page(has_more=0),
    "an empty object": {},
    "null": None,
    "a list": [],
    "not ok, no word": a_page(ok=False),
    "not ok, a new word": a_page(ok=False, error="we_changed_our_mind"),
    "not ok, a bad cursor": a_page(ok=False, error="invalid_cursor"),
    "not ok, perhaps": a_page(ok=False, error="internal_error"),
    "ok not said": {"messages": [], "has_more": False},
    "ok a text": a_page(ok="true"),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("odd", ODD)
async def test_an_odd_answer_never_means_not_there(
    seeker: Seeker, odd: str, look: str
) -> None:
    """Taken for "not there", it would have the card, reply or notice posted twice."""
    method, ask = seeker.looks()[look]
    seeker.answers(method, ODD[odd])

    with pytest.raises(ChatUnknown):
        await ask()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    "metadata",
    [
        {"event_payload": None},
        {"event_payload": "c1"},
        {},
        {"event_payload": {}},
        *({"event_payload": dict.fromkeys(KEYS, each)} for each in (None, 7, ["c"])),
    ],
    ids=["null", "a text", "none", "empty", "key null", "key number", "key list"],
)
async def test_a_mark_that_is_cut_short_never_means_not_there(
    seeker: Seeker, look: str, metadata: Json
) -> None:
    """It is a message of this kind: perhaps the very one that is looked for."""
    method, ask = seeker.looks()[look]
    kind = MARKED[look]["event_type"]
    seeker.answers(
        method, a_page({"ts": "1.1", "metadata": {"event_type": kind, **metadata}})
    )

    with pytest.raises(ChatUnknown):
        await ask()


@pytest.mark.parametrize("ts", [None, 1.5, "", "a b"])
async def test_a_message_without_its_name_is_not_found_yet(
    seeker: Seeker, ts: Json
) -> None:
    """It is there, but it can't be edited: the next look may tell its ts."""
    seeker.answers("conversations.history", a_page({"ts": ts, "metadata": CARD}))

    with pytest.raises(ChatUnknown):
        await seeker.card()


@pytest.mark.parametrize(
    "opened",
    [
        {"ok": True},
        {"ok": True, "channel": None},
        {"ok": True, "channel": "D1"},
        {"ok": True, "channel": ["D1"]},
        {"ok": True, "channel": {}},
        {"ok": True, "channel": {"id": 7}},
        {"ok": True, "channel": {"id": ""}},
        {},
        None,
    ],
    ids=str,
)
async def test_direct_messages_that_were_not_named_are_unknown(
    seeker: Seeker, opened: Json
) -> None:
    """A KeyError here would end the telling of everybody's notices."""
    seeker.answers("conversations.open", opened)

    with pytest.raises(ChatUnknown):
        await seeker.notice()
    with pytest.raises(ChatUnknown):
        await seeker.board.direct(seeker.ann)


@pytest.mark.parametrize("look", LOOKS)
async def test_a_history_without_an_end_is_unknown(seeker: Seeker, look: str) -> None:
    """Only so many pages are read; what stands on the next one nobody knows."""
    method, ask = seeker.looks()[look]
    seeker.answers(
        method, a_page(has_more=True, response_metadata={"next_cursor": "x"})
    )

    with pytest.raises(ChatUnknown):
        await ask()
    assert len(seeker.slack.calls_of(method)) == PAGES_A_SEARCH


@pytest.mark.parametrize("look", LOOKS)
async def test_a_message_is_found_on_the_last_page(seeker: Seeker, look: str) -> None:
    """In a busy channel hundreds of messages stand between; odd ones do no harm."""
    method, ask = seeker.looks()[look]
    marked = {"ts": "7.7", "metadata": MARKED[look]}
    more = a_page(7, has_more=True, response_metadata={"next_cursor": "x"})
    seeker.answers(method, more, times=PAGES_A_SEARCH - 1)
    seeker.answers(method, a_page({"ts": "6.6"}, None, marked))

    assert await ask() == "7.7"
    asked = seeker.slack.calls_of(method)
    assert [each.args.get("cursor") for each in asked] == [None] + ["x"] * 24


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("word", sorted(UNREADABLE_CHANNEL))
async def test_where_the_bot_may_not_read_the_message_counts_as_not_there(
    seeker: Seeker, look: str, word: str
) -> None:
    """No later look would tell more, and a call must not wait forever for its card."""
    method, ask = seeker.looks()[look]
    seeker.slack.faults.add("error", method, times=None, error=word)

    assert await ask() is None


@pytest.mark.parametrize("look", LOOKS)
async def test_a_token_that_is_no_good_is_said(seeker: Seeker, look: str) -> None:
    """What is owed is kept until the operator has mended that, and not posted anew."""
    method, ask = seeker.looks()[look]
    seeker.slack.faults.add("error", method, times=None, error="token_revoked")

    with pytest.raises(ChatRefused) as caught:
        await ask()
    assert caught.value.is_operators


@pytest.mark.parametrize("look", LOOKS)
async def test_other_messages_are_not_taken_for_it(seeker: Seeker, look: str) -> None:
    """Another call's, another kind's, and those of people, which have no metadata."""
    method, ask = seeker.looks()[look]
    others = [
        {"ts": "1.1", "metadata": {**each, "event_type": "another"}}
        for each in MARKED.values()
    ]
    payload = {"event_payload": {"call": "c2", "which": "n2"}}
    others += [{"ts": "1.2", "metadata": {**MARKED[look], **payload}}]
    seeker.answers(method, a_page({"ts": "1.0"}, {"metadata": None}, *others))

    assert await ask() is None


async def test_what_was_posted_with_a_mark_is_found_by_it(seeker: Seeker) -> None:
    """With Slack's own paging: more than one page of messages has come since."""
    call = a_call(place=seeker.ann)
    where, ts = await seeker.board.post(call, Kind.CARD, SALES, before=1.0)
    for number in range(450):
        seeker.slack.say("bob", "sales", f"message {number}")

    assert await seeker.board.find(call, Kind.CARD, SALES) == ts
    assert where == SALES
    assert len(seeker.slack.calls_of("conversations.history")) == 3


async def test_a_notice_is_found_by_its_own_mark_alone(seeker: Seeker) -> None:
    """A message about another sign-in, or of another kind, must not count."""
    ann, marks = seeker.ann, seeker.marks
    assert await seeker.notice() is None
    message = Message("It has ended.")
    channel, ts = await marks.post(ann, ann.user, message, MARK, before=1.0)
    others = [
        await marks.find(ann, channel, other, since=NOON)
        for other in (replace(MARK, value="n2"), replace(MARK, kind="another"))
    ]

    assert others == [None, None]
    assert await seeker.notice() == ts
    assert [m.text for m in seeker.slack.dm("ann")] == ["It has ended."]


async def test_a_post_that_is_too_late_is_not_sent(seeker: Seeker) -> None:
    """Another process may have taken the call over, and be posting by now."""
    late = Message("late")
    with pytest.raises(ChatBusy):
        await seeker.marks.post(seeker.ann, SALES, late, MARK, before=-1.0)

    assert seeker.slack.calls_of("chat.postMessage") == []


WORDS = (
    "ok",
    "error",
    "messages",
    "ts",
    "metadata",
    "event_type",
    "event_payload",
    "call",
    "which",
    "has_more",
    "response_metadata",
    "next_cursor",
)
SHAPES = shapes(WORDS, ["1.1", "ringout_card", "c1", "missing_scope", "internal_error"])
PAGES = st.fixed_dictionaries(
    {"ok": st.just(True)},  # noqa: FBT003 - Slack's word
    optional={
        "messages": st.lists(
            st.fixed_dictionaries({"ts": SHAPES}, optional={"metadata": SHAPES})
            | SHAPES,
            max_size=3,
        )
        | SHAPES,
        "has_more": SHAPES,
        "response_metadata": SHAPES,
    },
)


def is_the_end(page: Json) -> bool:
    """Whether *page* is a whole history: all its messages can be read, and no more are."""
    if not isinstance(page, dict):
        return False
    if page.get("ok") is not True:
        return page.get("error") in UNREADABLE_CHANNEL
    rest, messages = page.get("response_metadata"), page.get("messages")
    return (
        isinstance(messages, list)
        and all(isinstance(each, dict) for each in messages)
        and page.get("has_more") is False
        and (rest is None or (isinstance(rest, dict) and not rest.get("next_cursor")))
    )


@pytest.mark.unmeasured
def test_only_a_whole_history_says_that_a_message_is_not_there() -> None:
    """Whatever Slack, or something in between, answers: else it is posted twice."""
    with asyncio.Runner() as runner:
        entered = AsyncExitStack()
        seeker = runner.run(a_seeker(entered))

        @given(PAGES | SHAPES, st.sampled_from(LOOKS))
        @example(a_page(), "card")
        @example({"ok": True, "messages": []}, "notice")
        @example({"ok": False, "error": "missing_scope"}, "reply")
        def one(page: Json, look: str) -> None:
            method, ask = seeker.looks()[look]
            seeker.slack.faults.clear()
            seeker.answers(method, page)
            try:
                found = runner.run(_awaited(ask))
            except (ChatUnknown, ChatRefused):
                return
            if found is None:
                assert is_the_end(page)
            else:
                assert str(MARKED[look]["event_type"]) in json.dumps(page)

        one()
        runner.run(entered.aclose())


async def _awaited(ask: Look) -> object:
    return await ask()
