"""Outcomes and notes: kept first, then shown on the card by one edit, whatever dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bolt_bot import a_slack
from bot.after.remarks import Remarks
from bot.background import Background
from bot.calls.aftermath import Dispositions
from bot.calls.call import Call, End, Place, State
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.people.person import Shows
from bot.calls.telling import Kind
from bot.calls.timing import Timing
from bot.clock import RealClock
from bot.errors import UserError
from bot.follow import closing
from bot.follow.moves import Moves
from bot.follow.reporter import Reporter
from bot.follow.waking import CallsDue
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.messages import Message
from bot.slack.posting import web
from bot.slack.posting.board import Board
from bot.slack.posting.response_urls import ResponseUrls
from bot.slack.posting.spaces import OneSpace
from bot.storage.calls.store import Store
from bot.switchboard.policy import Policy
from bot.user_errors import (
    AccessDenied,
    NoteChanged,
    NothingToSay,
    OutdatedButton,
    UnknownCall,
)
from intents import a_call, add_call
from patience import PATIENCE

WORDS = Dispositions(("Spoke", "Left a message"), by_channel=True)
QUICK = Timing(poll=timedelta(seconds=0.02))
SOON = timedelta(seconds=40)


@dataclass
class Cards:
    """One process that shows cards, and what people say of their calls."""

    slack: SlackDouble
    store: Store
    board: Board
    reporter: Reporter
    remarks: Remarks
    clock: RealClock

    @property
    def edits(self) -> int:
        """Count the edits that Slack received."""
        return len(self.slack.calls_of("chat.update"))

    async def over(self, **changes: Any) -> Call:
        """Store a call that is over, with its card and its reply in Slack."""
        ann, channel = self.slack.workspace.user("ann"), self.slack.channel("sales")
        now = self.clock.now()
        values = {
            "place": Place(self.slack.workspace.team, channel.id, ann.id),
            "asked_at": now,
            "next_at": now,
            "state": State.DONE,
            "end": End.RECORDED,
            "outcome": Outcome(Side(Ending.ANSWERED), Side(Ending.ANSWERED), None),
            "card_channel": channel.id,
        }
        call = a_call(**values | changes)
        dm = await self.board.direct(call.place)
        where = dm if call.hides_result else call.card_channel
        before = self.clock.monotonic() + 5
        _, card = await self.board.post(
            call, Kind.CARD, call.card_channel, before=before
        )
        call = replace(call, card_ts=card, card_tried=True, reply_tried=True)
        _, reply = await self.board.post(call, Kind.REPLY, where, before=before)
        call = replace(call, reply_ts=reply)
        await add_call(self.store, call, most=99, again=True)
        return call

    async def work(self) -> None:
        """Take the steps that are due until no call waits for one."""
        async with asyncio.timeout(PATIENCE):
            while not await self.rests():
                found = await self.store.claim("me", self.clock.now(), SOON, 9)
                for call in found.calls:
                    await self.reporter.show_again(call)
                await asyncio.sleep(0.01)

    async def rests(self) -> bool:
        """Whether every call is done."""
        counted = await self.store.counted_by_account(State.CLOSING)
        return not counted

    async def stored(self) -> Call:
        """Return the one call."""
        found = await self.store.get("c1")
        assert found is not None
        return found


@asynccontextmanager
async def a_process(slack: SlackDouble, store: Store) -> AsyncIterator[Cards]:
    """Run a process on *store*; what it has in memory ends with it."""
    clock, background = RealClock(), Background()
    async with web.session() as session:
        board = Board(
            OneSpace(web.client(slack.bot_token, slack.api_url, session)),
            clock,
            background,
            ResponseUrls(session, clock, slack.api_url),
            full=False,
            timing=QUICK,
            edit_retry=0.05,
            holds_calls=lambda: True,
            on_shown=partial(closing.shown, store, clock, QUICK),
            dispositions=WORDS,
        )
        moves = Moves(store, board, clock, QUICK, "me", CallsDue(clock))
        task = asyncio.create_task(board.pace.run())
        remarks = Remarks(store, Policy(), WORDS, clock)
        try:
            yield Cards(slack, store, board, Reporter(moves), remarks, clock)
        finally:
            task.cancel()
            await background.settle(1)


@pytest.fixture
async def cards(store: Store) -> AsyncIterator[Cards]:
    """Give a process that shows cards in Slack's double."""
    async with a_slack() as slack, a_process(slack, store) as process:
        yield process


