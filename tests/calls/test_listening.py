"""An event is shown and may make a call due; it ends none and decides nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.calls import following
from bot.calls.call import Call, State, Status
from bot.calls.hanging_up import begin_to_hang_up
from bot.calls.listening import after_pushed, needs_polls, seldom
from bot.calls.live_view import as_seen, was_callee_reached
from bot.calls.sessions.session import PartyRole, SessionEvent, SessionParty
from bot.calls.timing import Timing
from bot.slack.texts.card import card
from bot.slack.texts.card_buttons import HANG_UP_BUTTON
from intents import NOON, a_call

TIMING = Timing()
SECOND = timedelta(seconds=1)
PAUSE = 30 * SECOND
RINGING = Status("InProgress", "InProgress", "InProgress")
UP = Status("InProgress", "Success", "InProgress")
TALKING = Status("Success", "Success", "Success")
HUNG_UP = Status("Success", "Finished", "Finished")
ROLES = {"p-1": PartyRole.INITIATOR, "p-2": PartyRole.TARGET}
LIFE = ["1 Proceeding", "1 Answered", "2 Proceeding", "2 Answered", "2 Disconnected"]


def at(seconds: float) -> datetime:
    """Return the moment so many seconds after the POST."""
    return NOON + seconds * SECOND


def followed(status: Status = RINGING, **changes: object) -> Call:
    """Return a call that was placed at noon and is polled after two seconds."""
    values = {
        "state": State.FOLLOWING,
        "ringout_id": "s-1",
        "sent_at": NOON,
        "placed_at": NOON,
        "changed_at": NOON,
        "status": status,
        "next_at": at(2),
    }
    return a_call(**(values | changes))


def event(shown: str, sequence: int = 0) -> SessionEvent:
    """Return an event of one party, such as ``1 Answered``."""
    party, _, code = shown.partition(" ")
    number = sequence or 1 + LIFE.index(shown)
    parties = (SessionParty(id=f"p-{party}", code=code),)
    return SessionEvent(
        uuid=f"u-{number}",
        session_id="s-1",
        sequence=number,
        at=NOON,
        origin="RingOut",
        parties=parties,
    )


def heard(call: Call, *shown: str, seconds: float = 1.0, ours: bool = True) -> Call:
    """Return *call* after such events."""
    for each in shown:
        told = after_pushed(
            call, event(each), ROLES, at(seconds), TIMING, PAUSE, ours=ours
        )
        call = told or call
    return call


def polled(call: Call, status: Status, seconds: float, asked: float = 0.0) -> Call:
    """Return *call* after a status that was asked for then, and arrived."""
    begun = at(asked or seconds)
    now = at(seconds)
    return following.after_status(
        call, status, now, TIMING, timedelta(0), asked=begun, pause=PAUSE
    )


@pytest.mark.parametrize(
    ("shown", "status", "connected"),
    [
        (LIFE[:1], RINGING, False),
        (LIFE[:2], UP, False),
        (LIFE[:3], UP, False),
        (LIFE[:4], TALKING, True),
        ([LIFE[3], LIFE[1]], TALKING, True),
        ([LIFE[3]], RINGING, False),
        (LIFE, TALKING, True),
        ([LIFE[1], LIFE[2], LIFE[4]], UP, False),
    ],
)
def test_the_card_shows_what_events_say(
    shown: list[str], status: Status, *, connected: bool
) -> None:
    """A person sees within a second that the other side has answered."""
    seen = as_seen(heard(followed(), *shown))

    assert (seen.status, seen.connected) == (status, connected)
    assert seen.connected_at == (at(1) if connected else None)


@given(
    st.lists(st.sampled_from(LIFE), max_size=8),
    st.sampled_from([RINGING, UP, TALKING, HUNG_UP]),
)
def test_no_events_change_what_a_result_rests_on(
    shown: list[str], status: Status
) -> None:
    """A forged event must not end a call, nor say that two people have talked."""
    before = polled(followed(), status, 2)

    after = heard(before, *shown, seconds=3)

    apart_from_events = replace(
        after,
        session_id=before.session_id,
        pushed=before.pushed,
        heard_at=before.heard_at,
        poll_at=before.poll_at,
        next_at=before.next_at,
    )
    assert apart_from_events == before
    seen = as_seen(after)
    assert seen.state is State.FOLLOWING
    assert seen.terminal_at == before.terminal_at


@given(
    st.lists(st.sampled_from(LIFE), max_size=8),
    st.sampled_from([RINGING, UP, TALKING, HUNG_UP]),
)
def test_a_card_offers_to_hang_up_what_can_be_hung_up(
    shown: list[str], status: Status
) -> None:
    """An event shows the button, so it works before a status has said the same."""
    call = heard(followed(status, is_controllable=True), *shown)

    offered = HANG_UP_BUTTON in str(card(call, full=False).blocks)
    assert offered == (begin_to_hang_up(call, at(2)) is not None)


@pytest.mark.parametrize(
    ("status", "shown", "reached"),
    [
        (None, 0, False),
        (RINGING, 0, False),
        (UP, 0, False),
        (UP, 3, False),
        (UP, 4, True),
        (HUNG_UP, 0, False),
        (Status("CannotReach", "Success", "Busy"), 0, True),
        (Status("CannotReach", "Success", "Rejected"), 0, True),
        (Status("InProgress", "Finished", "NoAnswer"), 0, True),
        (Status("CannotReach", "NoAnswer", "InProgress"), 0, False),
        (Status("InProgress", "Rejected", "Rejected"), 0, False),
        (Status("CannotReach", "GenericError", "Success"), 0, False),
    ],
)
def test_a_callee_was_reached_only_if_a_status_or_an_event_says_so(
    status: Status | None, shown: int, *, reached: bool
) -> None:
    """Then no log makes it a call that nobody was called in."""
    call = heard(followed(status or RINGING), *LIFE[:shown])
    call = call if status else replace(call, status=None)

    assert was_callee_reached(call) is reached
    assert was_callee_reached(replace(call, connected=True))


def test_what_tells_nothing_new_changes_nothing() -> None:
    """Doubles and strangers cost no write."""
    call = heard(followed(), *LIFE[:2])

    for shown in LIFE[:2]:
        again = after_pushed(call, event(shown), ROLES, at(9), TIMING, PAUSE)
        assert again is None
    over = replace(call, state=State.RECORDING)
    assert after_pushed(over, event(LIFE[4]), ROLES, at(9), TIMING, PAUSE) is None


@pytest.mark.parametrize(
    ("call", "shown", "due"),
    [
        (followed(), LIFE[:1], 30),  # what events tell need not be asked for
        (followed(), LIFE[:2], 3),  # the callee rings, and perhaps without events
        (followed(), LIFE[:3], 30),
        (followed(), LIFE[:4], 30),
        (followed(), LIFE, 1),  # an end is asked about at once
        (polled(followed(), UP, 20), LIFE[:1], 22),  # a late event, or a mistake
        (polled(followed(), TALKING, 20), LIFE[:3], 22),
        (polled(followed(), TALKING, 0.5), LIFE[:4], 30.5),
    ],
)
def test_only_an_end_or_a_contradiction_makes_a_call_due(
    call: Call, shown: list[str], due: float
) -> None:
    """A hundred calls of one account share fifty requests a minute."""
    seconds = max(1.0, ((call.seen_at or NOON) - NOON).total_seconds() + 0.5)

    after = heard(call, *shown, seconds=seconds)

    expected = seconds if due == 1 else due
    assert after.next_at == at(expected)


def test_a_call_is_polled_seldom_while_events_tell_the_same() -> None:
    """Two requests a minute for a long call, as a net for events that are lost."""
    call = polled(heard(followed(), *LIFE[:4]), TALKING, 30)

    assert call.next_at == at(60)
    assert polled(call, TALKING, 600).next_at == at(630)


@pytest.mark.parametrize(
    ("shown", "status", "next_in"),
    [
        (LIFE[:2], UP, 2),  # nobody tells how the callee's phone goes
        (LIFE[:4], UP, 2),  # an event says more than the status
        (LIFE[:2], RINGING, 2),
        (LIFE, TALKING, 2),  # the status still lags behind the end
        (LIFE[:3], UP, 30),
        (LIFE[:1], RINGING, 30),
        (LIFE[:4], HUNG_UP, 30),
        (LIFE, HUNG_UP, 30),
    ],
)
def test_where_events_do_not_suffice_it_is_polled_as_without_them(
    shown: list[str], status: Status, next_in: float
) -> None:
    """An outside callee may have no events at all."""
    call = polled(heard(followed(), *shown, seconds=9), status, 10)

    assert call.next_at == at(10 + next_in)


def test_an_end_that_comes_while_a_status_is_asked_for_is_not_forgotten() -> None:
    """That status says that they talk: it was asked for before they hung up."""
    call = heard(polled(heard(followed(), *LIFE[:4]), TALKING, 30), LIFE[4], seconds=60)

    late = polled(call, TALKING, seconds=60.2, asked=59.9)

    assert late.next_at == at(60.2)


def test_the_end_of_the_second_side_is_not_asked_about_again() -> None:
    """Both leave at once; one request tells how it ended."""
    lease = at(135)
    ended = replace(heard(followed(), *LIFE, seconds=60), next_at=lease)

    both = after_pushed(
        ended, event("1 Disconnected", 9), ROLES, at(60.1), TIMING, PAUSE
    )

    assert both is not None
    assert both.next_at == lease


def test_a_404_after_an_end_is_believed_at_once() -> None:
    """RingCentral may have forgotten a short call before its status was ever asked for."""
    ended = heard(followed(), *LIFE, seconds=20)
    going_on = heard(followed(), *LIFE[:4], seconds=20)

    assert following.gone(ended, at(20.2), TIMING).state is State.RECORDING
    assert following.gone(going_on, at(20.2), TIMING).state is State.FOLLOWING


def test_a_call_without_a_session_is_polled_as_ever() -> None:
    """Other calls' events say nothing of it."""
    assert polled(followed(), RINGING, 2).next_at == at(4)


