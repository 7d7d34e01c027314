"""Which calls a page of the list has: filters, pages, what others keep to themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import Call, Place
from bot.calls.lists.history import Direction, Row, row_of, row_of_ours, rows_of
from bot.calls.lists.request import ListedKind, ListRequest
from bot.calls.lists.work_list import After, Sieve, ends_with, is_kept_from, visible
from bot.calls.log.ending import Ending
from bot.calls.log.leg import Entry, Party
from bot.calls.log.outcome import Side
from bot.calls.people.person import Person, Shows
from builders import (
    CALLEE,
    CALLER,
    OTHER,
    SENT,
    at,
    inbound,
    party,
    record,
    to_caller,
    to_subscriber,
)
from intents import a_call

ANN = Place("T1", "C1", "U1")
BOB = Place("T1", "C1", "U2")


def a_row(number: int = 0, **changes: object) -> Row:
    """Return the row of an answered call out, *number* minutes after `SENT`."""
    row = row_of(Entry(record(f"R{number:03}", start=60 * number)))
    return replace(row, **changes)  # type: ignore[arg-type]


def sieve(**request: object) -> Sieve:
    """Return what chooses the rows of a list that Ann asks for."""
    return Sieve(ListRequest(**request), ANN, "US")  # type: ignore[arg-type]


def ended(ending: Ending, *, first: Ending = Ending.ANSWERED) -> Row:
    """Return the row of a call out with these results."""
    return a_row(2, caller_side=Side(first), callee_side=Side(ending))


@pytest.mark.parametrize(
    ("word", "way"),
    [
        ("Missed", Direction.MISSED),
        ("Voicemail", Direction.MISSED),
        ("Rejected", Direction.MISSED),
        ("Busy", Direction.MISSED),
        ("Abandoned", Direction.MISSED),
        ("Accepted", Direction.IN),
        ("Answered Elsewhere", Direction.IN),
        ("Received", Direction.IN),
        ("Something new", Direction.IN),
    ],
)
def test_a_call_that_nobody_took_is_missed(word: str, way: Direction) -> None:
    """And none that somebody took, or of which nothing is known."""
    half = inbound(result=word, legs=())

    assert row_of(Entry(half)).direction is way


def test_a_ring_out_goes_out_whichever_way_it_was_logged() -> None:
    """Its record may be the Inbound half, with the ends mirrored."""
    turned = record(direction="Inbound", caller=CALLEE, callee=CALLER)

    assert row_of(Entry(turned)).direction is Direction.OUT


@pytest.mark.parametrize(
    ("ending", "first", "fails"),
    [
        (Ending.NO_ANSWER, Ending.ANSWERED, True),
        (Ending.BUSY, Ending.ANSWERED, True),
        (Ending.VOICEMAIL, Ending.ANSWERED, True),
        (Ending.DECLINED, Ending.ANSWERED, True),
        (Ending.NOT_DIALED, Ending.NO_ANSWER, True),
        (Ending.NOT_LOGGED, Ending.DECLINED, True),
        (Ending.ANSWERED, Ending.ANSWERED, False),
        (Ending.ANSWERED, Ending.NOT_LOGGED, False),
        (Ending.UNKNOWN, Ending.ANSWERED, False),
        (Ending.ELSEWHERE, Ending.ANSWERED, False),
    ],
)
def test_a_call_out_that_reached_nobody_has_failed(
    ending: Ending, first: Ending, *, fails: bool
) -> None:
    """And none of which that is not certain."""
    row = ended(ending, first=first)

    assert row.has_failed is fails
    assert sieve(kinds=frozenset({ListedKind.FAILED})).passes(row) is fails
    came_in = replace(row, direction=Direction.IN)
    assert not sieve(kinds=frozenset({ListedKind.FAILED})).passes(came_in)


def test_two_kinds_widen_and_other_filters_narrow() -> None:
    """``missed failed`` is both; ``missed`` of one number is less."""
    missed = a_row(1, direction=Direction.MISSED, caller=party(OTHER))
    failed = ended(Ending.BUSY)
    fine = a_row(3)
    both = frozenset(ListedKind)

    kinds = sieve(kinds=both)
    assert [kinds.passes(each) for each in (missed, failed, fine)] == [
        True,
        True,
        False,
    ]
    one = sieve(kinds=both, e164=OTHER.e164)
    assert [one.passes(each) for each in (missed, failed, fine)] == [True, False, False]


def test_a_call_that_goes_on_has_neither_failed_nor_been_missed() -> None:
    """Nothing is known yet."""
    row = row_of_ours(a_call())

    assert sieve().passes(row)
    assert not sieve(kinds=frozenset(ListedKind)).passes(row)


def test_days_begin_and_end() -> None:
    """The first moment counts, the first of the next day does not."""
    rows = [a_row(number) for number in range(4)]
    day = sieve(since=at(60), until=at(180))

    assert [day.passes(each) for each in rows] == [False, True, True, False]


def test_calls_of_somebody_are_those_that_they_placed_here() -> None:
    """By our own calls: a record does not say who, and another workspace has other ids."""
    hers, his = a_call(place=ANN), a_call(place=BOB)
    elsewhere = a_call(place=replace(BOB, team="T2"))
    bobs = sieve(people=frozenset({"U2"}))

    calls = [hers, his, elsewhere, None]
    assert [bobs.passes(a_row(call=each)) for each in calls] == [
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("shown", "ending", "is_it"),
    [
        (party(CALLEE), "0142", True),
        (party(CALLEE), "142", True),
        (party(CALLEE), "0177", False),
        (party("(415) 555-0142"), "0142", True),
        (party("+1415555XXXX"), "0142", False),
        (party("", extension="101"), "101", True),
        (party("", extension="1101"), "101", False),
        (party("+49301234"), "1234", False),
        (party("anonymous"), "0142", False),
        (Party(), "0142", False),
    ],
)
def test_an_ending_finds_what_is_shown(
    shown: Party, ending: str, *, is_it: bool
) -> None:
    """Not the digits that a mask hides."""
    assert ends_with(shown, ending, "US") is is_it


def turned(rows: Sequence[Row], count: int) -> list[list[str]]:
    """Return the ids of all pages, while two new calls arrive after each."""
    pages, after, present = [], None, list(rows)
    for turn in range(len(rows) + 2):
        page, after = sieve(count=count).page(present, after, None)
        pages.append([row.id for row in page])
        if after is None:
            return pages
        present += [a_row(500 + 2 * turn), a_row(501 + 2 * turn)]
    raise AssertionError(pages)


@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=25),
    st.integers(1, 10),
    st.randoms(),
)
def test_pages_hold_every_call_once_though_new_ones_arrive(
    minutes: list[int], count: int, random: object
) -> None:
    """Also calls that began in the same second, and in whatever order they are read."""
    rows = [a_row(minute, id=f"{at_}") for at_, minute in enumerate(minutes)]
    newest_first = sorted(rows, key=lambda row: row.key, reverse=True)
    random.shuffle(rows)  # type: ignore[attr-defined]

    pages = turned(rows, count)

    assert [each for page in pages for each in page] == [
        each.id for each in newest_first
    ]
    assert all(len(page) == count for page in pages[:-1])


def test_a_page_ends_where_the_log_was_not_read() -> None:
    """The next one goes on from there, even if this one shows nothing."""
    rows = [a_row(number) for number in range(6)]

    page, after = sieve(count=5).page(rows, None, at(240))
    assert [row.id for row in page] == ["R005", "R004"]
    assert after == After(at(240))
    page, after = sieve(count=5).page(rows, after, None)
    assert [row.id for row in page] == ["R003", "R002", "R001", "R000"]
    assert after is None


@pytest.mark.parametrize(
    ("shows", "channel", "hidden"),
    [
        (Shows.CHANNEL, "C1", False),
        (Shows.PRIVATE, "C1", True),
        (Shows.DM, "C1", True),
        (Shows.CHANNEL, "D1", True),
    ],
)
def test_what_is_told_to_one_person_alone_is_kept_from_others(
    shows: Shows, channel: str, *, hidden: bool
) -> None:
    """Never from themselves, in whichever workspace of their organization."""
    call = a_call(place=replace(ANN, channel=channel), shows=shows)

    assert is_kept_from(BOB.person, call) is hidden
    assert not is_kept_from(ANN.person, call)
    in_org = replace(call, place=replace(call.place, enterprise="E1"))
    assert not is_kept_from(Person("E1", "T2", "U1"), in_org)


PRIVATE = a_call(
    place=BOB,
    caller=CALLER,
    callee=CALLEE,
    shows=Shows.PRIVATE,
    ringout_id="s-1",
    sent_at=SENT,
)
"""Bob's call, to be kept from Ann."""

