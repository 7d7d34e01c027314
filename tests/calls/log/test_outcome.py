"""Results of both sides from records of every shape: true, or said to be unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from bot.calls.log import outcome
from bot.calls.log.ending import (
    FAILURES,
    REACHED,
    REASON_ENDINGS,
    RESULT_ENDINGS,
    Ending,
    ending_of,
    key_of,
)
from bot.calls.log.leg import Entry, Leg, Record
from builders import (
    CALLEE,
    CALLER,
    entry,
    inbound,
    party,
    record,
    to_caller,
    to_subscriber,
)
from openapi_check import SPEC, spec
from selection import VENDORS

SEED = record(
    "seed",
    action="RingOut PC",
    seconds=19,
    legs=(
        to_subscriber("Call connected", callee=CALLER, seconds=20, master=False),
        to_caller("Call connected", caller=CALLEE, callee=CALLER, seconds=19),
    ),
)
"""A published record of a RingOut by an app: its legs' numbers are mirrored."""

ANSWERED = {Ending.ANSWERED, Ending.NOT_ACCEPTED}


def enum(name: str) -> list[str]:
    """Return the values of an enum of RingCentral's document."""
    if not SPEC.exists():
        pytest.skip(f"no OpenAPI document: {VENDORS}")
    values: list[str] = spec()["components"]["schemas"][name]["enum"]
    return values


def seconds(length: timedelta | None) -> float | None:
    """Return a length in seconds."""
    return None if length is None else length.total_seconds()


def test_talk_time_is_no_longer_than_the_shorter_leg() -> None:
    """The seed's record: 19 s, and a callee's leg of 20 s."""
    found = outcome.of(Entry(SEED), CALLEE)

    assert found is not None
    assert found.caller.ending is found.callee.ending is Ending.ANSWERED
    assert seconds(found.talked) == 19


@pytest.mark.parametrize(
    ("first", "second", "whole", "half", "talked"),
    [
        (74, 62, 74, None, 62),
        (19, 20, 19, None, 19),
        (None, 20, 19, None, 19),
        (None, 20, None, None, 20),
        (19, None, 19, None, None),
        (None, None, 19, 19, None),
        (74, 62, 74, 30, 30),
        (0, 62, 74, None, None),
        (0.3, 0.3, 74, None, None),
        (0.6, 62, 74, None, 0.6),
    ],
)
def test_a_missing_length_is_left_out_and_none_is_exceeded(
    first: float | None,
    second: float | None,
    whole: float | None,
    half: float | None,
    talked: float | None,
) -> None:
    """``duration`` is optional everywhere: "0 s" would be made up, or says nothing."""

    def length(value: float | None) -> timedelta | None:
        return None if value is None else timedelta(seconds=value)

    legs = (
        replace(to_subscriber(), duration=length(second)),
        replace(to_caller(), duration=length(first)),
    )
    own = replace(record(legs=legs), duration=length(whole))
    other = None if half is None else replace(inbound(), duration=length(half))

    found = outcome.of(Entry(own, other), CALLEE)

    assert found is not None
    assert seconds(found.talked) == talked


@pytest.mark.parametrize(("result", "reason"), RESULT_ENDINGS.items(), ids=str)
def test_the_two_tables_are_of_the_documents_own_words(
    result: str, reason: Ending
) -> None:
    """However it is spelled: ``line Busy``, ``CallFailed``."""
    loud = result.upper().replace(" ", "")

    assert ending_of(loud, "") is reason


def test_every_result_and_reason_of_the_document_is_in_its_table() -> None:
    """45 and 39, but for the one that is no end."""
    running = {"In Progress"}

    assert set(enum("CallResultEnum")) - running <= set(RESULT_ENDINGS)
    assert set(enum("CallResultReasonEnum")) == set(REASON_ENDINGS)


