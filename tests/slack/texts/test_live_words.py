"""RingCentral's live states in words, all triples of them: none claims too much."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import settings

from bot.calls import following, live_status
from bot.calls.call import Call, State, Status
from bot.calls.people.person import Shows
from bot.calls.timing import Timing
from bot.slack.texts import card, words
from intents import NOON, a_call
from openapi_check import SPEC, spec
from selection import USUAL, VENDORS

UP, RINGS = "Success", "InProgress"
TRIPLES_APART = 1 if settings().max_examples >= USUAL else 7
"""Every seventh triple, so that each state comes in each place; CI takes all."""


def followed(*states: str, **changes: object) -> Call:
    """Return a call after a poll that gave *states*."""
    call = a_call(state=State.FOLLOWING, ringout_id="s", sent_at=NOON, seen=True)
    call = replace(call, **changes)  # type: ignore[arg-type]
    status = Status(*states)
    return following.after_status(call, status, NOON, Timing(), Timing().poll)


def said(*states: str, **changes: object) -> tuple[str, str]:
    """Return the words for both sides."""
    return words.live(followed(*states, **changes))


@pytest.mark.parametrize(
    ("states", "caller", "callee"),
    [
        ((UP, UP, "Rejected"), "answered", "not connected (declined, or you hung up)"),
        (
            (RINGS, UP, "Rejected"),
            "answered",
            "not connected (declined, or you hung up)",
        ),
        ((RINGS, "Invalid", RINGS), "not known", "waiting"),
        ((RINGS, UP, "Invalid"), "answered", "not known"),
        ((RINGS, UP, "Unknown"), "answered", "not known"),
        (
            ("NoAnsweringMachine", UP, UP),
            "answered",
            "not confirmed (an internal failure at RingCentral)",
        ),
        (("CannotReach", RINGS, RINGS), "not known", "not called"),
        (("CannotReach", UP, RINGS), "answered", "not known"),
        (
            (RINGS, UP, "InternationalDisabled"),
            "answered",
            "calls of this kind are switched off",
        ),
        ((RINGS, UP, "NosuchUser"), "answered", "no such user"),
    ],
)
def test_a_state_is_said_as_ringcentral_means_it(
    states: tuple[str, str, str], caller: str, callee: str
) -> None:
    """By its own table (developer guide, "Making Calls Using RingOut")."""
    assert said(*states) == (caller, callee)


@pytest.mark.parametrize(
    "states", [(RINGS, "Rejected", RINGS), (UP, UP, "Rejected"), ("", "", "Rejected")]
)
def test_after_our_own_cancel_rejected_is_canceled(
    states: tuple[str, str, str],
) -> None:
    """Nobody declined anything."""
    assert "canceled" in said(*states, cancelled_at=NOON)
    assert not any("declined" in each for each in said(*states, cancelled_at=NOON))


def test_a_cancel_that_came_too_late_says_so_while_they_talk() -> None:
    """The card said that it was being canceled for the whole talk was not so."""
    call = followed(UP, UP, UP, cancelled_at=NOON)

    text = card.card(call, full=False).text

    assert text.startswith("Talking with ")
    assert "It was too late to cancel: hang up to end it." in text
    assert "Stopping" not in text


@pytest.mark.parametrize("word", ["CannotReach", "GenericError", "NotEnoughFunds"])
def test_a_failure_of_the_whole_call_is_told_unless_results_are_hidden(
    word: str,
) -> None:
    """With both sides in progress no side tells it."""
    call = followed(word, RINGS, RINGS)
    hidden = replace(call, shows=Shows.PRIVATE, card_channel="C1")

    assert "Not connected: …0142" in card.card(call, full=False).text
    assert "connected" not in card.card(hidden, full=False).text


def triples() -> list[tuple[str, str, str]]:
    """Return the document's 18 states, none and an unknown one on all three places."""
    if not SPEC.exists():
        pytest.skip(f"no OpenAPI document: {VENDORS}")
    enum = spec()["components"]["schemas"]["CallingStatusInfo"]["enum"]
    return list(product([*enum, "", "New"], repeat=3))[::TRIPLES_APART]


@pytest.mark.unmeasured
def test_no_triple_claims_more_than_its_states() -> None:
    """Each side has a word, and none that another state would have earned."""
    for states in triples():
        call = followed(*states)
        if live_status.is_gone(Status(*states)):
            assert call.state is State.RECORDING
            continue
        one, other = words.live(call)

        assert one
        assert other
        assert other != "answered" or set(states) == {UP}
        assert one != "answered" or states[1] == UP
        assert "declined" not in other or states[2] == "Rejected"
        assert "confirmed" not in other or (states[2] == UP and set(states) != {UP})
        assert "contradict" not in other + card.card(call, full=False).text
        assert "valid" not in one + other


@pytest.mark.unmeasured
def test_no_triple_that_is_over_rings_or_is_polled_for_hours() -> None:
    """A failure of the call or of a side ends it; every other state goes on."""
    for states in triples():
        call = followed(*states)
        if call.state is not State.FOLLOWING:
            continue
        over = any(each.lower() in live_status.FINAL_WORDS for each in states)
        text = card.card(call, full=False).text

        assert (call.terminal_at is not None) is over
        assert ("ot confirmed yet" in text) is over
        assert not (over and "ringing" in text)
        assert not text.startswith("Talking") or set(states) == {UP}
        assert "Talked" not in text
        assert "Not connected" not in text or states[2] not in {UP, "Finished"}
        assert "Busy" not in text or "busy" in map(str.lower, states)
        assert "No answer from" not in text or "noanswer" in states[2].lower()
        assert "didn't pick up" not in text or "noanswer" in states[1].lower()
