"""Decides whether two log records are one call or two calls."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from bot.calls.log.leg import Entry, Party, Record
from bot.calls.matching import matching
from builders import CALLEE, CALLER, OTHER, inbound, party, record, two_records


def grouped(*records: Record) -> list[tuple[str, ...]]:
    """Return the record ids of each call, newest first."""
    return [entry.ids for entry in matching.group(records)]


@pytest.mark.parametrize("apart", [1000, 2000, 3000, 4000, -1000, -4000])
def test_near_sessions_between_the_same_two_are_one_call(apart: int) -> None:
    """RingCentral's own web client pairs by exactly these differences."""
    half = inbound("in", session_id=str(1982734410016 + apart))

    assert grouped(record("out"), half) == [("out", "in")]


@pytest.mark.parametrize("session", ["1982734410016", "1982734415016", "1982734410017"])
def test_other_sessions_are_other_calls(session: str) -> None:
    """Any other difference of session ids, however small, means another call."""
    half = inbound("in", session_id=session)

    assert len(grouped(record("out"), half)) == 2


@pytest.mark.parametrize("session", ["", "0x1", "-5", "²", "s-1982734411016"])
def test_a_session_that_is_no_number_never_pairs(session: str) -> None:
    """Two such records are not paired even if their sessions are equal."""
    half = inbound("in", session_id=session)

    assert len(grouped(record("out", session_id=session), half)) == 2


def test_the_ends_may_be_the_same_or_mirrored() -> None:
    """In the log the Outbound record is reversed; in presence it is not."""
    outbound, half = two_records()
    mirrored = replace(outbound, caller=outbound.callee, callee=outbound.caller)

    assert len(grouped(outbound, half)) == 1
    assert len(grouped(mirrored, half)) == 1


@pytest.mark.parametrize(
    ("caller", "callee", "is_one"),
    [
        (party("(650) 555-0101"), party("1415555XXXX"), True),
        (party(extension="101"), party(CALLEE), True),
        (Party(), party(CALLEE), True),
        (Party(), Party(), False),
        (party(CALLER), party(OTHER), False),
        (party(OTHER), party(CALLEE), False),
    ],
)
def test_ends_are_compared_leniently(
    caller: Party, callee: Party, *, is_one: bool
) -> None:
    """Spelling, masks and gaps are ignored; another number or none prevents a pair."""
    extended = Party(number=CALLER.e164, extension="101")
    outbound = record("out", caller=extended, callee=CALLEE)
    half = inbound("in", caller=caller, callee=callee)

    assert (len(grouped(outbound, half)) == 1) is is_one


@pytest.mark.parametrize(
    "half",
    [
        replace(inbound("in"), action="VoIP Call"),
        replace(inbound("in"), direction="Outbound"),
    ],
)
def test_only_an_inbound_phone_call_is_the_second_half(half: Record) -> None:
    """A call that the person dialed by hand at that moment stays a separate call."""
    assert len(grouped(record("out"), half)) == 2


def test_an_ordinary_outbound_call_has_no_second_half() -> None:
    """Only a RingOut rings its own caller."""
    plain = record("out", action="VoIP Call", internal_type="LongDistance", legs=())

    assert len(grouped(plain, inbound("in"))) == 2


def test_a_record_is_in_one_pair_at_most() -> None:
    """Two calls whose sessions are all within reach of each other stay two."""
    first = two_records(apart=14)
    second = two_records(start=20, apart=14, session_id=1982734412016)
    whole = [(one.id, other.id) for one, other in (second, first)]

    for order in permutations([*first, *second]):
        assert grouped(*order) == whole


def test_an_odd_half_is_left_over() -> None:
    """If two halves fit one RingOut, the one with the nearer session is taken."""
    near = inbound("near")
    far = inbound("far", session_id="1982734413016")

    assert sorted(grouped(record("out"), far, near)) == [("far",), ("out", "near")]


def test_a_record_seen_twice_counts_once_and_the_later_version_stays() -> None:
    """Pages shift while they are read, and a record may end in the meantime."""
    running = record("A", finished=False)

    assert matching.group([running, record("A")]) == (Entry(record("A")),)


def test_calls_come_newest_first() -> None:
    """A call of two records counts from its first one."""
    pair = two_records(start=5, apart=14)
    entries = matching.group([record("old"), *pair, record("new", start=10)])

    assert [entry.record.id for entry in entries] == ["new", pair[0].id, "old"]
