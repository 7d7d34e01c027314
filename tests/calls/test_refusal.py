"""Refusals: what is wrong, in the person's own words, and what to type instead."""

from __future__ import annotations

import pytest

from bot.calls.phone import parse
from bot.calls.refusal import HasExtension, NotAPhoneNumber, ShortCode
from bot.slack.texts.refusals import words
from refused import refused


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no phone number in it"),
        ("cancel", "no phone number in it"),
        ("+", "no phone number in it"),
        ("<@U123|alice>", "is a link or a name"),
        ("<https://example.com/4155550142>", "is a link or a name"),
        ("1-800-FLOWERS", "letters"),
        ("+1800FLOWERS", "letters"),
        ("call 415 555 0142", "letters"),
        ("415 555 0142 please", "letters"),
        ("415 555 O142", "letters"),
        ("+14155550142 +16505550100", "more than one number"),
        ("4155550142 6505550100", "more than one number"),
        ("415-555-0142/6505550100", "more than one number"),
        ("415 555 0142, 650 555 0100", "more than one number"),
        ("415 555 0142; 650 555 0100", "more than one number"),
        ("415/555/0142", "more than one number"),
        ("+1+4155550142", "more than one number"),
        ("415+5550142", "signs"),
        ("-4155550142", "signs"),
        ("$4155550142", "signs"),
        ("415~555 0142", "signs"),
        ("415\u00b2 555 0142", "in it"),
        ("\u202e2410555514", "signs"),
        ("5551234567", "not a valid number in the United States (US)"),
        ("911-555-0142", "not a valid number in the United States (US)"),
        ("555-0142", "lacks the area code"),
        ("+1 555 0142", "lacks the area code"),
        ("415 555 01423", "too long"),
        ("+1 415 555 01423", "too long"),
        ("+1 41555501", "too short"),
        ("0044 20 7946 0018", "too long"),
        ("+999 123 4567", "no country code that exists"),
        ("011 999 123 4567", "no country code that exists"),
        ("+8112345678901234", "more than one number"),
        ("415 555 0142" + " " * 200 + "6", "too long for a phone number"),
    ],
)
def test_what_is_not_surely_one_number_is_refused(text: str, why: str) -> None:
    """The person hears what is wrong, and sees their own words."""
    with pytest.raises(NotAPhoneNumber) as caught:
        parse(text, region="US")

    assert why in words(caught.value)
    assert text.strip()[:79] in words(caught.value)


@pytest.mark.parametrize(
    ("text", "region", "candidates"),
    [
        ("65 6234 5678", "US", ["+1 656-234-5678", "+65 6234 5678"]),
        ("3902123456", "IT", ["+39 390 212 3456", "+39 02 123456"]),
        ("2079460018", "GB", ["+44 20 7946 0018"]),
        ("30123456", "DE", ["+49 30 123456"]),
        ("+44 020 7946 0018", "US", ["+44 20 7946 0018"]),
        ("+1 1 415 555 0142", "US", ["+1 415-555-0142"]),
        ("+34 91 (0)2 345 678", "ES", []),
        ("030 1234 030 5678", "DE", []),
        ("+49 30 1234 030 5678", "DE", []),
        ("030 1234 / (030) 5678", "DE", []),
        ("116 5234 (2)", "XX", []),
    ],
)
def test_a_reading_in_doubt_is_offered_never_dialled(
    text: str, region: str, candidates: list[str]
) -> None:
    """A lost plus, a lost zero or a zero too many: the person decides."""
    with pytest.raises(NotAPhoneNumber) as caught:
        parse(text, region=region)

    assert all(each in words(caught.value) for each in candidates)


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
    with refused(HasExtension, match="extension or a dialling code") as caught:
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
        ("+49 116117", "US"),
        ("+1 22000", "US"),
        ("11833", "DE"),
        ("116 123", "DE"),
    ],
)
def test_short_codes_are_refused(text: str, region: str) -> None:
    """Short numbers differ by country, and some are very expensive."""
    with refused(ShortCode, match="short codes"):
        parse(text, region=region)


@pytest.mark.parametrize(
    ("length", "shown"),
    [(80, f"“{'x' * 80}”"), (81, f"“{'x' * 79}…”"), (9000, f"“{'x' * 79}…”")],
)
def test_a_long_text_is_shown_back_in_part(length: int, shown: str) -> None:
    """If a whole page was pasted, the refusal must stay short enough to read."""
    with pytest.raises(NotAPhoneNumber) as caught:
        parse("x" * length, region="US")

    assert shown in words(caught.value)
    assert len(words(caught.value)) < 200
