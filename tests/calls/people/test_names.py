"""Names from outside: on one short line, with the numbers in them masked."""

from __future__ import annotations

import unicodedata

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.people.names import LONGEST_CALLED, Name, NameSource, cleaned, named

PRIVATE = {NameSource.RECORD, NameSource.ADDRESS_BOOK}
OTHERS = [each for each in NameSource if each is not NameSource.WRITTEN]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Northwind renewal", "Northwind renewal"),
        ("  Northwind\n\trenewal\u2028 ", "Northwind renewal"),
        ("Ann\u202eeciA", "AnneciA"),
        ("An\u200bn \u2066Alpha\u2069", "Ann Alpha"),
        ("Ann\u00a0\u3000Alpha", "Ann Alpha"),
        ("An\x00n\x1b[31m", "Ann[31m"),
        ("Zoë Zürn", "Zoë Zürn"),
        ("محمد", "محمد"),
        ("山田 太郎", "山田 太郎"),
        ("a" + "\u0301" * 40, "a" + "\u0301" * 4),
        ("<!channel> & *co*", "<!channel> & *co*"),
        ("n" * 200, "n" * 59 + "…"),
        ("\u200b\u2060", ""),
        ("", ""),
        # Numbers in a name
        ("Ann 415 555 0142", "Ann ••• ••• 0142"),
        ("Ann (+1 415-555-0142)", "Ann (+• •••-•••-0142)"),
        ("Ann 4\u200b1\u200b5\u200b5\u200b5\u200b5\u200b0142", "Ann ••••••0142"),
        ("٤١٥٥٥٥٠١٤٢", "••••••٠١٤٢"),
        ("call 555.0142", "call •••.0142"),
        ("4⃣1⃣5⃣5⃣5⃣5⃣0⃣1⃣4⃣2⃣", "••••••0142"),
        ("415x555x0142", "•••x•••x0142"),
        ("call 415 X 555 X 0142 now", "call ••• X ••• X 0142 now"),
        ("415....555....0142", "•••....•••....0142"),
        ("415 - - - 555 0142", "••• - - - ••• 0142"),
        ("415 ___________ 555.0142", "••• ___________ •••.0142"),
        ("415 555 O142", "••• ••• O142"),
        ("4l5 555 o1 42", "••• ••• o1 42"),
        # What only looks like one
        ("Model X 2026 order 1200", "Model X 2026 order 1200"),
        ("4155 Ohio 2026", "4155 Ohio 2026"),
        ("Room 4155", "Room 4155"),
        ("Q3 2026 renewal", "Q3 2026 renewal"),
        ("due 2026-11-30", "due 2026-11-30"),
        ("due 30.11.2026", "due 30.11.2026"),
        ("order 123456", "order 123456"),
    ],
)
def test_a_name_is_cleaned(text: str, shown: str) -> None:
    """It comes from a stranger, and is read beside the result of a call."""
    assert cleaned(text) == shown


@given(st.text(max_size=300))
def test_any_name_is_one_short_line_without_invisible_marks(text: str) -> None:
    """A mark that turns the direction of text could turn the result beside it."""
    shown = cleaned(text)

    assert len(shown) <= LONGEST_CALLED
    assert shown == " ".join(shown.split())
    assert not {unicodedata.category(each) for each in shown} & {"Cc", "Cf", "Cs", "Co"}
    assert cleaned(shown) == shown


@pytest.mark.parametrize("kind", range(4))
@pytest.mark.parametrize("around", ["{}", "Ann {}", "({}) Ann", "Ann:{}!"])
def test_no_number_of_any_country_is_read_in_a_name(kind: int, around: str) -> None:
    """A channel must not read in a name what is masked beside it."""
    for region in phonenumbers.SUPPORTED_REGIONS:
        number = phonenumbers.example_number(region)
        digits = phonenumbers.national_significant_number(
            number or phonenumbers.PhoneNumber()
        )
        if number is None or len(digits) < 7:
            continue
        text = around.format(phonenumbers.format_number(number, kind).split("ext")[0])
        shown = cleaned(text)
        left = "".join(each for each in shown if each.isdigit())
        assert left == digits[-4:] or shown.startswith("tel:"), (text, shown)
        assert digits not in left


@pytest.mark.parametrize(
    "text",
    ["+14155550142", "(415) 555-0142", "4155", "١٢٣٤٥", "+1 415 555 0142 \u202e"],
)
@pytest.mark.parametrize("source", OTHERS)
def test_a_name_that_is_a_number_is_none(text: str, source: NameSource) -> None:
    """RingCentral logs the number as the name where it knows no name."""
    assert named(text, source) is None


def test_what_the_person_wrote_stays_though_it_is_a_number() -> None:
    """They chose it; it is masked like the number they dialed."""
    name = named("for-me 415 555 0199", NameSource.WRITTEN)

    assert named("415 555 0199", NameSource.WRITTEN) == Name(
        "••• ••• 0199", NameSource.WRITTEN
    )
    assert name is not None
    assert name.text == "for-me ••• ••• 0199"


def test_names_from_an_address_book_or_a_record_are_private() -> None:
    """What Ann calls a customer in her address book isn't for the channel."""
    private = {each for each in NameSource if not Name("Ann", each).is_public}

    assert private == PRIVATE


@pytest.mark.parametrize("source", NameSource)
def test_a_stored_name_is_read_again(source: NameSource) -> None:
    """The card is drawn from the database, often by another process."""
    name = Name("Zoë & <Co>", source)

    assert Name.load(name.dump()) == name
    assert Name.load(None) is None


def test_a_name_of_a_later_version_is_left_out() -> None:
    """In a rolling upgrade a call is followed even if its name can't be read."""
    assert Name.load('{"text": "Ann", "source": "crystal ball"}') is None