@pytest.mark.parametrize(
    ("result", "reason", "ending"),
    [
        ("Answered Not Accepted", "Connected", Ending.NOT_ACCEPTED),
        ("Call connected", "Connected", Ending.NOT_ACCEPTED),
        ("Missed", "Connected", Ending.NOT_ACCEPTED),
        ("Answered Not Accepted", "Not Answered", Ending.NO_ANSWER),
        ("Call accepted", "", Ending.ANSWERED),
        ("Connected", "", Ending.ANSWERED),
        ("", "Accepted", Ending.ANSWERED),
        ("Blocked", "", Ending.BARRED),
        ("Blocked", "Number Blocked", Ending.OWN_BLOCK),
        ("Stopped", "Stopped", Ending.ELSEWHERE),
        ("Stopped", "Hang Up", Ending.UNKNOWN),
        ("Answered Elsewhere", "Hang Up", Ending.UNKNOWN),
        ("Stopped", "Line Busy", Ending.UNKNOWN),
        ("Hang Up", "Stopped", Ending.UNKNOWN),
        ("No Answer", "Stopped", Ending.ELSEWHERE),
        ("Answered Elsewhere", "", Ending.ELSEWHERE),
        ("International Restriction", "", Ending.BLOCKED),
        ("International Restricted", "", Ending.FORBIDDEN),
        ("International Restricted", "International Restricted", Ending.FORBIDDEN),
        ("Hang Up", "No Credit", Ending.NO_CREDIT),
        ("Hang Up", "Number Blocked", Ending.OWN_BLOCK),
        ("Hang Up", "Line Busy", Ending.BUSY),
        ("Hang Up", "Not Answered", Ending.CANCELED),
        ("Hang Up", "Connected", Ending.UNKNOWN),
        ("Busy", "Hang Up", Ending.BUSY),
        ("Busy", "Accepted", Ending.UNKNOWN),
        ("No Answer", "Accepted", Ending.UNKNOWN),
        ("Call Failed", "Accepted", Ending.UNKNOWN),
        ("Voicemail", "Connected", Ending.VOICEMAIL),
        ("Voicemail", "Not Answered", Ending.VOICEMAIL),
        ("Voicemail", "Number Blocked", Ending.UNKNOWN),
        ("Voicemail", "No Credit", Ending.UNKNOWN),
        ("Stopped", "Accepted", Ending.UNKNOWN),
        ("911", "Emergency Address not defined", Ending.EMERGENCY),
        ("Suspended", "", Ending.BLOCKED),
        ("911", "", Ending.EMERGENCY),
        ("933", "", Ending.EMERGENCY),
        ("Callback requested", "", Ending.CALLBACK),
        ("Call Failed", "No Credit", Ending.NO_CREDIT),
        ("Call Failed", "International Disabled", Ending.BLOCKED),
        ("Call Failed", "International Restricted", Ending.FORBIDDEN),
        ("Call Failed", "Bad Number", Ending.BAD_NUMBER),
        ("Call Failed", "Wrong Number", Ending.BAD_NUMBER),
        ("Call Failed", "Restricted Number", Ending.FORBIDDEN),
        ("Call Failed", "Number Disabled", Ending.FORBIDDEN),
        ("Call Failed", "No Digital Line", Ending.DEVICE_OFFLINE),
        ("Call Failed", "Emergency Address not defined", Ending.NO_ADDRESS),
        ("Call Failed", "Max Call Limit", Ending.TOO_MANY),
        ("Call Failed", "Too Many Calls", Ending.TOO_MANY),
        ("Call Failed", "Call Loop", Ending.LOOP),
        ("Call Failed", "Calls Not Accepted", Ending.NOT_ACCEPTING),
        ("Call Failed", "", Ending.FAILED),
        ("", "line Busy", Ending.BUSY),
        ("Something New", "Line Busy", Ending.BUSY),
        ("Something New", "Accepted", Ending.UNKNOWN),
        ("Call connected", "Line Busy", Ending.UNKNOWN),
    ],
)
def test_the_result_and_its_reason_decide_together(
    result: str, reason: str, ending: Ending
) -> None:
    """To call again in a minute does not help against a forwarding loop."""
    assert ending_of(result, reason) is ending


@pytest.mark.parametrize(("reason", "meaning"), REASON_ENDINGS.items(), ids=str)
def test_a_phone_that_was_picked_up_was_not_busy_or_hung_up(
    reason: str, meaning: Ending
) -> None:
    """``Answered Not Accepted`` with each of the 39 reasons.

    That nobody answered may mean that nobody accepted the call. Where a reason denies the
    pick-up, neither is believed.
    """
    believed = {Ending.UNKNOWN: Ending.NOT_ACCEPTED, Ending.ANSWERED: Ending.UNKNOWN}
    believed |= dict.fromkeys(FAILURES - {Ending.NO_ANSWER}, Ending.UNKNOWN)

    assert ending_of("Answered Not Accepted", reason) is believed.get(meaning, meaning)


