"""A plus before a number of home: another country's number is not dialed because of it."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import settings
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from bot.calls.numbers.phone import parse
from bot.calls.numbers.reading import e164_of, parsed
from bot.calls.numbers.refusal import AmbiguousNumber
from bot.calls.numbers.stray_plus import home_number
from refused import refused

SOME = max(100 // settings().max_examples, 1)
"""Every tenth region; CI, which tries more examples of each property, takes them all."""

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
LANDLINE, MOBILE = PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE
NATIONAL, ABROAD = PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL
EXAMPLES = [
    (region, example)
    for region in REGIONS[::SOME]
    for kind in (LANDLINE, MOBILE)
    if (example := phonenumbers.example_number_for_type(region, kind)) is not None
]


@pytest.mark.parametrize(
    ("text", "region", "candidates"),
    [
        ("+(201) 555-0123", "US", ("+1 201-555-0123", "+20 15 550123")),
        ("(+201) 555-0123", "US", ("+1 201-555-0123", "+20 15 550123")),
        ("+(646) 555-0142", "US", ("+1 646-555-0142", "+64 6 555 0142")),
        ("+646 555 0142", "US", ("+1 646-555-0142", "+64 6 555 0142")),
        ("+(323) 555-0142", "CA", ("+1 323-555-0142", "+32 3 555 01 42")),
        ("+(415) 555-0142", "US", ("+1 415-555-0142",)),
        ("+8 (495) 123-45-67", "RU", ("+7 495 123-45-67", "+84 951 234 567")),
        ("+495 123-45-67", "RU", ("+7 495 123-45-67", "+49 5123 4567")),
        ("+532 123 45 67", "TR", ("+90 532 123 45 67", "+53 21 234567")),
        ("+321 1234567", "CO", ("+57 321 1234567", "+32 11 23 45 67")),
        ("+138 1234 5678", "CN", ("+86 138 1234 5678", "+1 381-234-5678")),
        ("+(11) 96123-4567", "BR", ("+55 11 96123-4567", "+1 1961234567")),
        ("+(41) 99123-4567", "BR", ("+55 41 99123-4567", "+41 99 123 45 67")),
        ("+1512 3456789", "DE", ("+49 1512 3456789", "+1 512-345-6789")),
        ("+4 91 23 45 67", "FR", ("+33 4 91 23 45 67", "+49 1234567")),
        ("+(207) 946 0018", "GB", ("+44 20 7946 0018", "+20 79460018")),
        (
            "<tel:+2015550123|+(201) 555-0123>",
            "US",
            ("+1 201-555-0123", "+20 15 550123"),
        ),
    ],
)
def test_a_plus_before_a_number_of_home_is_in_doubt(
    text: str, region: str, candidates: tuple[str, ...]
) -> None:
    """A stranger in Egypt was rung, or people read that Egypt isn't allowed."""
    with refused(AmbiguousNumber, match="If you mean .*, type that") as caught:
        parse(text, region=region)

    error = caught.value
    assert isinstance(error, AmbiguousNumber)
    assert error.candidates == candidates
    for each in candidates:
        assert parse(each, region=region).international == each


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+1 (415) 555-0142", "DE", "+14155550142"),
        ("+1-415-555-0142", "CN", "+14155550142"),
        ("+1415 555 0142", "DE", "+14155550142"),
        ("+1512 345 6789", "DE", "+15123456789"),
        ("+(1415) 555 0142", "US", "+14155550142"),
        ("+44 20 7946 0018", "US", "+442079460018"),
        ("+4420 7946 0018", "DE", "+442079460018"),
        ("+(44) 20 7946 0018", "US", "+442079460018"),
        ("+33 (0)1 23 45 67 89", "US", "+33123456789"),
        ("+33612 345678", "DE", "+33612345678"),
        ("+49171 1234567", "US", "+491711234567"),
        ("+431 23456789", "DE", "+43123456789"),
        ("+4792 34 56 78", "US", "+4792345678"),
        ("+(507) 200-1234", "US", "+5072001234"),
        ("+20 15 550123", "US", "+2015550123"),
        ("+2015550123", "US", "+2015550123"),
    ],
)
def test_with_its_country_code_in_front_a_number_is_dialed(
    text: str, region: str, number: str
) -> None:
    """Its groups say where it belongs; so do no groups at all, as a phone copies it."""
    assert parse(text, region=region).e164 == number


def _written(number: phonenumbers.PhoneNumber) -> list[str]:
    """Return usual spellings behind the country code."""
    code = number.country_code
    _, *groups = re.findall(r"\d+", phonenumbers.format_number(number, ABROAD))
    first, rest = groups[0], " ".join(groups[1:])
    digits = "".join(groups)
    return [
        *(phonenumbers.format_number(number, style) for style in (0, 1, 3)),
        f"+{code} {digits}",
        f"+{code} ({first}) {rest}",
        f"+{code}-{'-'.join(groups)}",
        f"+{code}.{'.'.join(groups)}",
        f"+({code}) {' '.join(groups)}",
        f"+{code} {' '.join(re.findall('..?', digits))}",
    ]


@pytest.mark.unmeasured
@pytest.mark.parametrize("home", ["", "US", "DE", "BR"])
def test_every_regions_usual_spellings_are_beyond_doubt(home: str) -> None:
    """Who writes a number as their country does is never asked what they mean."""
    for region, number in EXAMPLES:
        for text in _written(number):
            assert home_number(text.removeprefix("tel:"), home or region) == "", text


@pytest.mark.unmeasured
def test_no_region_has_a_home_number_in_brackets_dialed_abroad() -> None:
    """Whatever country the digits of its area code begin with."""
    tried = 0
    for region, number in EXAMPLES:
        groups = re.findall(r"\d+", phonenumbers.format_number(number, NATIONAL))
        abroad = parsed(f"+{''.join(groups)}")
        if len(groups) == 1 or abroad is None or abroad == number:
            continue
        if groups[0] == str(abroad.country_code):
            continue
        tried += 1
        text = f"+({groups[0]}) {' '.join(groups[1:])}"
        assert home_number(text, region) == e164_of(number), text

    assert tried
