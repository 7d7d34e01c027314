"""What can be typed after ``/callstatus``: filters, in any order."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.lists.request import (
    MOST_LISTED,
    ListedDay,
    ListedKind,
    ListFlaw,
    ListRequest,
    UnreadableList,
    asks_help,
    bounds,
    read_list_request,
    resolved,
)

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
MEANINGS: dict[str, dict[str, Any]] = {
    "today": {"days": frozenset({ListedDay.TODAY})},
    "yesterday": {"days": frozenset({ListedDay.YESTERDAY})},
    "missed": {"kinds": frozenset({ListedKind.MISSED})},
    "failed": {"kinds": frozenset({ListedKind.FAILED})},
    "company": {"company": True},
    "<@U0BOB|bob>": {"people": frozenset({"U0BOB"})},
    "last 20": {"count": 20},
    "(415) 555-0142": {"number": "(415) 555-0142"},
}
"""Each filter as it is typed, and what it alone changes."""


@given(st.permutations(sorted(MEANINGS)), st.integers(0, len(MEANINGS)), st.data())
def test_filters_mean_the_same_in_any_order(
    words: list[str], most: int, data: st.DataObject
) -> None:
    """Nobody remembers which word has to come first."""
    chosen = words[:most]
    gap = st.sampled_from([" ", "  ", ", ", "\u00a0", "\n"])
    shout = data.draw(st.booleans())
    text = "".join(f"{each}{data.draw(gap)}" for each in chosen)
    wanted = ListRequest()
    for word in chosen:
        for name, value in MEANINGS[word].items():
            old = getattr(wanted, name)
            joined = old | value if isinstance(value, frozenset) else value
            object.__setattr__(wanted, name, joined)

    assert read_list_request(text.upper() if shout and "<@" not in text else text) == (
        wanted
    )


def test_every_pair_of_filters_can_be_combined() -> None:
    """Each with each, both ways round."""
    for one, other in permutations(MEANINGS, 2):
        read = read_list_request(f"{one} {other}")
        for name in MEANINGS[one].keys() | MEANINGS[other].keys():
            assert getattr(read, name) != getattr(ListRequest(), name)


@given(st.integers(1, MOST_LISTED))
def test_any_count_up_to_fifty_is_read(count: int) -> None:
    """One to fifty."""
    assert read_list_request(f"last {count}") == ListRequest(count=count)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_what_is_wrong(text: str) -> None:
    """A word that is overlooked would show calls that were not asked for."""
    try:
        asked = read_list_request(text)
        known = resolved(asked, region="US", now=NOON, zone=UTC)
    except UnreadableList as error:
        slip = error
    else:
        assert 1 <= known.count <= MOST_LISTED
        assert bool(known.e164 or known.ending) == bool(asked.number)
        return
    assert slip.typed


@pytest.mark.parametrize(
    ("text", "flaw", "typed"),
    [
        ("10", ListFlaw.WORD, "10"),
        ("misssed today", ListFlaw.WORD, "misssed"),
        ("today bob", ListFlaw.WORD, "bob"),
        ("@bob", ListFlaw.WORD, "@bob"),
        ("missed-today", ListFlaw.WORD, "missed-today"),
        ("<#C0SALES|sales>", ListFlaw.WORD, "<#C0SALES|sales>"),
        ("last bob", ListFlaw.COUNT, "bob"),
        ("not missed", ListFlaw.WORD, "not"),
        ("60 missed", ListFlaw.COUNT, "60"),
        ("100 missed calls", ListFlaw.COUNT, "100"),
        ("0 today", ListFlaw.COUNT, "0"),
        ("10 missed last 5", ListFlaw.TWO_COUNTS, "10"),
        ("5 today 6", ListFlaw.TWO_COUNTS, "6"),
        ("last 0", ListFlaw.COUNT, "0"),
        ("last 51", ListFlaw.COUNT, "51"),
        ("last -1", ListFlaw.COUNT, "-1"),
        ("last 99999999999999999999", ListFlaw.COUNT, "9" * 20),
        ("last 5 last 6", ListFlaw.TWO_COUNTS, "6"),
        ("415 555 0142 today 415 555 0177", ListFlaw.TWO_NUMBERS, "415 555 0177"),
    ],
)
def test_what_is_not_understood_is_named(text: str, flaw: ListFlaw, typed: str) -> None:
    """So that the person finds the slip."""
    with pytest.raises(UnreadableList) as raised:
        read_list_request(text)

    assert (raised.value.flaw, raised.value.typed) == (flaw, typed)


@pytest.mark.parametrize(
    ("typed", "region", "e164", "ending"),
    [
        ("(415) 555-0142", "US", "+14155550142", ""),
        ("+44 20 7946 0958", "US", "+442079460958", ""),
        ("020 7946 0958", "GB", "+442079460958", ""),
        ("<tel:+14155550142|415 555 0142>", "US", "+14155550142", ""),
        ("0142", "US", "", "0142"),
        ("101", "US", "", "101"),
        ("911", "US", "", "911"),
        ("…0142", "US", "", "0142"),
        ("+1 ••• ••• 0142", "US", "", "0142"),
        ("••23", "US", "", "23"),
        ("...0142", "US", "", "0142"),
        ("(…0142)", "US", "", "0142"),
        ("xxx-xxx-0142", "US", "", "0142"),
        ("+1 *** *** 0142", "US", "", "0142"),
        ("0142 calls", "US", "", "0142"),
        ("ending in 0142", "US", "", "0142"),
        ("missed calls from numbers ending with 0142", "US", "", "0142"),
        ("number that ends in 0142", "US", "", "0142"),
        ("ending in 42", "US", "", "42"),
        ("last 4 digits 0142", "US", "", "0142"),
        ("last four: 0142", "US", "", "0142"),
        ("last 4 0142", "US", "", "0142"),
        ("ext 101", "US", "", "101"),
        ("Ext. 101 today", "US", "", "101"),
        ("extension 101", "US", "", "101"),
        ("missed x101", "US", "", "101"),
    ],
)
def test_a_number_is_whole_or_the_end_of_one(
    typed: str, region: str, e164: str, ending: str
) -> None:
    """As it is typed, pasted, or seen in a list."""
    asked = resolved(read_list_request(typed), region=region, now=NOON, zone=UTC)

    assert (asked.e164, asked.ending) == (e164, ending)


@pytest.mark.parametrize(
    "typed",
    [
        *("50142", "555 0142", "415 555 014", "0142 x 3", "001 415 555 0142"),
        *("415-555-0142 x101", "ending in 50142", "ext 50142"),
        *("415 555 0142 5", "020 7946 0018", "555/0142", "2026-11-30"),
    ],
)
def test_more_than_the_shown_digits_need_the_whole_number(typed: str) -> None:
    """Else a masked number could be found out digit by digit."""
    with pytest.raises(UnreadableList) as raised:
        resolved(read_list_request(typed), region="US", now=NOON, zone=UTC)

    assert raised.value.flaw is ListFlaw.NUMBER


def test_how_a_number_ends_narrows_other_filters() -> None:
    """``last 10`` counts calls; ``last 4 digits`` are those of a number."""
    asked = read_list_request("last 10 missed ending in 0142 today")

    assert asked == ListRequest(
        count=10,
        number="…0142",
        kinds=frozenset({ListedKind.MISSED}),
        days=frozenset({ListedDay.TODAY}),
    )


@pytest.mark.parametrize(
    ("days", "now", "since", "until"),
    [
        ("today", "2026-11-30T12:00+00:00", "2026-11-30T08:00", None),
        ("today", "2026-11-30T03:00+00:00", "2026-11-29T08:00", None),
        ("yesterday", "2026-11-30T12:00+00:00", "2026-11-29T08:00", "2026-11-30T08:00"),
        ("today yesterday", "2026-11-30T12:00+00:00", "2026-11-29T08:00", None),
        ("today", "2026-11-01T12:00+00:00", "2026-11-01T07:00", None),
        ("yesterday", "2026-11-02T12:00+00:00", "2026-11-01T07:00", "2026-11-02T08:00"),
        ("yesterday", "2026-03-09T12:00+00:00", "2026-03-08T08:00", "2026-03-09T07:00"),
    ],
    ids=["", "still yesterday in UTC", "", "both", "DST ends", "25 hours", "23 hours"],
)
def test_days_are_the_readers(
    days: str, now: str, since: str, until: str | None
) -> None:
    """Midnight in Los Angeles, whatever day it is elsewhere, and however long it is."""
    asked = read_list_request(days).days

    found = bounds(asked, datetime.fromisoformat(now), ZoneInfo("America/Los_Angeles"))

    wanted = [
        datetime.fromisoformat(each).replace(tzinfo=UTC) if each else None
        for each in (since, until)
    ]
    assert list(found) == wanted


@pytest.mark.parametrize("text", ["help", "HELP", "?", "`help`"])
def test_help_is_asked_for_by_its_word_alone(text: str) -> None:
    """Not by a list with a word too many."""
    assert asks_help(text)
    assert not asks_help(f"{text} missed")


NUMBERS = {"0142": "0142", "415 555 0142": "415 555 0142", "…0142": "…0142"}
SMALL_WORDS = ("to", "from", "with", "of", "by", "for", "calls to", "my calls from")


@pytest.mark.parametrize("word", SMALL_WORDS)
def test_a_preposition_changes_nothing(word: str) -> None:
    """They are how people say it, and calls of both ways are listed anyway."""
    for typed in NUMBERS:
        found = read_list_request(f"{word} {typed}")
        assert found == ListRequest(number=typed)
        assert read_list_request(f"last 3 {word} {typed}").count == 3
        assert read_list_request(f"3 {word} {typed} today") == ListRequest(
            count=3, number=typed, days=frozenset({ListedDay.TODAY})
        )
    assert read_list_request(f"{word} <@U1>").people == {"U1"}


@pytest.mark.parametrize(
    ("typed", "region"),
    [
        ("415 555", "US"),
        ("415-555", "US"),
        ("(415) 555", "US"),
        ("020 794", "GB"),
        ("212 555 today", "US"),
    ],
)
def test_the_start_of_a_number_is_not_told_as_two(typed: str, region: str) -> None:
    """Nobody who types 415 555 has two numbers in mind: the rest of it is missing."""
    with pytest.raises(UnreadableList) as raised:
        resolved(read_list_request(typed), region=region, now=NOON, zone=UTC)

    assert raised.value.flaw is ListFlaw.NUMBER


@pytest.mark.parametrize("gap", [" ", ", ", " and ", " or ", " to ", " & ", "; ", "/"])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0142", "0143"),
        ("101", "102"),
        ("415 555 0142", "415 555 0143"),
        ("(415) 555-0142", "+44 20 7946 0018"),
        ("<tel:+14155550142|415 555 0142>", "<tel:+14155550143|415 555 0143>"),
        ("415 555 0142", "0143"),
        ("0142", "415 555 0143"),
        ("…0142", "…0143"),
        ("0142", "…0143"),
        ("415 555 0142", "…0143"),
    ],
)
def test_two_numbers_are_told_as_two(gap: str, one: str, other: str) -> None:
    """The last one alone would be another list than what was asked for."""
    with pytest.raises(UnreadableList) as raised:
        resolved(
            read_list_request(f"{one}{gap}{other}"), region="US", now=NOON, zone=UTC
        )

    assert raised.value.flaw is ListFlaw.TWO_NUMBERS


KIND_WORDS = {
    "missed": "kinds",
    "failed": "kinds",
    "today": "days",
    "yesterday": "days",
}


@pytest.mark.parametrize("word", KIND_WORDS)
@pytest.mark.parametrize(
    "said",
    [
        *(
            "only {}",
            "just {}",
            "all {}",
            "{} only",
            "all {} calls",
            "last {}",
            "{} last",
        ),
        *(
            "{} or {}",
            "{} and {}",
            "show all {} calls please",
            "calls for {}",
            "recents {}",
        ),
    ],
)
def test_small_words_around_a_filter_change_nothing(said: str, word: str) -> None:
    """What was refused for "only" is asked again, without knowing what was wrong."""
    assert read_list_request(said.format(word, word)) == read_list_request(word)


@pytest.mark.parametrize("count", [1, 5, 10, 50])
@pytest.mark.parametrize("word", [*KIND_WORDS, "company", "missed calls", "of 0142"])
def test_a_count_may_stand_anywhere_among_words(word: str, count: int) -> None:
    """``10 missed`` and ``missed last 10`` are one wish."""
    wanted = read_list_request(f"last {count} {word}")

    assert wanted.count == count
    assert read_list_request(f"{count} {word}") == wanted
    assert read_list_request(f"calls {word} last {count}") == wanted
    if "0142" not in word:
        assert read_list_request(f"{word} {count}") == wanted