LOGGED = Entry(record("R1", session="s-2"))


@pytest.mark.parametrize(
    "entry",
    [
        LOGGED,
        Entry(record("R1", session="s-1", caller=OTHER, callee=OTHER, legs=())),
        Entry(record("R1", callee="+1415555XXXX", caller="", legs=())),
        Entry(record("R1", caller="", callee="", legs=())),
        Entry(record("R1", start=50)),
        Entry(inbound("R1")),
        Entry(
            record(
                "R1",
                legs=(
                    to_subscriber(callee=CALLER),
                    to_caller(caller=CALLEE, callee=CALLER),
                ),
            )
        ),
    ],
    ids=["numbers", "id", "masked", "no numbers", "late", "half", "mirrored"],
)
def test_a_private_call_is_left_out_before_its_record_is_known(entry: Entry) -> None:
    """The log has it seconds before the bot knows whose it is, or it never knows."""
    assert visible([entry], {}, [PRIVATE], ANN.person) == []
    assert visible([entry], {}, [PRIVATE], BOB.person) == [entry]


def test_a_private_call_is_left_out_once_its_record_is_known() -> None:
    """By the record, of whichever of the two."""
    pair = Entry(record("out"), inbound("in"))

    for known in ("out", "in"):
        assert visible([pair], {known: PRIVATE}, [], ANN.person) == []
        assert visible([pair], {known: PRIVATE}, [], BOB.person) == [pair]