def card_of(cards: Cards) -> Message:
    """Return the card in the channel."""
    [card] = cards.slack.messages("sales")
    return card


def bob(call: Call, cards: Cards) -> Place:
    """Return Bob, at the card of *call*."""
    user = cards.slack.workspace.user("bob").id
    return replace(call.place, user=user, channel=call.card_channel)


async def test_an_outcome_is_shown_on_the_card_by_one_edit(cards: Cards) -> None:
    """And RingCentral's result stays beside it, as it was."""
    call = await cards.over()
    before = card_of(cards).text

    await cards.remarks.choose(call.place, "c1", "Left a message")
    await cards.work()
    await cards.remarks.choose(call.place, "c1", "Left a message")
    await cards.work()

    shown = card_of(cards)
    assert cards.edits == 1
    assert "Outcome: *Left a message*" in str(shown.blocks)
    assert shown.text == f"{before} Outcome: Left a message."
    assert (await cards.stored()).outcome == call.outcome
    assert [(e.state, e.note) for e in await cards.store.history("c1")][-2] == (
        "closing",
        f"outcome by {call.place.user}",
    )


async def test_an_outcome_that_was_removed_is_no_longer_on_the_card(
    cards: Cards,
) -> None:
    """The menu has a row for it only while there is one to remove."""
    call = await cards.over()
    first = card_of(cards).text
    await cards.remarks.choose(call.place, "c1", "Spoke")
    await cards.work()
    chosen = str(card_of(cards).blocks)

    await cards.remarks.choose(call.place, "c1", "")
    await cards.work()

    assert "No outcome" in chosen
    assert card_of(cards).text == first
    assert "No outcome" not in str(card_of(cards).blocks)
    assert "Outcome:" not in str(card_of(cards).blocks)
    assert (await cards.stored()).aftermath is None
    assert (await cards.store.history("c1"))[-2].note == (
        f"outcome removed by {call.place.user}"
    )


async def test_a_note_is_escaped_cut_and_nowhere_but_on_the_card(
    cards: Cards, caplog: pytest.LogCaptureFixture
) -> None:
    """It may hold anything: marks of Slack's, line breaks, a customer's secrets."""
    caplog.set_level("DEBUG", "bot")
    call = await cards.over()
    note = "<!channel> & not-to-be-logged\n*two*\u202e " + "&" * 1_900

    await cards.remarks.note(bob(call, cards), "c1", note, None)
    await cards.work()

    shown = card_of(cards)
    assert "&lt;!channel&gt; &amp; not-to-be-logged\\n*two*" in str(shown.blocks)
    assert "<!channel>" not in str(shown.blocks) + shown.text
    assert "\u202e" not in str(shown.blocks)
    assert f"*Note* · <@{bob(call, cards).user}>" in str(shown.blocks)
    assert "not-to-be-logged" not in str(shown.metadata) + caplog.text
    assert "not-to-be-logged" not in repr(await cards.stored())
    stored = (await cards.stored()).aftermath
    assert stored is not None
    assert stored.note is not None
    assert stored.note.text == note


async def test_what_is_said_while_an_edit_is_under_way_is_shown_too(
    cards: Cards,
) -> None:
    """Slack's answer to the first edit must not count for the second."""
    call = await cards.over()
    await cards.remarks.choose(call.place, "c1", "Spoke")
    cards.slack.faults.add("slow", "chat.update", seconds=0.3)
    work = asyncio.create_task(cards.work())
    await cards.slack.until(lambda: cards.edits == 1)

    await cards.remarks.choose(call.place, "c1", "Left a message")
    await work

    assert "Outcome: *Left a message*" in str(card_of(cards).blocks)
    assert (await cards.stored()).state is State.DONE