def test_when_events_stop_it_is_polled_as_ever() -> None:
    """A subscription can end at any time."""
    call = heard(followed(), *LIFE[:4])
    after = following.after_status(call, TALKING, at(30), TIMING, timedelta(0))

    assert after.next_at == at(32)


def test_a_later_status_corrects_an_event() -> None:
    """A forged "answered" is on the card until the next status, not for the whole call."""
    call = heard(polled(followed(), UP, 2), LIFE[3], seconds=3)
    soon, later = polled(call, UP, 5), polled(call, UP, 9)

    assert as_seen(call).connected
    assert as_seen(soon).connected  # RingCentral's status may lag behind
    assert not as_seen(later).connected
    assert needs_polls(later)


def test_people_talk_since_the_event_said_so() -> None:
    """The status confirms it half a minute later: the card's time must not jump."""
    call = polled(heard(followed(), *LIFE[:4], seconds=11), TALKING, 32)

    assert call.connected_at == at(11)
    assert as_seen(call) == call


def test_another_process_is_woken_to_show_an_event() -> None:
    """Only the process that holds a call edits its card."""
    call = followed(next_at=at(25))

    shown = heard(call, *LIFE[:1], seconds=5, ours=False)
    ended = heard(shown, LIFE[4], seconds=6, ours=False)

    assert (shown.next_at, shown.poll_at) == (at(5), at(30))
    assert (ended.next_at, ended.poll_at) == (at(6), None)


