"""Each result of RingCentral's has a word and an advice, and neither claims too much."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from bot.calls.call import End, State
from bot.calls.figures import Figures
from bot.calls.log import outcome
from bot.calls.log.ending import (
    FAILURES,
    REACHED,
    REASON_ENDINGS,
    RESULT_ENDINGS,
    Ending,
    ending_of,
)
from bot.calls.log.leg import Entry
from bot.calls.log.outcome import Outcome, Side
from bot.slack.texts import advice, figures, reply, result_line, words
from bot.slack.texts.parties import SideNames, of
from builders import CALLEE, record, to_caller, to_subscriber
from intents import a_call
from openapi_check import SPEC, spec
from selection import VENDORS

CLAIM = re.compile(r"^(answered|connected|picked up)", re.IGNORECASE)
ONE_LINE = 110
"""Characters that fit on one line of a card, at 1280 pixels."""

RINGCENTRALS = re.compile(r"RingCentral says “[^”]+”")

MINE = of(a_call(), full=False, private=True)
OURS = of(a_call(), full=False, private=False)

PAIRS = [
    Side(ending_of(result, reason), result, reason)
    for result, reason in product(["", *RESULT_ENDINGS], ["", *REASON_ENDINGS])
]


def enum(name: str) -> list[str]:
    """Return the values of an enum of RingCentral's document."""
    if not SPEC.exists():
        pytest.skip(f"no OpenAPI document: {VENDORS}")
    values: list[str] = spec()["components"]["schemas"][name]["enum"]
    return values


def line(outcome: Outcome, parties: SideNames = OURS) -> str:
    """Return a card's first line."""
    return result_line.of_outcome(outcome, parties).said


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
            has_advice = bool(advice.why(each, OURS))
            both = each.caller.ending is each.callee.ending is Ending.ANSWERED
            assert has_advice is not both
            first = result_line.of_outcome(each, OURS)
            assert "…0142" in first.said
            assert "\n" not in first.said + first.more
            assert len(first.more) <= ONE_LINE
            assert not re.search(r"\b[Yy]ours?\b|\b[Yy]ou\b", first.said + first.more)
            assert "{" not in first.said + first.more


def check_told(entry: Entry) -> None:
    """Assert that a card tells what *entry* shows, and no more."""
    found = outcome.read(entry, CALLEE)
    for parties in (MINE, OURS):
        first = result_line.of_outcome(found, parties)

        assert parties.number in first.said
        assert len(first.more) <= ONE_LINE
        assert "Talked" not in first.said or found.talked is not None
        assert "Talked" not in first.said or outcome.is_accepted(found.callee)


def test_a_card_tells_every_result_and_reason_of_the_document_on_each_leg() -> None:
    """45 results, 39 reasons, on the caller's leg and on the callee's."""
    pairs = product(["", *enum("CallResultEnum")], ["", *enum("CallResultReasonEnum")])
    for result, reason in pairs:
        theirs = to_subscriber(result, reason=reason)
        check_told(Entry(record(legs=(to_caller(), theirs))))
        check_told(Entry(record(legs=(to_caller(result, reason=reason),))))


def test_a_card_tells_every_leg_type_of_the_document() -> None:
    """Also those that are of neither side."""
    for leg_type, result in product(enum("CallLegTypeEnum"), RESULT_ENDINGS):
        leg = to_subscriber(result, leg_type=leg_type)
        check_told(Entry(record(legs=(to_caller(), leg), result=result)))
        check_told(Entry(record(legs=(leg,), result=result)))


def test_no_word_says_that_somebody_answered_if_ringcentral_does_not() -> None:
    """A reason that denies it is not overruled by the result, nor the other way."""
    for side in PAIRS:
        by_reason = REASON_ENDINGS.get(side.reason, Ending.UNKNOWN)
        by_result = RESULT_ENDINGS.get(side.result, Ending.UNKNOWN)
        if not CLAIM.search(words.ending(side)):
            continue
        assert by_reason not in FAILURES
        assert {by_result, by_reason} & {
            Ending.ANSWERED,
            Ending.NOT_ACCEPTED,
            Ending.ELSEWHERE,
        }


def test_the_first_line_claims_no_more_than_both_sides_say() -> None:
    """All pairs of endings: talk only where both were connected, and by a person."""
    for one, other in product(Ending, Ending):
        told = Outcome(Side(one), Side(other), timedelta(seconds=62))
        for parties in (MINE, OURS):
            said = line(told, parties)

            if "Talked" in said:
                assert one is other is Ending.ANSWERED
            if "Connected" in said:
                assert other is Ending.ANSWERED
                assert one not in FAILURES
            if "wasn't called" in said:
                assert other is Ending.NOT_DIALED
            if "No answer from" in said:
                assert other is Ending.NO_ANSWER