@pytest.mark.parametrize(
    ("result", "reason", "accepted"),
    [
        ("Accepted", "", True),
        ("Call accepted", "", True),
        ("CallAccepted", "Unknown", True),
        ("Connected", "", True),
        ("Call connected", "Accepted", True),
        ("Call connected", "", False),
        ("Answered Not Accepted", "Connected", False),
        ("", "Connected", False),
    ],
)
def test_only_a_result_that_says_so_means_an_answer(
    result: str, reason: str, *, accepted: bool
) -> None:
    """``Connected`` is an answer as a result; as a reason, somebody only picked up."""
    side = outcome.Side(ending_of(result, reason), result, reason)

    assert outcome.is_accepted(side) is accepted


def test_no_result_with_no_reason_says_more_than_the_two() -> None:
    """All 45 by all 39 on all legs: answered only where neither denies it."""
    results, reasons = enum("CallResultEnum"), enum("CallResultReasonEnum")
    picked_up = {"Accepted", "Connected"}
    for result, reason in product([*results, ""], [*reasons, ""]):
        ending = ending_of(result, reason)
        by_reason = REASON_ENDINGS.get(reason, Ending.UNKNOWN)
        if ending is Ending.ANSWERED:
            vague = {"", "Unknown"}
            assert result in {"Call connected", "Accepted", *vague}
            assert reason in {"Accepted", "", "Unknown"}
            assert result not in vague or reason == "Accepted"
        if ending is Ending.NOT_ACCEPTED:
            assert "Connected" in reason or result == "Answered Not Accepted"
        if ending in FAILURES:
            both = {RESULT_ENDINGS.get(result, Ending.UNKNOWN), by_reason}
            assert ending in both
        if by_reason in FAILURES and reason not in picked_up:
            assert ending not in ANSWERED


def test_a_leg_of_any_type_tells_of_its_own_side_alone() -> None:
    """No other leg type of the document is taken for the caller or the callee."""
    for leg_type in enum("CallLegTypeEnum"):
        busy = Leg(leg_type=leg_type, result="Busy")
        found = outcome.read(Entry(record(legs=(busy,), result="")), CALLEE)
        to_first, to_second = busy.is_to_caller, busy.is_to_subscriber

        assert leg_type.startswith("RingOut") or not (to_first or to_second)
        assert (found.caller.ending is Ending.BUSY) is to_first
        assert (found.callee.ending is Ending.BUSY) is to_second
        assert found.talked is None


PAIR = record(
    "out",
    legs=(),
    seconds=24,
    reason="",
    caller=CALLEE,
    callee=CALLER,
)


@pytest.mark.parametrize(
    ("theirs", "ours", "callee", "talked"),
    [
        ("Call connected", "Accepted", Ending.ANSWERED, 24),
        ("Busy", "Accepted", Ending.BUSY, None),
        ("Voicemail", "Accepted", Ending.VOICEMAIL, None),
        ("Call connected", "Missed", Ending.NOT_DIALED, None),
        ("No Answer", "Accepted", Ending.NO_ANSWER, None),
    ],
)
def test_with_the_callers_half_there_the_ring_out_tells_of_the_callee(
    theirs: str, ours: str, callee: Ending, talked: int | None
) -> None:
    """A pair without legs: its second record is the caller's, so the first is not."""
    half = inbound(result=ours, seconds=38)

    found = outcome.of(Entry(replace(PAIR, result=theirs), half), CALLEE)

    assert found is not None
    assert found.callee.ending is callee
    assert seconds(found.talked) == talked


RECORD_RESULTS = ["Call connected", "Accepted", "Busy", "No Answer", "Voicemail"]
NEVER_JOINED = FAILURES | {Ending.NOT_ACCEPTED, Ending.VOICEMAIL}
"""How the caller's leg ends where the other party's phone need not ring."""