def test_an_event_never_puts_a_lease_off_for_long() -> None:
    """A step of another process may be in flight: its lease stays, or gets shorter."""
    lease = at(75)
    call = followed(next_at=lease)

    assert heard(call, *LIFE[:1]).next_at == lease
    assert heard(call, *LIFE[:1], ours=False).poll_at == at(31)


@pytest.mark.parametrize(
    ("stretch", "pause"), [(0, 30), (5, 30), (15, 30), (30, 60), (150, 300)]
)
def test_many_calls_at_once_are_polled_more_rarely(stretch: int, pause: int) -> None:
    """Half of the budget is left to calls that begin and end."""
    assert seldom(TIMING, stretch * SECOND) == pause * SECOND


@given(
    poll=st.floats(min_value=0.001, max_value=600),
    stretch=st.floats(min_value=0, max_value=600),
)
@example(poll=2, stretch=0)
@example(poll=3, stretch=0)
@example(poll=5, stretch=0)
@example(poll=10, stretch=0)
@example(poll=60, stretch=0)
def test_a_lost_event_leaves_a_card_wrong_for_half_a_minute_at_most(
    poll: float, stretch: float
) -> None:
    """Whatever interval is set, unless the interval or the rate budget is longer."""
    own, room = poll * SECOND, stretch * SECOND

    pause = seldom(Timing(poll=own), room)

    assert own <= pause
    assert pause <= max(own, room * 2, 30 * SECOND)
