"""Canceling stops what rings and never a talk; hanging up ends either."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import Call, State, Status
from bot.calls.live_view import as_seen
from bot.calls.sessions.pushed import Pushed, PushedParty
from bot.calls.sessions.session import PartyRole
from bot.calls.telling import Canceled, HungUp
from bot.errors import NotFound, RateLimited, Unreachable
from bot.slack.texts import answers
from bot.slack.texts.card_buttons import HANG_UP_BUTTON
from bot.switchboard.control import Control
from bot.user_errors import CancelLimited
from intents import NOON, a_call

WAITS = Status("InProgress", "InProgress", "InProgress")
RINGS = Status("InProgress", "Success", "InProgress")
TALKS = Status("Success", "Success", "Success")
HAVE_ANSWERED = Pushed(
    tuple(
        PushedParty(role.value, role, "Answered", "", 1, NOON, NOON)
        for role in (PartyRole.INITIATOR, PartyRole.TARGET)
    )
)
RINGING = a_call(
    state=State.FOLLOWING,
    ringout_id="s-1",
    session_id="s-1",
    is_controllable=True,
    status=RINGS,
)
TALKING = replace(RINGING, status=TALKS, connected=True)
PUSHED = replace(RINGING, pushed=HAVE_ANSWERED)


class OneCall:
    """A store with one call, and a RingCentral at which *now* is its status."""

    def __init__(self, call: Call, now: Status | Exception = RINGS) -> None:
        self.call = call
        self.now = now
        self.meanwhile: Callable[[Call], Call] = lambda call: call
        """What becomes of the stored call while its status is asked for."""
        self.ended: list[str] = []
        self.limited: RateLimited | None = None

    async def get(self, _call_id: str) -> Call:
        """Return the call."""
        return self.call

    async def change(
        self, _call_id: str, decide: Callable[[Call], Call | None], *_: object
    ) -> Call | None:
        """Change the call, as the database does."""
        new = decide(self.call)
        self.call = new or self.call
        return new

    async def status(self, _ringout: str) -> Status:
        """Return how the call goes."""
        self.call = self.meanwhile(self.call)
        if isinstance(self.now, Exception):
            raise self.now
        return self.now

    async def drop(self, _session: str) -> None:
        """Hang up."""
        if self.limited is not None:
            raise self.limited
        self.ended.append("hung up")

    async def cancel(self, _ringout: str) -> None:
        """Cancel the ring-out."""
        if self.limited is not None:
            raise self.limited
        self.ended.append("canceled")

    def telephony(self, _account: str) -> Any:
        """Return what asks RingCentral."""
        return SimpleNamespace(ring_outs=self, call_control=self)

    async def asked(self, verb: str) -> Canceled | HungUp:
        """Cancel or hang up."""
        everything: Any = self
        clock: Any = SimpleNamespace(now=lambda: NOON)
        control = Control(everything, everything, clock, lambda _: None)
        act = control.stop if verb == "cancel" else control.end
        return await act(self.call)


@pytest.mark.parametrize(
    ("call", "now"),
    [(TALKING, Unreachable("reset")), (PUSHED, RINGS), (RINGING, TALKS)],
    ids=["by its status, unasked", "by events", "by one more look"],
)
async def test_cancel_leaves_a_talk_alone_and_offers_to_hang_up(
    call: Call, now: Status | Exception
) -> None:
    """It may be pressed on what showed the call as it rang; its words are about ringing."""
    one = OneCall(call, now)

    done = await one.asked("cancel")

    assert one.ended == []
    assert done is Canceled.CONNECTED
    said = answers.stopped(done, call.id)
    assert said.text == "The call is connected. Hang up to end it."
    [button] = said.blocks[-1]["elements"]
    assert (button["action_id"], button["value"]) == (HANG_UP_BUTTON, call.id)


async def test_a_talk_that_begins_while_the_status_is_asked_for_goes_on() -> None:
    """The event came behind the status, and before anything was sent."""
    one = OneCall(RINGING)
    one.meanwhile = lambda call: replace(call, pushed=HAVE_ANSWERED)

    assert await one.asked("cancel") is Canceled.CONNECTED
    assert one.ended == []


@pytest.mark.parametrize(
    ("verb", "call", "done", "ended"),
    [
        ("cancel", RINGING, HungUp.ASKED, ["hung up"]),
        ("cancel", replace(RINGING, status=WAITS), Canceled.ASKED, ["canceled"]),
        (
            "cancel",
            replace(RINGING, is_controllable=False),
            Canceled.ASKED,
            ["canceled"],
        ),
        ("cancel", replace(TALKING, is_controllable=False), Canceled.TOO_LATE, []),
        ("cancel", replace(PUSHED, is_controllable=False), Canceled.TOO_LATE, []),
        ("cancel", replace(RINGING, hung_up_at=NOON), HungUp.UNDER_WAY, []),
        ("hang up", RINGING, HungUp.ASKED, ["hung up"]),
        ("hang up", TALKING, HungUp.ASKED, ["hung up"]),
        ("hang up", PUSHED, HungUp.ASKED, ["hung up"]),
        ("hang up", replace(RINGING, status=WAITS), Canceled.ASKED, ["canceled"]),
        ("hang up", replace(TALKING, is_controllable=False), HungUp.NOT_ALLOWED, []),
        ("hang up", replace(PUSHED, is_controllable=False), HungUp.NOT_ALLOWED, []),
        ("hang up", replace(TALKING, hung_up_at=NOON), HungUp.UNDER_WAY, []),
        ("hang up", a_call(), Canceled.NOT_SENT, []),
        ("hang up", a_call(state=State.PLACING), Canceled.TOO_EARLY, []),
    ],
)
async def test_what_rings_is_stopped_in_the_way_that_can(
    verb: str, call: Call, done: Canceled | HungUp, ended: list[str]
) -> None:
    """Whatever the permission: a call that only rings can be withdrawn or canceled."""
    one = OneCall(call)

    assert await one.asked(verb) is done
    assert one.ended == ended


@pytest.mark.parametrize(
    ("now", "done"),
    [(NotFound(404, "CMN-102"), HungUp.OVER), (Unreachable("reset"), HungUp.TROUBLE)],
    ids=repr,
)
async def test_cancel_ends_nothing_blindly(
    now: Exception, done: Canceled | HungUp
) -> None:
    """Without an answer nobody knows whether they talk by now."""
    one = OneCall(RINGING, now)

    assert await one.asked("cancel") is done
    assert one.ended == []


@pytest.mark.parametrize(
    ("verb", "call"),
    [
        ("cancel", RINGING),
        ("cancel", replace(RINGING, status=WAITS)),
        ("hang up", RINGING),
        ("hang up", TALKING),
        ("hang up", replace(RINGING, status=WAITS)),
    ],
)
async def test_while_ringcentral_is_busy_the_wait_is_said(
    verb: str, call: Call
) -> None:
    """It answers, only not now: "can't reach" would send people to their network."""
    one = OneCall(call)
    one.limited = RateLimited(42)

    with pytest.raises(CancelLimited) as error:
        await one.asked(verb)

    assert error.value.seconds == 42
    assert (one.call.hung_up_at, one.call.cancelled_at) == (None, None)


async def test_the_look_before_a_cancel_meets_the_limit_too() -> None:
    """Nothing is sent, and the wait is said."""
    one = OneCall(RINGING, RateLimited(7))

    with pytest.raises(CancelLimited):
        await one.asked("cancel")

    assert one.ended == []


@given(
    state=st.sampled_from(State),
    status=st.sampled_from([None, WAITS, RINGS, TALKS]),
    pushed=st.sampled_from([None, HAVE_ANSWERED]),
    now=st.sampled_from([WAITS, RINGS, TALKS]),
    connected=st.booleans(),
    controllable=st.booleans(),
    hung=st.sampled_from([None, NOON, NOON - timedelta(hours=1)]),
)
async def test_no_cancel_ends_what_is_known_to_be_a_talk(
    *, connected: bool, controllable: bool, hung: Any, now: Status, **shape: Any
) -> None:
    """Whatever the call's state, and whoever told of it."""
    call = replace(
        RINGING,
        connected=connected,
        is_controllable=controllable,
        hung_up_at=hung,
        **shape,
    )
    one = OneCall(call, now)

    await one.asked("cancel")

    assert not (one.ended and as_seen(call).connected)
    assert not ("hung up" in one.ended and now == TALKS)


@pytest.mark.parametrize("done", [Canceled.TOO_EARLY, HungUp.TOO_EARLY])
def test_what_to_do_next_is_said_in_the_words_of_what_was_done(
    done: Canceled | HungUp,
) -> None:
    """Who typed has no button before them."""
    assert "Press" in answers.stopped(done, "c1").text
    typed = answers.stopped(done, "c1", typed=True).text
    assert "Press" not in typed
    assert "Type" in typed