@pytest.mark.parametrize("whole", RECORD_RESULTS)
def test_a_leg_of_the_callers_alone_says_that_nobody_was_called_only_if_it_failed(
    whole: str,
) -> None:
    """All results by all reasons: who was on the line may have talked with the callee."""
    pairs = product(["", *RESULT_ENDINGS], ["", *REASON_ENDINGS])
    for result, reason in pairs:
        leg = to_caller(result, reason=reason, leg_type="RingOutOneLegToCaller")
        found = outcome.read(Entry(record(legs=(leg,), result=whole)), CALLEE)

        failed = found.caller.ending in NEVER_JOINED
        expected = Ending.NOT_DIALED if failed else Ending.NOT_LOGGED
        assert found.callee.ending is expected, (result, reason)
        assert found.talked is None
        if RESULT_ENDINGS[whole] in REACHED:
            assert found.caller.ending is not Ending.STOPPED


@pytest.mark.parametrize("whole", RECORD_RESULTS)
@pytest.mark.parametrize("result", ["Call connected", "No Answer", "Voicemail"])
def test_nobody_hears_that_a_phone_was_not_called_that_was_seen_to_ring(
    result: str, whole: str
) -> None:
    """Whatever the log says of the caller, the live status has seen the callee."""
    alone = record(legs=(to_caller(result),), result=whole)
    missed = inbound(result="Missed")
    for logged in (Entry(alone), Entry(missed), Entry(alone, missed)):
        found = outcome.read(logged, CALLEE, reached=True)
        assert found.callee.ending is not Ending.NOT_DIALED


@pytest.mark.parametrize(
    ("whole", "callee"),
    [
        ("Call connected", Ending.ANSWERED),
        ("Busy", Ending.BUSY),
        ("Voicemail", Ending.VOICEMAIL),
        ("", Ending.UNKNOWN),
    ],
)
def test_a_pair_tells_of_the_callee_also_beside_a_leg_of_the_callers(
    whole: str, callee: Ending
) -> None:
    """Its Inbound half is the caller's, so the RingOut's own result is not."""
    alone = replace(PAIR, result=whole, legs=(to_caller("Call connected", seconds=40),))

    found = outcome.of(Entry(alone, inbound(result="Accepted", seconds=38)), CALLEE)

    assert found is not None
    assert found.callee.ending is callee
    assert seconds(found.talked) == (24 if callee is Ending.ANSWERED else None)


@pytest.mark.parametrize(
    ("first", "second", "ending"),
    [
        ("No Answer", "Call connected", Ending.ANSWERED),
        ("No Answer", "Voicemail", Ending.VOICEMAIL),
        ("Stopped", "Accepted", Ending.ANSWERED),
        ("IP Phone Offline", "Answered Not Accepted", Ending.NOT_ACCEPTED),
        ("Answered Not Accepted", "Accepted", Ending.ANSWERED),
        ("Answered Not Accepted", "Voicemail", Ending.VOICEMAIL),
        ("No Answer", "Busy", Ending.NO_ANSWER),
    ],
)
def test_of_several_phones_the_one_that_was_picked_up_counts(
    first: str, second: str, ending: Ending
) -> None:
    """The desk rang for 30 s, then they talked for 10 s by mobile."""
    theirs = to_subscriber("Accepted", seconds=10)
    ours = to_caller("Accepted", seconds=10)
    for order in (1, -1):
        firsts = [to_caller(first, seconds=30), to_caller(second, seconds=10)][::order]
        thens = [
            to_subscriber(first, callee=CALLEE, master=False, seconds=30),
            to_subscriber(second, callee=CALLEE, master=False, seconds=10),
        ][::order]
        caller = outcome.read(Entry(record(legs=(theirs, *firsts))), CALLEE)
        callee = outcome.read(Entry(record(legs=(*thens, ours))), CALLEE)

        assert caller.caller.ending is callee.callee.ending is ending
        talked = 10 if ending is Ending.ANSWERED else None
        assert seconds(caller.talked) == seconds(callee.talked) == talked


def test_a_leg_that_failed_never_hides_one_that_was_picked_up() -> None:
    """All pairs of results: length decides only between legs that got equally far."""
    picked_up = {Ending.ANSWERED, Ending.VOICEMAIL, Ending.NOT_ACCEPTED}
    for first, second in product(RESULT_ENDINGS, repeat=2):
        legs = (to_caller(first, seconds=30), to_caller(second, seconds=10))
        counts = outcome.leg_of(legs)

        assert counts is not None
        ends = {RESULT_ENDINGS[first], RESULT_ENDINGS[second]}
        if ends & picked_up:
            assert RESULT_ENDINGS[counts.result] in picked_up


