"""What a result and its reason say together: neither hides what the other tells."""

from __future__ import annotations

from itertools import product

import pytest

from bot.calls.log.ending import (
    FAILURES,
    IN_OTHER_WORDS,
    OPEN_RESULTS,
    REASON_ENDINGS,
    RESULT_ENDINGS,
    Ending,
    ending_of,
)
from bot.calls.log.outcome import Outcome, Side
from bot.slack.texts import result_line, words
from bot.slack.texts.parties import of
from intents import a_call

OURS = of(a_call(), full=False, private=False)
UP = Side(Ending.ANSWERED, "Accepted")
PAIRS = [
    Side(ending_of(result, reason), result, reason)
    for result, reason in product(["", *RESULT_ENDINGS], ["", *REASON_ENDINGS])
]

SAYING_NO_MORE = {
    *("Unknown", "Accepted", "Connected", "Not Answered", "No Answer"),
}
"""Reasons that may add nothing to a result: that a call was answered, or was not."""


DECLINED = [
    each
    for each, meant in RESULT_ENDINGS.items()
    if meant is Ending.DECLINED and each not in OPEN_RESULTS
]


def says(side: Side, reason: str) -> bool:
    """Whether a reason is told: in RingCentral's words, or by our word for it."""
    told = words.told(side)
    own = words.told(Side(ending_of("", reason), "", reason)).split(" (")[0]
    return reason.casefold() in told.casefold() or told.startswith(own)


def test_no_reason_that_says_more_than_its_result_vanishes() -> None:
    """All results by all reasons: "canceled" did not tell that there was no credit."""
    for result, reason in product(["", *RESULT_ENDINGS], REASON_ENDINGS):
        side = Side(ending_of(result, reason), result, reason)
        meant = (RESULT_ENDINGS.get(result), REASON_ENDINGS[reason])
        if reason in SAYING_NO_MORE or meant == IN_OTHER_WORDS:
            continue
        assert says(side, reason), (result, reason, words.told(side))


def test_no_reason_is_overruled_by_a_result_that_says_the_opposite() -> None:
    """Somebody was there, or nobody was: with both, RingCentral's own words are shown."""
    up = {"Call connected", "Accepted", "Call accepted", "Connected"}
    vague = {"", "Unknown"}
    for result, reason in product(["", *RESULT_ENDINGS], REASON_ENDINGS):
        side = Side(ending_of(result, reason), result, reason)
        meant = RESULT_ENDINGS.get(result, Ending.UNKNOWN)
        denied = meant in FAILURES and reason == "Accepted"
        asserted = result in up and REASON_ENDINGS[reason] in FAILURES
        if (denied or asserted) and result not in vague:
            assert words.told(side) == f"RingCentral says “{result} · {reason}”"


@pytest.mark.parametrize(
    ("result", "reason", "said", "first"),
    [
        ("Hang Up", "No Credit", "no calling credit (Hang Up)", "No calling credit"),
        (
            "Hang Up",
            "Number Blocked",
            "in own blocked numbers (Hang Up)",
            "In <@U1>'s own blocked numbers",
        ),
        ("Hang Up", "Line Busy", "busy (Hang Up)", "Busy"),
        ("Hang Up", "Not Answered", "canceled", "Hung up before"),
        (
            "Hang Up",
            "Connected",
            "RingCentral says “Hang Up · Connected”",
            "RingCentral says “Hang Up · Connected”",
        ),
        ("Busy", "Hang Up", "busy (Hang Up)", "Busy"),
        ("Busy", "Internal Error", "busy (Internal Error)", "Busy"),
        ("Hang Up", "Failed Try Again", "failed (Hang Up)", "Call failed"),
        ("911", "Stopped", "emergency call (Stopped)", "Logged as an emergency call"),
        ("Voicemail", "Connected", "voicemail", "Voicemail"),
        ("Voicemail", "Line Busy", "voicemail (Line Busy)", "Voicemail"),
        (
            "Voicemail",
            "Number Blocked",
            "RingCentral says “Voicemail · Number Blocked”",
            "RingCentral says “Voicemail · Number Blocked”",
        ),
        (
            "Voicemail",
            "No Credit",
            "RingCentral says “Voicemail · No Credit”",
            "RingCentral says “Voicemail · No Credit”",
        ),
        ("Declined", "Call Loop", "forwarded in a loop (Declined)", "Forwarded in"),
        ("Fax Not Sent", "Line Busy", "fax not sent (Line Busy)", "Fax not sent"),
        (
            "No Answer",
            "Accepted",
            "RingCentral says “No Answer · Accepted”",
            "RingCentral says “No Answer · Accepted”",
        ),
        (
            "Hang Up",
            "Brand New Reason",
            "canceled (Brand New Reason)",
            "Hung up before",
        ),
        ("Call connected", "Brand New", "connected (Brand New)", "Connected"),
        ("Stopped", "No Credit", "RingCentral says “Stopped · No Credit”", "Ring"),
        (
            "International Restriction",
            "",
            "not allowed by the plan (International Restriction)",
            "Not allowed by the plan",
        ),
        (
            "Call Failed",
            "Max Call Limit",
            "too many calls (Max Call Limit)",
            "Too many",
        ),
        (
            "Suspended account",
            "Line Busy",
            "not allowed by the plan (Suspended account · Line Busy)",
            "Not allowed by the plan",
        ),
        (
            "Wrong Number",
            "Max Call Limit",
            "too many calls (Max Call Limit · Wrong Number)",
            "Too many calls",
        ),
    ],
)
def test_what_a_clear_result_and_its_reason_say_together(
    result: str, reason: str, said: str, first: str
) -> None:
    """In the reply and on the card."""
    side = Side(ending_of(result, reason), result, reason)

    assert words.told(side) == said
    assert result_line.of_outcome(Outcome(UP, side), OURS).said.startswith(first)


def test_no_sentence_says_how_the_bot_or_ringcentral_works_inside() -> None:
    """People read what happened, and what to do next."""
    for one, other in product(
        [*PAIRS[::7], *map(Side, Ending)], [UP, *map(Side, Ending)]
    ):
        told = result_line.of_outcome(Outcome(one, other), OURS)
        assert "contradict" not in told.said + told.more
        assert "at once" not in told.said + told.more


def test_the_card_and_the_reply_have_one_word_for_a_fact() -> None:
    """Two words for one result read like two results."""
    for ending, (_, said) in result_line.CALLEE_LINES.items():
        if ending in {Ending.OWN_BLOCK, Ending.TOO_MANY, Ending.BLOCKED, Ending.LOOP}:
            plain = said.removesuffix(": {other}").replace("{whose} ", "")
            assert plain.casefold() == words.ENDINGS[ending]


@pytest.mark.parametrize("result", DECLINED)
def test_who_declines_accepts_no_call(result: str) -> None:
    """The reason is the same fact in other words, and sounds as if the account was off."""
    reason = "Calls Not Accepted"

    assert words.told(Side(ending_of(result, reason), result, reason)) == "declined"
