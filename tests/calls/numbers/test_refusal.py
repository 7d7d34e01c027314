"""Refusals: what is wrong, in the person's own words, and what to type instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

import phonenumbers
import pytest
from hypothesis import settings
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from bot.calls.numbers.phone import PhoneNumber, parse
from bot.calls.numbers.refusal import (
    AmbiguousNumber,
    HasExtension,
    InvalidNumber,
    Length,
    NotAPhoneNumber,
    ShortCode,
)
from bot.errors import UserError
from bot.slack.texts.refusals import words
from refused import refused

SAID_WITHOUT = {
    "link or an internet address",
    "only dial digits",
    "two numbers",
    "Add the area code",
}
"""Sentences that need no repetition of what was typed."""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "couldn't find a phone number"),
        ("cancel", "couldn't find a phone number"),
        ("+", "couldn't find a phone number"),
        ("<@U123|alice>", "couldn't find a phone number"),
        ("@cleo", "the list that Slack shows after @"),
        ("<https://example.com/4155550142>", "link or an internet address"),
        ("1-800-FLOWERS", "only dial digits"),
        ("+1800FLOWERS", "only dial digits"),
        ("call Bob 415 555 0142", "only dial digits"),
        ("415 555 0142 please", "only dial digits"),
        ("415 555 O142", "only dial digits"),
        ("+14155550142 +16505550100", "two numbers"),
        ("4155550142 6505550100", "two numbers"),
        ("415-555-0142/6505550100", "two numbers"),
        ("415 555 0142, 650 555 0100", "two numbers"),
        ("415 555 0142; 650 555 0100", "two numbers"),
        ("415/5550/142", "two numbers"),
        ("++14155550142", "two plus signs"),
        ("+ (+1) 415 555 0142", "two plus signs"),
        ("+1+4155550142", "two numbers"),
        ("415+5550142", "can't read"),
        ("-4155550142", "can't read"),
        ("$4155550142", "can't read"),
        ("415~555 0142", "can't read"),
        ("415\u00b2 555 0142", "only dial digits"),
        ("\u202e2410555514", "can't read"),
        ("5551234567", "isn't a number in the United States"),
        ("911-555-0142", "isn't a number in the United States"),
        ("555-0142", "Add the area code"),
        ("+1 555 0142", "Add the area code"),
        ("415 555 01423", "too long"),
        ("+1 415 555 01423", "too long"),
        ("+1 41555501", "too short"),
        ("+999 123 4567", "country code that doesn't exist"),
        ("011 999 123 4567", "country code that doesn't exist"),
        ("+8112345678901234", "two numbers"),
        ("415 555 0142" + " " * 200 + "6", "too long for a phone number"),
    ],
)
def test_what_is_not_surely_one_number_is_refused(text: str, why: str) -> None:
    """The person hears what is wrong, and sees their own words if they are in doubt."""
    with pytest.raises(NotAPhoneNumber) as caught:
        parse(text, region="US")

    assert why in words(caught.value)
    is_quoted = text.strip()[:79] in words(caught.value)
    assert is_quoted == (why not in SAID_WITHOUT), words(caught.value)


@pytest.mark.parametrize(
    ("text", "region", "candidates"),
    [
        ("65 6234 5678", "US", ["+1 656-234-5678", "+65 6234 5678"]),
        ("3902123456", "IT", ["+39 390 212 3456", "+39 02 123456"]),
        ("2079460018", "GB", ["+44 20 7946 0018"]),
        ("30123456", "DE", ["+49 30 123456"]),
        ("+44 020 7946 0018", "US", ["+44 20 7946 0018"]),
        ("0044 20 7946 0018", "US", ["+44 20 7946 0018"]),
        ("20. 27 12 34 56", "LU", ["+352 20 27 12 34 56"]),
        ("+1 1 415 555 0142", "US", ["+1 415-555-0142"]),
        ("+34 91 (0)2 345 678", "ES", []),
        ("030 1234 030 5678", "DE", []),
        ("+49 30 1234 030 5678", "DE", []),
        ("030 1234 / (030) 5678", "DE", []),
        ("116 5234 (2)", "XX", []),
    ],
)
def test_a_reading_in_doubt_is_offered_never_dialed(
    text: str, region: str, candidates: list[str]
) -> None:
    """A lost plus, a lost zero or a zero too many: the person decides."""
    with pytest.raises(NotAPhoneNumber) as caught:
        parse(text, region=region)

    assert all(each in words(caught.value) for each in candidates)


SOME = max(100 // settings().max_examples, 1)
"""Every tenth region; CI takes them all."""

EXAMPLES = [
    (region, example)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)[::SOME]
    for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
    if (example := phonenumbers.example_number_for_type(region, kind)) is not None
]


def with_zeros(text: str, zeros: tuple[str, ...]) -> Iterator[str]:
    """Return *text* with the zeros in each two of its gaps; with one, in each of them."""
    gaps = [found.start() for found in re.finditer(r"(?<=\d)[ -](?=\d)", text)]
    for places in combinations(gaps, len(zeros)):
        written = text
        for place, zero in sorted(zip(places, zeros, strict=True), reverse=True):
            written = f"{written[:place]} {zero} {written[place + 1 :]}"
        yield written


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    "zeros", [("(0)",), ("[0]",), ("(0)", "(0)"), ("[0]", "( 0 )")], ids=str
)
def test_what_is_advised_is_what_may_have_been_meant(zeros: tuple[str, ...]) -> None:
    """``+49 (0) 30 (0) 1234567`` was said to be +49 30 01234567, a stranger's number.

    In any region: typed back, an advised number is dialed as advised, and no zero in
    brackets is in it, unless the country's numbers begin with it.
    """
    for region, number in EXAMPLES:
        national = phonenumbers.national_significant_number(number)
        for style in (PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL):
            written = phonenumbers.format_number(number, style)
            for text in with_zeros(written, zeros):
                for each in readings(text, region):
                    assert parse(each, region=region) == PhoneNumber(
                        f"+{re.sub(r'[^0-9]', '', each)}"
                    )
                    found = phonenumbers.parse(each)
                    digits = phonenumbers.national_significant_number(found)
                    assert digits.removeprefix("0") == national.removeprefix("0"), text


def readings(text: str, region: str) -> tuple[str, ...]:
    """Return the numbers as which *text* is dialed or said to be perhaps meant."""
    try:
        return (parse(text, region=region).international,)
    except AmbiguousNumber as error:
        return error.candidates
    except UserError:
        return ()


@pytest.mark.parametrize(
    ("text", "region", "candidates"),
    [
        ("+49 (0) 30 (0) 1234567", "US", ("+49 30 1234567",)),
        ("+49 30 (0) 1234567", "US", ("+49 30 1234567",)),
        ("+49 30 [0] 1234567", "US", ("+49 30 1234567",)),
        ("030 [0] 1234567", "DE", ("+49 30 1234567",)),
        ("+44 20 (0)7946 0018", "US", ("+44 20 7946 0018",)),
        ("+39 02 (0) 1234567", "US", ("+39 02 123 4567",)),
        ("+39 (0)2 (0) 1234567", "US", ("+39 02 123 4567",)),
        ("+39 (0)899 123456", "US", ("+39 089 912 3456",)),
    ],
)
def test_no_zero_in_brackets_is_advised(
    text: str, region: str, candidates: tuple[str, ...]
) -> None:
    """It is not dialed with a country code, but for Italy's, right behind it."""
    with pytest.raises(AmbiguousNumber) as caught:
        parse(text, region=region)

    assert caught.value.candidates == candidates


