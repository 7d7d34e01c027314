"""A card must keep showing how its call ended, even if an old edit arrives late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bolt_bot import client_of
from bot.background import Background
from bot.calls import closing
from bot.calls.call import Call, End, State
from bot.calls.telling import Shown
from bot.calls.timing import USUAL_WAITS, Timing
from bot.errors import ChatBusy
from bot.follow.closing import shown
from bot.sandbox.slack.double import SlackDouble
from bot.slack.posting import pace, web
from bot.slack.posting.board import Board
from bot.slack.posting.pace import Edit
from bot.slack.posting.response_urls import ResponseUrls
from bot.slack.posting.spaces import OneSpace
from bot.slack.texts.text import Message
from bot.storage.calls.store import Store
from desk import Desk
from fakes import FakeClock
from intents import NOON, a_call, add_call
from patience import PATIENCE
from stored import in_state
from talking import TALKING, hang_up
from town import QUICK, Town

CLOSING: dict[str, Any] = {
    "state": State.CLOSING,
    "end": End.UNCONFIRMED,
    "card_ts": "1",
    "reply_ts": "2",
    "card_channel": "C1",
}


def a_told(**changes: Any) -> Call:
    """Return a call whose reply is posted and whose card shows how it ended."""
    told = {"state": State.REPORTING, "end": End.UNCONFIRMED, "taken_by": "a"}
    return a_call(**{**told, "held_by": "a", **changes})


@pytest.mark.parametrize(
    ("call", "edit_in_flight", "then"),
    [
        (a_told(), False, State.DONE),
        (a_told(), True, State.CLOSING),
        (a_told(held_by="b"), False, State.CLOSING),
        (a_told(state=State.CLOSING), True, State.DONE),
        (a_told(state=State.CLOSING, held_by="b"), False, State.DONE),
    ],
)
def test_a_card_that_may_be_covered_is_shown_once_more(
    call: Call,
    edit_in_flight: bool,  # noqa: FBT001 - parametrized
    then: State,
) -> None:
    """Its last edit is sent once more, after any older edit can still arrive."""
    told = closing.told(call, NOON, Timing(), edit_in_flight=edit_in_flight)

    assert told.state is then
    if then is State.CLOSING:
        assert told.next_at == NOON + USUAL_WAITS.edit_in_flight


async def test_a_closing_call_shows_its_card_and_is_done(desk: Desk) -> None:
    """The step edits the card; Slack's confirmation of that edit ends the call."""
    after = await desk.step(**CLOSING)
    assert desk.far.shown[0] == (State.CLOSING, True)
    assert after.state is State.CLOSING

    seen = Shown("digest", last=True)
    await shown(desk.store, desk.clock, Timing(), after, seen)

    closed = await desk.store.get(after.id)
    assert closed is not None
    assert closed.state is State.DONE


async def test_an_edit_of_before_does_not_end_the_closing(desk: Desk) -> None:
    """Slack may confirm an older edit late; that is not the card's last one."""
    call = await desk.step(**CLOSING)
    before = a_call(state=State.REPORTING)

    await shown(desk.store, desk.clock, Timing(), before, Shown("x", last=True))

    stored = await desk.store.get(call.id)
    assert stored is not None
    assert stored.state is State.CLOSING


async def test_a_restart_does_not_shorten_the_wait(store: Store) -> None:
    """An edit sent by a dead process may still arrive; we must wait as long."""
    due = NOON + USUAL_WAITS.edit_in_flight
    await add_call(store, a_told(state=State.CLOSING, next_at=due), most=9)

    await store.resume(NOON)

    early = NOON + timedelta(seconds=1)
    waiting = await store.claim("b", early, timedelta(seconds=40), 9)
    assert (waiting.calls, waiting.next_at) == ([], due)
    [claimed] = (await store.claim("b", due, timedelta(seconds=40), 9)).calls
    assert claimed.state is State.CLOSING


async def test_slack_edits_a_card_long_after_we_gave_up_waiting(
    closed_town: Town,
) -> None:
    """The late edit hides the result for a moment; then the card shows it again."""
    town = closed_town
    town.ringcentral.play(TALKING)
    town.slack.faults.add("reset", "chat.update")
    await town.open(replace(QUICK, edit_retry=0.1))
    assert town.bot is not None

    await town.types()
    lost = await town.until(lambda: town.slack.calls_of("chat.update"))
    await hang_up(town)
    end = (await town.finished()).text
    call = await _in_state(town, State.CLOSING)
    await client_of(town.slack).chat_update(**lost[0].args)
    assert town.cards()[0].text != end
    # It is due as if the time were over in which an edit may still land.
    await town.bot._store.change(call.id, _due, call.asked_at)
    await _in_state(town, State.DONE)

    assert town.cards()[0].text == end


async def test_a_process_that_was_paused_looks_again_before_it_edits() -> None:
    """Another process may have shown the result; an old edit must not hide it."""
    clock = FakeClock()
    async with SlackDouble() as slack, web.session() as session:
        spaces = Pausing(web.client(slack.bot_token, slack.api_url, session))
        board = Board(
            spaces,
            clock,
            Background(),
            ResponseUrls(session, clock, slack.api_url),
            full=False,
            timing=Timing(),
            holds_calls=lambda: True,
            on_shown=shown,  # type: ignore[arg-type]  # never reached
        )
        spaces.pause = lambda: clock.pass_by(pace.EDIT_WITHIN + 1)
        edit = Edit("c1", a_call().place, "C1", "1.1", Message("ringing"))

        with pytest.raises(ChatBusy):
            await board._edit(edit)

        assert slack.calls_of("chat.update") == []


class Pausing(OneSpace):
    """Chats of a process that is paused between its check and its request."""

    pause: Callable[[], None] = staticmethod(lambda: None)

    async def client(self, enterprise: str, team: str) -> AsyncWebClient:
        """Return the one client, after the pause."""
        self.pause()
        return await super().client(enterprise, team)


def _due(call: Call) -> Call:
    return replace(call, next_at=call.asked_at)


async def _in_state(town: Town, state: State) -> Call:
    """Wait until the call is in that state; return it."""
    assert town.bot is not None
    async with asyncio.timeout(PATIENCE):
        while not (found := await in_state(town.bot._store, state)):
            await asyncio.sleep(0.02)
    return found[0]