def test_alone_and_without_legs_a_record_tells_of_no_side() -> None:
    """Whose result it is, no document says."""
    found = outcome.of(Entry(PAIR), CALLEE)

    assert found is not None
    assert found.caller.ending is Ending.NOT_LOGGED
    assert found.callee.ending is Ending.UNKNOWN
    assert found.talked is None


@pytest.mark.parametrize("word", ["In Progress", "ResultInProgress", "in progress"])
def test_a_result_in_progress_is_no_end(word: str) -> None:
    """Told as final it would never be corrected."""
    running = entry(legs=(to_subscriber(word), to_caller()))

    assert outcome.is_running(running)
    assert outcome.of(running, CALLEE) is None


@pytest.mark.parametrize(
    ("result", "reason", "alone", "after_cancel"),
    [
        ("Stopped", "Stopped", Ending.STOPPED, Ending.CANCELED),
        ("Stopped", "", Ending.STOPPED, Ending.CANCELED),
        ("Call Failed", "Stopped", Ending.STOPPED, Ending.CANCELED),
        ("Stopped", "Hang Up", Ending.UNKNOWN, Ending.CANCELED),
        ("Answered Elsewhere", "", Ending.ELSEWHERE, Ending.ELSEWHERE),
        ("Call connected", "Stopped", Ending.UNKNOWN, Ending.UNKNOWN),
        ("Stopped", "Line Busy", Ending.UNKNOWN, Ending.UNKNOWN),
    ],
)
def test_stopped_is_ours_only_if_we_asked_for_it(
    result: str, reason: str, alone: Ending, after_cancel: Ending
) -> None:
    """Without a Cancel of ours the phone stopped ringing, whoever stopped it."""
    leg = to_caller(result, reason=reason)
    logged = Entry(record(legs=(leg,), result="Stopped"))

    for canceled, ending in ((False, alone), (True, after_cancel)):
        found = outcome.of(logged, CALLEE, canceled=canceled)
        assert found is not None
        assert found.caller.ending is ending


@pytest.mark.parametrize("whole", ["Call connected", "Voicemail"])
def test_stopped_may_be_another_phone_where_somebody_was_reached(whole: str) -> None:
    """The other party's leg is missing then, or its phone was seen to ring."""
    alone = (to_caller("Stopped"),)
    both = (to_subscriber("Stopped"), to_caller("Call connected"))
    cases = (
        outcome.of(Entry(record(legs=alone, result=whole)), CALLEE),
        outcome.of(Entry(record(legs=alone, result="Stopped")), CALLEE, reached=True),
    )
    theirs = outcome.of(Entry(record(legs=both, result="Stopped")), CALLEE)

    assert {found and found.caller.ending for found in cases} == {Ending.ELSEWHERE}
    assert {found and found.callee.ending for found in cases} == {Ending.NOT_LOGGED}
    assert theirs is not None
    assert theirs.callee.ending is Ending.ELSEWHERE


def test_the_words_that_explain_a_reason_name_a_voicemail_as_an_example_only() -> None:
    """RingCentral describes ``Connected`` by "for example, a voice mail system"."""
    said = "answered, no response (for example, a voice mail system answered)"
    leg = to_subscriber("Call connected", reason="Connected", description=said)

    found = outcome.of(entry(legs=(leg, to_caller())), CALLEE)

    assert found is not None
    assert found.callee.ending is Ending.NOT_ACCEPTED


def test_every_ending_can_come_up() -> None:
    """One that can't needs no words."""
    from_words = {*RESULT_ENDINGS.values(), *REASON_ENDINGS.values()}
    from_shapes = {
        Ending.NOT_DIALED,
        Ending.NOT_LOGGED,
        Ending.STOPPED,
        Ending.UNKNOWN,
    }

    assert from_words | from_shapes == set(Ending)
    assert key_of("line Busy") == key_of("Line Busy")


def test_the_seeds_legs_are_mirrored() -> None:
    """The other tests of it rest on that."""
    second, first = SEED.legs
    assert isinstance(SEED, Record)
    assert (second.callee, first.callee) == (party(CALLER), party(CALLEE))