def test_no_other_call_is_left_out() -> None:
    """Neither another number's, nor a later one, nor one that is known to be another's."""
    hers = a_call(place=ANN)
    others = [
        Entry(record("R2", callee=OTHER)),
        Entry(record("R3", start=90)),
        Entry(record("R4")),
    ]

    assert visible(others, {"R4": hers}, [PRIVATE], ANN.person) == others


def test_rows_are_sorted_by_start_alone() -> None:
    """A call that goes on for hours stands where it began: pages need that."""
    entries = [
        Entry(record("old", start=0, finished=False)),
        Entry(record("new", start=60)),
    ]

    rows = rows_of(entries)

    assert [row.id for row in rows] == ["new", "old"]
    assert [row.in_progress for row in rows] == [False, True]


def test_the_record_gives_a_number_its_name() -> None:
    """Our own call knows the number, RingCentral whose it is."""
    named = Party(CALLEE.e164, name="Northwind")
    call: Call = a_call()

    row = row_of(Entry(record("R1", callee=named)), {"R1": call})
    stranger = row_of(
        Entry(record("R1", callee=Party(OTHER.e164, name="Other"))), {"R1": call}
    )

    assert row.other == named
    assert stranger.other.name == ""
    assert row.started_at - SENT == timedelta(0)


NORA, BOB_BAKER = Party(CALLEE.e164, name="Nora"), Party(CALLER.e164, name="Bob")


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("ring_out", [True, False])
@pytest.mark.parametrize(
    ("caller", "callee", "leg", "names"),
    [
        (BOB_BAKER, NORA, None, ("Bob", "Nora")),
        (BOB_BAKER, replace(NORA, name="Bob"), None, ("", "")),
        (BOB_BAKER, replace(NORA, name=" BOB\u200b"), None, ("", "")),
        (BOB_BAKER, NORA, replace(BOB_BAKER, name="Nora"), ("", "")),
        (BOB_BAKER, replace(NORA, name="WIRELESS CALLER"), None, ("Bob", "")),
        (replace(BOB_BAKER, name="Unknown"), NORA, None, ("", "Nora")),
    ],
    ids=["both", "same", "nearly", "in a leg", "nobody", "nobody's phone"],
)
def test_a_name_that_may_be_somebody_elses_is_not_listed(
    caller: Party,
    callee: Party,
    leg: Party | None,
    names: tuple[str, str],
    *,
    ours: bool,
    ring_out: bool,
) -> None:
    """Whoever placed the call: the card has no such name either."""
    legs = (
        () if leg is None else (replace(to_caller("Accepted"), caller=leg, callee=leg),)
    )
    made = replace(record("R1", legs=legs), caller=caller, callee=callee)
    if not ring_out:
        made = replace(made, action="VoIP Call")
    call = a_call(caller=CALLER, callee=CALLEE)

    row = row_of(Entry(made), {"R1": call} if ours else {}, [CALLER])

    assert (row.caller.name, row.callee.name) == names
