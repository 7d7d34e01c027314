"""Each result of RingCentral's has a word and an advice, and neither claims too much."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product

import pytest

from bot.calls import outcome
from bot.calls.leg import Entry
from bot.calls.outcome import (
    FAILURES,
    REASON_ENDINGS,
    RESULT_ENDINGS,
    Ending,
    Outcome,
    Side,
    ending_of,
)
from bot.slack.texts import advice, card, words
from builders import CALLEE, record, to_caller, to_subscriber

CLAIM = re.compile(r"^(answered|connected|picked up)", re.IGNORECASE)
RINGCENTRALS = re.compile(r"RingCentral says “[^”]+”")

PAIRS = [
    Side(ending_of(result, reason), result, reason)
    for result, reason in product(["", *RESULT_ENDINGS], ["", *REASON_ENDINGS])
]


def word(result: str, reason: str = "") -> str:
    """Return what is said of a side."""
    return words.ending(Side(ending_of(result, reason), result, reason))


def test_each_pair_has_a_word_and_an_advice_on_either_side() -> None:
    """45 results and older spellings by 39 reasons: a card fails over none of them."""
    up = Side(Ending.ANSWERED, "Accepted")
    for side in PAIRS:
        said = words.ending(side)

        assert said
        assert "“”" not in said
        for each in (Outcome(side, up), Outcome(up, side), Outcome(side, side)):
            has_advice = bool(advice.why(each))
            both = each.caller.ending is each.callee.ending is Ending.ANSWERED
            assert has_advice is not both
            assert card._summary(each).endswith(".")


def test_no_word_says_that_somebody_answered_if_ringcentral_does_not() -> None:
    """A reason that denies it is not overruled by the result, nor the other way."""
    for side in PAIRS:
        by_reason = REASON_ENDINGS.get(side.reason, Ending.UNKNOWN)
        by_result = RESULT_ENDINGS.get(side.result, Ending.UNKNOWN)
        if not CLAIM.search(words.ending(side)):
            continue
        assert by_reason not in FAILURES or by_result is Ending.ELSEWHERE
        assert {by_result, by_reason} & {
            Ending.ANSWERED,
            Ending.NOT_ACCEPTED,
            Ending.ELSEWHERE,
        }


def test_a_card_says_nobody_was_connected_only_where_a_side_rules_it_out() -> None:
    """All pairs of endings; and talk only where both were connected."""
    for one, other in product(Ending, Ending):
        said = card._summary(Outcome(Side(one), Side(other)))

        assert "thread says" not in said
        if "Nobody" in said:
            assert {one, other} & FAILURES
        if "Both were connected" in said:
            assert one is other is Ending.ANSWERED


@pytest.mark.parametrize(
    ("result", "reason", "said"),
    [
        ("Call connected", "", "connected"),
        ("Call connected", "Unknown", "connected"),
        ("Call connected", "Accepted", "answered"),
        ("Accepted", "", "answered"),
        (
            "Answered Not Accepted",
            "Connected",
            "picked up, but nobody pressed 1 (a voicemail, perhaps)",
        ),
        ("Blocked", "Number Blocked", "in your own blocked numbers"),
        ("Blocked", "", "blocked"),
        ("Stopped", "", "picked up on another phone"),
        ("Answered Elsewhere", "", "picked up on another phone"),
        ("International Restriction", "", "blocked by the plan"),
        ("Suspended", "", "blocked by the plan"),
        ("911", "", "emergency call"),
        ("933", "", "emergency call"),
        ("Callback requested", "", "callback requested"),
        ("Fax Not Sent", "", "fax not sent"),
        ("Received", "", "fax received"),
        ("Sent", "", "fax sent"),
        ("Partial Receive", "", "fax partly received"),
        ("", "Fax Save Error", "fax not saved"),
        ("Unknown", "Unknown", "not known"),
        ("ResultEmpty", "", "not known"),
        ("Reply", "", "RingCentral says “Reply”"),
        (
            "Call connected",
            "Line Busy",
            "RingCentral says “Call connected · Line Busy”",
        ),
        ("Call Failed", "Max Call Limit", "too many calls at once"),
        ("Call Failed", "Line Busy", "busy"),
        ("Call Failed", "Not Answered", "no answer"),
    ],
)
def test_the_word_for_a_result_and_its_reason(
    result: str, reason: str, said: str
) -> None:
    """The rows that were told wrong."""
    assert word(result, reason) == said


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("No Credit", "calling credit"),
        ("International Disabled", "international calls"),
        ("International Restricted", "international calls"),
        ("Bad Number", "Check the number"),
        ("Wrong Number", "Check the number"),
        ("Restricted Number", "does not allow"),
        ("Number Disabled", "does not allow"),
        ("No Digital Line", "not connected"),
        ("Emergency Address not defined", "emergency address"),
        ("Max Call Limit", "as many calls as it may have"),
        ("Too Many Calls", "as many calls as it may have"),
        ("Call Loop", "forwards calls"),
        ("Calls Not Accepted", "not accepting calls"),
        ("Number Blocked", "blocked numbers"),
        ("Line Busy", "busy"),
        ("Not Answered", "did not answer"),
    ],
)
def test_a_failed_call_gets_the_advice_of_its_reason(reason: str, said: str) -> None:
    """Only failures that pass by themselves are to be tried again in a minute."""
    up = Side(Ending.ANSWERED, "Accepted")
    failed = Side(ending_of("Call Failed", reason), "Call Failed", reason)

    text = advice.why(Outcome(up, failed))

    assert said in text
    assert "in a minute" not in text


@pytest.mark.parametrize(
    ("legs", "said"),
    [
        (
            (to_subscriber("Call connected", reason="Accepted"),),
            "The other party's phone was connected; the caller's side is not known.",
        ),
        ((), "Whether both were connected is not known."),
        ((to_caller("No Answer"),), "Nobody was connected."),
        (
            (to_caller(), to_subscriber("Call connected", reason="Accepted")),
            "Both were connected for 1 min 2 s.",
        ),
        (
            (to_caller(), to_subscriber("Call connected")),
            "Both were connected for 1 min 2 s (to a person or a machine).",
        ),
    ],
    ids=["one leg shown", "no legs", "caller alone", "both", "machine or person"],
)
def test_the_card_says_what_is_known_and_that_the_rest_is_not(
    legs: tuple[object, ...], said: str
) -> None:
    """A missing side is not a failed one."""
    shown = Entry(record(legs=legs))  # type: ignore[arg-type]
    found = outcome.of(shown, CALLEE)

    assert found is not None
    assert card._summary(found).startswith(said)


def test_no_talk_time_is_made_up() -> None:
    """Without a length both were connected, and no more is said."""
    side = Side(Ending.ANSWERED, "Accepted")

    assert card._summary(Outcome(side, side, None)) == "Both were connected."
    assert "0 s" in card._summary(Outcome(side, side, timedelta(0)))