async def test_a_process_that_dies_before_its_edit_loses_nothing(store: Store) -> None:
    """The outcome was told to nobody yet; whoever runs next shows it."""
    async with a_slack() as slack:
        async with a_process(slack, store) as first:
            call = await first.over()
            await first.remarks.choose(call.place, "c1", "Spoke")
            claimed = await store.claim("me", first.clock.now(), SOON, 9)
            assert len(claimed.calls) == 1
        await store.resume(RealClock().now())
        async with a_process(slack, store) as second:
            await store.change("c1", lambda c: replace(c, next_at=c.asked_at), c_now())
            await second.work()

            assert "Outcome: *Spoke*" in str(card_of(second).blocks)
            assert second.edits == 1


async def test_a_process_that_dies_after_its_edit_shows_the_same_again(
    store: Store,
) -> None:
    """Slack has it, the database does not know: one more edit does no harm."""
    async with a_slack() as slack:
        async with a_process(slack, store) as first:
            call = await first.over()
            await first.remarks.choose(call.place, "c1", "Spoke")
            [claimed] = (await store.claim("me", first.clock.now(), SOON, 9)).calls
            first.board._on_shown = forgotten
            await first.reporter.show_again(claimed)
            await slack.until(lambda: first.edits == 1)
        async with a_process(slack, store) as second:
            await store.change("c1", lambda c: replace(c, next_at=c.asked_at), c_now())
            await second.work()

            assert "Outcome: *Spoke*" in str(card_of(second).blocks)


async def forgotten(*_: object) -> None:
    """Lose what Slack said: the process died before it was stored."""


def c_now() -> Any:
    """Return the present moment."""
    return RealClock().now()


async def test_a_private_calls_outcome_is_in_its_persons_dm_alone(
    cards: Cards,
) -> None:
    """The card in the channel never changes, not by a bit, and not in time."""
    call = await cards.over(shows=Shows.PRIVATE)
    before = card_of(cards)
    dm = await cards.board.direct(call.place)

    with pytest.raises(AccessDenied):
        await cards.remarks.choose(bob(call, cards), "c1", "Spoke")
    await cards.remarks.choose(replace(call.place, channel=dm), "c1", "Spoke")
    await cards.remarks.note(replace(call.place, channel=dm), "c1", "at five", None)
    await cards.work()

    [result] = cards.slack.dm("ann")
    assert "Outcome: *Spoke*" in str(result.blocks)
    assert "at five" in str(result.blocks)
    assert "Outcome" not in str(card_of(cards).blocks)
    assert card_of(cards).versions == before.versions
    assert {each.args["channel"] for each in cards.slack.calls_of("chat.update")} == {
        dm
    }


async def test_a_forged_button_says_nothing_of_a_call(cards: Cards) -> None:
    """Not with another word, of another workspace's call, nor from another channel."""
    call = await cards.over()
    other = replace(call.place, team="T9")
    elsewhere = replace(bob(call, cards), channel="C9")
    tries: list[tuple[Place, str, str, type[UserError]]] = [
        (call.place, "c1", "Fired", OutdatedButton),
        (call.place, "c2", "Spoke", UnknownCall),
        (other, "c1", "Spoke", UnknownCall),
        (elsewhere, "c1", "Spoke", AccessDenied),
    ]

    for place, call_id, word, refusal in tries:
        with pytest.raises(refusal):
            await cards.remarks.choose(place, call_id, word)
        with pytest.raises((refusal, NoteChanged)):
            await cards.remarks.note(place, call_id, word, c_now())

    assert (await cards.stored()).aftermath is None


async def test_nothing_is_said_where_the_operator_has_not_asked(cards: Cards) -> None:
    """A button of a card from before says that it is out of date."""
    call = await cards.over()
    off = Remarks(cards.store, Policy(), Dispositions(), cards.clock)

    with pytest.raises(OutdatedButton):
        await off.choose(call.place, "c1", "Spoke")
    with pytest.raises(OutdatedButton):
        await off.note(call.place, "c1", "x", None)


async def test_nothing_is_said_of_a_call_that_was_never_placed(cards: Cards) -> None:
    """There was nobody to speak to."""
    call = await cards.over(end=End.NOT_PLACED, outcome=None)

    with pytest.raises(NothingToSay):
        await cards.remarks.choose(call.place, "c1", "Spoke")
