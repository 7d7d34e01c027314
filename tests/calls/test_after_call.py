"""What people may add to a finished call, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls import after_call, closing
from bot.calls.aftermath import (
    LONGEST_CALL_NOTE,
    Aftermath,
    Dispositions,
    Remark,
    holds,
)
from bot.calls.call import Call, End, Place, State
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.people.person import Shows
from bot.calls.timing import Timing
from intents import ANN, CALLEE, NOON, a_call

BOB = Place("T1", "C1", "U0BOB")
MINE, OURS = Dispositions(("Spoke",)), Dispositions(("Spoke",), by_channel=True)
LATER = NOON + timedelta(minutes=1)
RESULT = Outcome(Side(Ending.ANSWERED), Side(Ending.BUSY), None)


def done(**changes: Any) -> Call:
    """Return a call that is over and shown as such."""
    values = {"state": State.DONE, "end": End.RECORDED, "outcome": RESULT}
    shown = {"card_channel": "C1", "card_ts": "1.1", "held_by": "dead"}
    return a_call(**values | shown | changes)


@pytest.mark.parametrize(
    ("call", "place", "who", "may"),
    [
        (done(), ANN, MINE, True),
        (done(), BOB, MINE, False),
        (done(), BOB, OURS, True),
        (done(), replace(BOB, channel="C2"), OURS, False),
        (done(), replace(BOB, channel=""), OURS, False),
        (done(card_channel=""), replace(BOB, channel=""), OURS, False),
        (done(shows=Shows.PRIVATE), BOB, OURS, False),
        (done(shows=Shows.PRIVATE), ANN, OURS, True),
        (done(card_channel="D1"), replace(BOB, channel="D1"), OURS, False),
        (done(), replace(ANN, team="T2"), MINE, False),
    ],
)
def test_who_may_say_what_came_of_a_call(
    call: Call,
    place: Place,
    who: Dispositions,
    may: bool,  # noqa: FBT001 - parametrized
) -> None:
    """A call that its person keeps to themselves is nobody else's to judge."""
    assert after_call.may_add(call, place, who) is may


def test_the_persons_outcome_leaves_ringcentrals_result_as_it_is() -> None:
    """A person who says "Spoke" does not change what the log says of the call."""
    told = after_call.disposed(done(), "Spoke", "U1", LATER)

    assert told is not None
    assert told.outcome == RESULT
    assert told.aftermath == Aftermath(Remark("Spoke", "U1", LATER))
    assert (told.state, told.next_at, told.held_by) == (State.CLOSING, LATER, "")


def test_the_same_outcome_once_more_changes_nothing() -> None:
    """A second press must not edit the card, nor put another name to it."""
    told = done(aftermath=Aftermath(Remark("Spoke", "U1", NOON)))

    assert after_call.disposed(told, "Spoke", "U0BOB", LATER) == told


def test_an_outcome_can_be_removed_and_with_it_who_calls_back() -> None:
    """Who chose the wrong call's outcome must not leave a false one behind."""
    chosen = Remark("Call back", "U1", NOON)
    kept = Remark("at five", "U1", NOON)
    told = done(aftermath=Aftermath(chosen, kept, Remark("taken", "U0BOB", NOON)))

    removed = after_call.disposed(told, "", "U1", LATER)

    assert removed is not None
    assert removed.aftermath == Aftermath(note=kept)
    assert removed.state is State.CLOSING
    assert after_call.disposed(removed, "", "U1", LATER) == removed
    assert after_call.disposed(done(), "", "U1", LATER) == done()


@pytest.mark.parametrize("end", [None, End.NOT_PLACED, End.REFUSED])
def test_nothing_is_said_of_a_call_that_rang_no_phone(end: End | None) -> None:
    """Nobody could have spoken to anybody, or the call goes on."""
    call = done(end=end)

    assert after_call.disposed(call, "Spoke", "U1", LATER) is None
    assert after_call.noted(call, "hello", "U1", LATER, None) is None


def test_what_is_said_while_the_card_is_shown_waits_for_it() -> None:
    """The wait for an older edit that may still land must not become shorter."""
    call = done(state=State.CLOSING, next_at=LATER, held_by="me")
    told = after_call.disposed(call, "Spoke", "U1", NOON)

    assert told is not None
    assert (told.state, told.next_at, told.held_by) == (State.CLOSING, LATER, "me")


def test_a_note_that_its_writer_has_not_read_is_not_overwritten() -> None:
    """Two people who write at once must not lose what one of them wrote."""
    first = after_call.noted(done(), "  call at five\n", "U1", NOON, None)
    assert first is not None
    assert first.aftermath is not None
    assert first.aftermath.note == Remark("call at five", "U1", NOON)

    assert after_call.noted(first, "at six", "U0BOB", LATER, None) is None
    second = after_call.noted(first, "at six", "U0BOB", LATER, NOON)
    assert second is not None
    assert second.aftermath == Aftermath(note=Remark("at six", "U0BOB", LATER))
    third = after_call.noted(second, " ", "U1", LATER, LATER)
    assert third is not None
    assert third.aftermath is None


@pytest.mark.parametrize("length", [1_999, 2_000, 2_001, 5_000])
def test_a_note_is_kept_up_to_two_thousand_characters(length: int) -> None:
    """Slack lets people write more; what it keeps is bounded."""
    written = "ab" * length
    noted = after_call.noted(done(), written[:length], "U1", NOON, None)

    assert noted is not None
    assert noted.aftermath is not None
    assert noted.aftermath.note == Remark(written[: min(length, 2_000)], "U1", NOON)


remarks = st.none() | st.builds(
    Remark,
    st.text(max_size=LONGEST_CALL_NOTE),
    st.text(max_size=12),
    st.datetimes().map(lambda each: NOON + timedelta(seconds=each.second)),
)


@given(st.builds(Aftermath, remarks, remarks))
def test_what_is_stored_is_read_back(said: Aftermath) -> None:
    """A note with quotes or in any script must come back as it was written."""
    assert Aftermath.load(said.dump()) == (said if said != Aftermath() else None)


@pytest.mark.parametrize(
    ("note", "has"),
    [
        ("ask for 415 555 0142", True),
        ("(415) 555-0142!", True),
        ("+1.415.555.0142", True),
        ("٤١٥٥٥٥٠١٤٢", True),
        ("4155550143 and 0142", False),
        ("at five", False),
    ],
)
def test_a_note_is_searched_for_a_number_however_it_is_written(
    note: str,
    has: bool,  # noqa: FBT001 - parametrized
) -> None:
    """``erase`` must not leave a number behind because of its dots."""
    assert holds(note, CALLEE.e164) is has


def test_what_a_lost_edit_may_cover_is_shown_once_more() -> None:
    """An edit that shows less may land after the one that shows the note."""
    call = done(state=State.CLOSING)
    noted = replace(call, aftermath=Aftermath(note=Remark("x", "U1", NOON)))
    timing = Timing()

    for each, then in ((call, State.DONE), (noted, State.CLOSING)):
        told = closing.told(each, NOON, timing, edit_in_flight=True, edit_lost=True)
        assert told.state is then
    told = closing.told(noted, NOON, timing, edit_in_flight=True, edit_lost=False)
    assert told.state is State.DONE