def test_each_ending_has_a_line_of_its_own() -> None:
    """Two results that read alike could not be told apart at a glance."""
    up = Side(Ending.ANSWERED, "Accepted")
    first = [line(Outcome(up, Side(each))) for each in Ending]
    second = [line(Outcome(Side(each), up)) for each in Ending if each in FAILURES]

    assert len(set(first)) == len(first)
    assert set(second) == {"Result unclear: …0142"}


def test_each_sign_stands_in_words_too() -> None:
    """A sign alone says nothing to a screen reader, or to who does not know it."""
    up = Side(Ending.ANSWERED, "Accepted")
    for one, other in product([up, *map(Side, Ending)], repeat=2):
        told = result_line.of_outcome(Outcome(one, other), OURS)

        assert told.headline.endswith(f"*{told.said}*")
        assert told.said.isascii() or told.said.replace("…", "").isascii()
        assert told.sign not in told.spoken or not told.sign


@pytest.mark.parametrize(
    ("side", "said"),
    [
        (Side(Ending.ANSWERED, "Accepted"), "answered"),
        (Side(Ending.ANSWERED, "Call connected"), "connected"),
        (Side(Ending.NO_ANSWER, "No Answer"), "no answer"),
        (Side(Ending.NO_ANSWER, "Call Failed", "Not Answered"), "no answer"),
        (Side(Ending.NO_ANSWER, "Missed"), "no answer (Missed)"),
        (Side(Ending.BUSY, "Call Failed", "Line Busy"), "busy"),
        (Side(Ending.FAILED, "Call Failed"), "failed"),
        (Side(Ending.FAILED, "Internal Error"), "failed (Internal Error)"),
        (
            Side(Ending.BLOCKED, "International Disabled"),
            "not allowed by the plan (International Disabled)",
        ),
        (
            Side(Ending.LINE_FAULT, "Carrier is not active"),
            "line not working (Carrier is not active)",
        ),
        (
            Side(Ending.FORBIDDEN, "Not Allowed", "Info 411 Restricted"),
            "number not allowed (Info 411 Restricted)",
        ),
        (
            Side(Ending.BLOCKED, "Call Failed", "+14155550142"),
            "not allowed by the plan",
        ),
        (Side(Ending.UNKNOWN, "Reply"), "RingCentral says “Reply”"),
    ],
)
def test_ringcentral_s_own_word_stands_where_it_says_more(
    side: Side, said: str
) -> None:
    """In brackets it only repeats ours, mostly; a number in it is nobody's business."""
    assert words.told(side) == said


@pytest.mark.parametrize(
    ("result", "reason", "said"),
    [
        ("Call connected", "", "connected"),
        ("Call connected", "Unknown", "connected"),
        ("Call connected", "Accepted", "answered"),
        ("Accepted", "", "answered"),
        ("Call accepted", "", "answered"),
        ("Connected", "", "answered"),
        ("Connected", "Unknown", "answered"),
        (
            "Answered Not Accepted",
            "Hang Up",
            "RingCentral says “Answered Not Accepted · Hang Up”",
        ),
        ("International Restricted", "", "number not allowed"),
        (
            "Answered Not Accepted",
            "Connected",
            "picked up, but nobody pressed 1 (a voicemail, perhaps)",
        ),
        ("Blocked", "Number Blocked", "in own blocked numbers"),
        ("Blocked", "", "blocked"),
        ("Stopped", "", "picked up on another phone"),
        ("Stopped", "Hang Up", "RingCentral says “Stopped · Hang Up”"),
        ("Answered Elsewhere", "", "picked up on another phone"),
        ("International Restriction", "", "not allowed by the plan"),
        ("Suspended", "", "not allowed by the plan"),
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
        ("Call Failed", "Max Call Limit", "too many calls"),
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
        ("No Credit", "add calling credit"),
        ("International Disabled", "international calls"),
        (
            "International Restricted",
            "Ask a RingCentral administrator whether it can be allowed",
        ),
        ("Bad Number", "Check the number"),
        ("Wrong Number", "Check the number"),
        ("Restricted Number", "not allowed"),
        ("Number Disabled", "not allowed"),
        ("No Digital Line", "offline"),
        ("Emergency Address not defined", "emergency address"),
        ("Max Call Limit", "Too many calls: "),
        ("Too Many Calls", "Too many calls: "),
        ("Call Loop", "forwards calls"),
        ("Calls Not Accepted", "wasn't accepting calls"),
        ("Number Blocked", "blocked numbers"),
        ("Line Busy", "Busy"),
        ("Not Answered", "No answer from"),
    ],
)
def test_a_failed_call_gets_the_advice_of_its_reason(reason: str, said: str) -> None:
    """Only failures that pass by themselves are to be tried again in a minute."""
    up = Side(Ending.ANSWERED, "Accepted")
    failed = Side(ending_of("Call Failed", reason), "Call Failed", reason)

    told = result_line.of_outcome(Outcome(up, failed), MINE)
    text = f"{told.said} {told.more}"

    assert said in text
    assert "in a minute" not in text


