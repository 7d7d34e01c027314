"""Pushed events find their call, are stored with it, shown, and asked about in time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import AsyncMock

import pytest

from bot.calls.call import Call, State, Status
from bot.calls.live_view import as_seen
from bot.calls.sessions.session import SessionEvent, SessionParty
from bot.errors import StoreUnavailable
from desk import Desk
from intents import CALLEE, CALLER, NOON, a_call, add_call

SECOND = timedelta(seconds=1)
INITIATOR = SessionParty(id="p-1", caller=CALLEE.e164, callee=CALLER.e164)
TARGET = SessionParty(id="p-2", caller="+16505550190", callee=CALLEE.e164)
RINGING = Status("InProgress", "InProgress", "InProgress")
LIFE = [
    (INITIATOR, "Proceeding"),
    (INITIATOR, "Answered"),
    (TARGET, "Proceeding"),
    (TARGET, "Answered"),
    (TARGET, "Disconnected"),
]


@pytest.fixture
async def desk(calls_url: str) -> AsyncIterator[Desk]:
    """Return a follower in which the shared account's events arrive."""
    desk = Desk(calls_url, me="me")
    await desk.store.open()
    desk.flowing.add("")
    yield desk
    await desk.pushed.stop()
    desk.store.close()


def event(
    number: int, *, session: str = "s-1", origin: str = "RingOut", **party: Any
) -> SessionEvent:
    """Return the event of that number in a call's life; *party* changes its party."""
    shown, code = LIFE[number]
    return SessionEvent(
        uuid=f"{session}-{number}",
        session_id=session,
        sequence=number + 1,
        at=NOON + number * SECOND,
        origin=origin,
        parties=(replace(shown, code=code, **party),),
    )


async def placed(desk: Desk, **changes: Any) -> Call:
    """Store a call that RingCentral has accepted, with its card."""
    values = {
        "state": State.FOLLOWING,
        "ringout_id": "s-1",
        "sent_at": NOON,
        "placed_at": NOON,
        "changed_at": NOON,
        "status": RINGING,
        "next_at": NOON + 2 * SECOND,
        "card_channel": "C1",
        "card_ts": "1.1",
        "held_by": "me",
    }
    call = a_call(**(values | changes))
    await add_call(desk.store, call, most=99, again=True)
    return call


async def stored(desk: Desk, call: Call) -> Call:
    """Return the call as it is stored."""
    found = await desk.store.get(call.id)
    assert found is not None
    return found


async def test_events_are_shown_without_a_request(desk: Desk) -> None:
    """The card says that the other side has answered, at no cost."""
    call = await placed(desk)
    for number in range(4):
        await desk.pushed.on_event("", event(number))

    after = await stored(desk, call)

    assert after.session_id == "s-1"
    assert as_seen(after).connected
    assert not after.connected
    assert after.next_at == NOON + 30 * SECOND
    assert len(desk.far.shown) == 4


async def test_the_end_makes_the_call_due_and_the_status_ends_it(desk: Desk) -> None:
    """It is known at once, and by the status alone."""
    call = await placed(desk)
    for number in range(5):
        await desk.pushed.on_event("", event(number))
    ended = await stored(desk, call)
    claimed = await desk.store.claim("me", desk.clock.now(), 60 * SECOND, 9)

    assert ended.next_at <= desk.clock.now()
    assert ended.terminal_at is None
    assert [each.id for each in claimed.calls] == [call.id]


@pytest.mark.parametrize(
    "strange",
    [
        event(4, origin="Call"),
        event(4, session="s-2"),
        event(4, caller="+13125550177", callee="+13125550178"),
        replace(event(4), parties=()),
    ],
)
async def test_a_strangers_event_changes_nothing(
    desk: Desk, strange: SessionEvent
) -> None:
    """An account-level subscription tells of the whole company's calls."""
    call = await placed(desk)

    await desk.pushed.on_event("", strange)

    assert await stored(desk, call) == call
    assert desk.far.shown == []


async def test_events_of_another_account_change_nothing(desk: Desk) -> None:
    """Whoever may forge one account's events may not touch another's calls."""
    call = await placed(desk)

    await desk.pushed.on_event("x-other", event(4))

    assert await stored(desk, call) == call


async def test_an_event_before_the_answer_to_the_post_is_not_lost(desk: Desk) -> None:
    """The caller's phone rings before RingCentral has answered the POST."""
    early = await placed(desk, state=State.PLACING, ringout_id="", placed_at=None)
    await desk.pushed.on_event("", event(0))
    before = await stored(desk, early)

    def accept(call: Call) -> Call:
        return replace(call, state=State.FOLLOWING, ringout_id="s-1", placed_at=NOON)

    await desk.store.change(early.id, accept, desk.clock.now())
    await desk.pushed._early.settle(5)

    assert before == early
    assert (await stored(desk, early)).session_id == "s-1"


async def test_the_process_that_holds_the_call_is_woken(desk: Desk) -> None:
    """Its card is its own to edit, so it claims the call, shows it, and polls nothing."""
    call = await placed(desk, held_by="other", next_at=NOON + 9 * SECOND)
    await desk.pushed.on_event("", event(0))
    woken = await stored(desk, call)
    nobody_shows = list(desk.far.shown)
    mine = await desk.store.change(
        call.id, lambda c: replace(c, held_by="me"), desk.clock.now()
    )
    assert mine is not None
    desk.far.errors["status"] = AssertionError("asked for a status")
    await desk.follower._step(mine)

    after = await stored(desk, call)

    assert nobody_shows == []
    assert woken.next_at <= desk.clock.now()
    assert len(desk.far.shown) == 1
    assert (after.next_at, after.poll_at) == (woken.poll_at, None)


async def test_a_step_in_flight_does_not_undo_an_event(desk: Desk) -> None:
    """A status that was asked for before an event is stored after it."""
    call = await placed(desk, next_at=NOON)
    [claimed] = (await desk.store.claim("me", desk.clock.now(), 60 * SECOND, 9)).calls
    await desk.pushed.on_event("", event(0))
    await desk.follower._step(claimed)

    after = await stored(desk, call)

    assert after.seen
    assert after.pushed is not None
    assert after.session_id == "s-1"


async def test_an_event_that_cannot_be_stored_is_lost_in_silence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A webhook must be answered within three seconds, whatever the database does."""
    call = await placed(desk)
    down = AsyncMock(side_effect=StoreUnavailable)
    with monkeypatch.context() as broken:
        broken.setattr(desk.store, "with_session", down)
        await desk.pushed.on_event("", event(4))

    assert await stored(desk, call) == call
