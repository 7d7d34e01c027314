"""Names by number: by the exact number, and never one of two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.people.contacts import MOST_CONTACTS, BookEntry, by_number
from bot.calls.people.names import ORDER, Name, NameSource, best

BOOK = NameSource.ADDRESS_BOOK
NORTH, SOUTH = "+14155550142", "+14155550143"


def names(*contacts: tuple[str, str], region: str = "US") -> dict[str, str]:
    """Return the names of contacts with one number each."""
    made = [BookEntry(name, (number,)) for name, number in contacts]
    return by_number(made, BOOK, region)


@pytest.mark.parametrize(
    ("number", "region", "found"),
    [
        (NORTH, "US", NORTH),
        ("(415) 555-0142", "US", NORTH),
        ("415.555.0142", "US", NORTH),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 20 7946 0958", "US", "+442079460958"),
        # Not one number for certain: then no name
        ("4155550142", "GB", None),
        ("(415) 555-0142 ext. 7", "US", None),
        ("555-0142", "US", None),
        ("101", "US", None),
        ("911", "US", None),
        ("415 555 0142 / 415 555 0143", "US", None),
        ("1-800-FLOWERS", "US", None),
        ("", "US", None),
    ],
)
def test_a_name_is_found_by_the_exact_number(
    number: str, region: str, found: str | None
) -> None:
    """Numbers are read as those that people type, by the region of the account."""
    expected = {found: "Northwind"} if found else {}

    assert names(("Northwind", number), region=region) == expected


def test_a_number_with_two_names_has_none() -> None:
    """A wrong name is worse than none; the same name twice is one."""
    shared = names(("Ann", NORTH), ("Bob", "415 555 0142"), ("Ann", SOUTH))
    same = names(("Northwind", NORTH), ("NORTHWIND ", NORTH), ("", NORTH))

    assert shared == {SOUTH: "Ann"}
    assert same == {NORTH: "Northwind"}


def test_a_third_contact_does_not_settle_which_of_two_it_is() -> None:
    """Ann, Bob and Ann again: it still may be Bob."""
    assert names(("Ann", NORTH), ("Bob", NORTH), ("Ann", NORTH)) == {}


def test_a_contact_has_all_its_numbers_and_a_clean_name() -> None:
    """A name from an address book is a text from outside."""
    contact = BookEntry("Ann\u202e \n Alpha 415 555 0199", (NORTH, "", SOUTH, "x"))

    assert by_number([contact], BOOK, "US") == {
        NORTH: "Ann Alpha ••• ••• 0199",
        SOUTH: "Ann Alpha ••• ••• 0199",
    }
    assert names(("+1 415 555 0199", NORTH), ("\u200b", SOUTH)) == {}


def test_only_so_many_contacts_are_used() -> None:
    """Each takes CPU time and room in the database."""
    many = (BookEntry("A", (f"+1415{n:07d}",)) for n in range(2_000_000, 2_100_000))

    assert len(by_number(many, BOOK, "US")) <= MOST_CONTACTS


@given(st.lists(st.sampled_from(list(NameSource)), unique=True))
def test_a_name_that_all_may_read_goes_first(sources: list[NameSource]) -> None:
    """A call has one name, and its card in a channel would show none otherwise."""
    found = best([Name(str(each), each) for each in sources])

    if not sources:
        assert found is None
    else:
        assert found is not None
        assert found.source == min(sources, key=ORDER.index)
        assert found.is_public == any(Name("x", each).is_public for each in sources)
    assert set(ORDER) == set(NameSource)


def test_two_names_of_one_source_are_none() -> None:
    """Whoever has both can't know which is meant."""
    assert best([Name("Ann", BOOK), Name("Bob", BOOK)]) is None