@pytest.mark.parametrize(
    ("legs", "said"),
    [
        (
            (to_subscriber("Call connected", reason="Accepted"),),
            "Connected to …0142; <@U1>'s side isn't in the log",
        ),
        ((), "RingCentral says “Call connected”: …0142"),
        (
            (to_caller("No Answer"),),
            "<@U1> didn't pick up, so …0142 wasn't called",
        ),
        (
            (to_caller("Call connected", seconds=40),),
            "Result unclear: …0142 isn't in the log",
        ),
        (
            (to_caller(), to_subscriber("Call connected", reason="Accepted")),
            "Talked for 1 min 2 s with …0142",
        ),
        (
            (to_caller(), to_subscriber("Call connected")),
            "Connected for 1 min 2 s to …0142",
        ),
    ],
    ids=[
        "one leg shown",
        "no legs",
        "caller alone",
        "caller alone, connected",
        "both",
        "machine or person",
    ],
)
def test_the_card_says_what_is_known_and_that_the_rest_is_not(
    legs: tuple[object, ...], said: str
) -> None:
    """A missing side is not a failed one."""
    shown = Entry(record(legs=legs))  # type: ignore[arg-type]
    found = outcome.of(shown, CALLEE)

    assert found is not None
    assert line(found) == said


def test_no_talk_time_is_made_up() -> None:
    """Without a length both were connected, and no more is said."""
    side = Side(Ending.ANSWERED, "Accepted")

    assert line(Outcome(side, side, None)) == "Connected to …0142"
    assert line(Outcome(side, side, timedelta(0))) == "Connected to …0142"
    call = a_call(state=State.DONE, end=End.RECORDED)
    for length in (None, timedelta(0)):
        ended = replace(call, outcome=Outcome(side, side, length))
        told = reply.reply(ended, full=False, give_up=timedelta(seconds=900))
        assert "alk" not in told.text


def test_sums_without_talk_time_do_not_name_it() -> None:
    """A report and a digest of calls that nobody answered."""
    for length in (timedelta(0), timedelta(milliseconds=300)):
        assert "alk" not in str(figures.lines(Figures(calls=2, talked=length), 0))
    talked = Figures(calls=2, talked=timedelta(seconds=63))
    assert "Talk time: 1 min 3 s" in figures.lines(talked, 0)


def test_what_an_administrator_has_forbidden_is_no_matter_of_the_plan() -> None:
    """By RingCentral's description of the reason, under any result."""
    up = Side(Ending.ANSWERED, "Accepted")
    for result, reason in (
        ("International Restricted", ""),
        ("International Restricted", "International Restricted"),
        ("Hang Up", "International Restricted"),
        ("Call Failed", "International Restricted"),
        ("Not Allowed", "Number Disabled"),
    ):
        side = Side(ending_of(result, reason), result, reason)
        said = line(Outcome(up, side)) + words.told(side)
        assert "plan" not in said + advice.why(Outcome(up, side), OURS)
        assert "admin" in advice.why(Outcome(up, side), OURS)


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (Ending.EMERGENCY, "was logged as an emergency call"),
        (Ending.CALLBACK, "was logged as a callback request"),
        (Ending.PHONE_LOGIN, "was logged as a login by phone"),
        (Ending.FAX, "was logged as a fax"),
        (Ending.ELSEWHERE, "was picked up on another phone"),
        (Ending.NOT_LOGGED, "isn't in the log"),
        (Ending.UNKNOWN, "isn't known"),
    ],
)
def test_the_other_side_of_a_connected_call_is_told_in_a_sentence(
    ending: Ending, said: str
) -> None:
    """It read: side was emergency call."""
    told = line(Outcome(Side(ending), Side(ending_of("Accepted", ""), "Accepted")))

    assert told == f"Connected to …0142; <@U1>'s side {said}"


def test_a_call_that_something_else_stopped_is_told_as_that() -> None:
    """Nobody can tell what did; that the other party's phone did not ring is known."""
    stopped = Outcome(Side(Ending.STOPPED, "Stopped"), Side(Ending.NOT_DIALED))

    assert line(stopped) == "<@U1>'s phone stopped ringing, so …0142 wasn't called"
    assert words.ending(stopped.caller) == "stopped ringing"
    assert advice.why(stopped, OURS) == "If nobody meant that, call again."


def test_the_advice_is_about_what_the_first_line_tells() -> None:
    """A callback that was asked for is nothing to wait for if their phone was busy."""
    for one, other in product(Ending, advice.CALLEE_ADVICE):
        if one in FAILURES | REACHED or other in {Ending.NOT_DIALED, *REACHED}:
            continue
        told = Outcome(Side(one), Side(other))
        same = Outcome(Side(Ending.ANSWERED, "Accepted"), Side(other))

        assert advice.why(told, OURS) == advice.why(same, OURS)
        assert line(told) == line(same)