@pytest.mark.parametrize(
    "text",
    [
        "415 555 0142 x123",
        "415 555 0142x5",
        "415-555-0142 ext. 5",
        "415 555 0142 extension 12",
        "415 555 0142 #12",
        "+16505550100*101",
        "+16505550100,,101#",
        "+16505550100;101",
        "+16505550100p101",
        "tel:+16505550100;ext=101",
        "<tel:+16505550100|650 555 0100 x5>",
        "4155550142 x911",
        "4155550142#",
        "*101",
        "*67 415 555 0142",
        "x123",
        "ext 5",
        "#31#4155550142",
    ],
)
def test_extensions_are_refused_with_the_reason(text: str) -> None:
    """RingOut rings whole numbers; half of the words would ring somebody else."""
    with refused(HasExtension, match="extension or a dialing code") as caught:
        parse(text, region="US")

    assert text in words(caught.value)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("12345", "US"),
        ("4444", "US"),
        ("9", "US"),
        ("555014", "US"),
        ("118118", "GB"),
        ("+44 118118", "US"),
        ("+1 22000", "US"),
        ("11833", "DE"),
    ],
)
def test_short_codes_are_refused(text: str, region: str) -> None:
    """Short numbers differ by country, and some are very expensive."""
    with refused(ShortCode, match="short codes"):
        parse(text, region=region)


@pytest.mark.parametrize(
    ("length", "shown"),
    [(80, f"“{'$' * 80}”"), (81, f"“{'$' * 79}…”"), (9000, f"“{'$' * 79}…”")],
)
def test_a_long_text_is_shown_back_in_part(length: int, shown: str) -> None:
    """If a whole page was pasted, the refusal must stay short enough to read."""
    with pytest.raises(NotAPhoneNumber) as caught:
        parse("$" * length, region="US")

    assert shown in words(caught.value)
    assert len(words(caught.value)) < 200


@pytest.mark.parametrize(
    "text",
    [
        "+44 020 7946 0018",
        "+44 [0]20 7946 0018",
        "+61 (02) 5550 1234",
        "+36 (06) 1 234 5678",
        "+7 (8) 495 123 4567",
        "+1 1 415 555 0142",
        "0044 20 7946 0018",
        "65 6234 5678",
    ],
)
def test_nobody_is_told_to_type_the_plus_that_they_typed(text: str) -> None:
    """It is the rest that has to go."""
    with pytest.raises(AmbiguousNumber) as caught:
        parse(text, region="US")

    said = words(caught.value)
    assert ("with the plus" in said) == ("+" not in text)
    assert ("type that." in said) == ("+" in text)


@pytest.mark.parametrize("length", Length)
@pytest.mark.parametrize("region", ["001", ""])
def test_no_number_is_in_a_global_number(length: Length, region: str) -> None:
    """A global number is no place."""
    said = words(InvalidNumber("+870 1", region, length, is_whole=True))

    assert " in a global" not in said
    assert "global number" in said
