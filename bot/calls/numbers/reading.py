"""Reads the digits of a cleaned text as a number; `one_number` decides if it is one.

phonenumbers drops characters that it does not know, turns letters into digits, and tries
several readings until one fits. So its result counts only if it has every typed digit.
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import (
    Leniency,
    NumberParseException,
    PhoneMetadata,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    PhoneNumberType,
    ValidationResult,
)

from bot.calls.numbers import dates

LONGEST_E164 = 15
"""Digits in a number, country code included (ITU-T E.164)."""

_SHAPE = re.compile(r"[(\[ ]*\+?[(\[ ]*\d(?:[ ().\[\]/-]*\d)*[)\]. ]*")
TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
"""``+44 (0)20 …``: a zero that is dialed only within the country."""

BRACKETED_ZERO = re.compile(r"[(\[]\s*0\s*[)\]]")

INNER_ZERO = re.compile(rf"\d\D*{BRACKETED_ZERO.pattern}")
"""``44 (0)20 …``: what is in front is a country code, whatever the digits would be at
home. ``+49 30 [0] 1234567`` is in doubt too: perhaps the zero is not to be dialed."""

LONGEST_SHORT = 6
"""A number without a country code and with so few digits is an extension or short code,
unless home's ordinary numbers are as short (Andorra, the Faroe Islands)."""


def is_date(text: str, region: str) -> bool:
    """Whether *text* is a date, and not written as home's numbers are."""
    if not dates.is_day(text):
        return False
    number = parsed(digits_of(text), region)
    return number is None or text != phonenumbers.format_number(
        number, PhoneNumberFormat.NATIONAL
    )


def is_shaped(text: str) -> bool:
    """Whether *text* has the characters of one number: no letters, no list."""
    return _SHAPE.fullmatch(text) is not None and text.count("/") <= 1


def digits_of(text: str) -> str:
    """Return the digits of a cleaned text."""
    return re.sub(r"\D", "", text)


@lru_cache(maxsize=1024)
def parsed(text: str, region: str | None = None) -> phonenumbers.PhoneNumber | None:
    """Return what phonenumbers reads, or None if it raises.

    Cached, because the same number is read, checked and shown. The result is shared:
    do not change it.
    """
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def e164_of(number: phonenumbers.PhoneNumber) -> str:
    """Return the number as ``+`` and digits."""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def is_valid(e164: str) -> bool:
    """Whether the country has this very number."""
    number = parsed(e164)
    return (
        number is not None
        and phonenumbers.is_valid_number(number)
        and e164_of(number) == e164
    )


def is_short_code(number: phonenumbers.PhoneNumber) -> bool:
    """Whether its country has this only as a short number (``+49 116117``)."""
    return phonenumbers.is_valid_short_number(
        number
    ) and not phonenumbers.is_valid_number(number)


@lru_cache(maxsize=1024)
def one(text: str, region: str) -> str:
    """Return the E.164 form of all digits of *text*, or ``""`` if they are no number.

    A number with a plus only has to be possible: RingCentral decides on it. One without
    has to be valid, because we add the country code. Cached, because the same parts of a
    text are tried by several rules.
    """
    return _with_plus(text) if "+" in text else _without_plus(text, region)


def _with_plus(text: str) -> str:
    digits = digits_of(text)
    number = parsed(f"+{digits}")
    if number is None or len(digits) > LONGEST_E164 or is_short_code(number):
        return ""
    if TRUNK_ZERO.search(text) or e164_of(number)[1:] != digits:
        return ""
    # is_possible_number() would accept a number without its area code.
    possible = phonenumbers.is_possible_number_with_reason(number)
    is_good = possible == ValidationResult.IS_POSSIBLE
    return f"+{digits}" if is_good or phonenumbers.is_valid_number(number) else ""


def _without_plus(text: str, region: str) -> str:
    digits = digits_of(text)
    number = parsed(digits, region)
    if number is None or not phonenumbers.is_valid_number(number):
        return ""
    if not _is_spelled_out(digits, number, region):
        return ""
    e164 = e164_of(number)
    is_too_long = len(digits_of(e164)) > LONGEST_E164
    return "" if is_too_long or other_reading(text, number) else e164


def _is_spelled_out(digits: str, number: phonenumbers.PhoneNumber, region: str) -> bool:
    """Whether *digits* are a usual way to write *number*, with no digit left over."""
    whole = e164_of(number)[1:]
    if digits.endswith(whole):
        metadata = PhoneMetadata.metadata_for_region(region)
        abroad = (metadata and metadata.international_prefix) or "(?!)"
        head = digits.removesuffix(whole)
        return not head or re.fullmatch(abroad, head) is not None
    significant = phonenumbers.national_significant_number(number)
    if digits == significant:
        # VALID asks for the leading 0 in countries where it is needed: "2079460018" may
        # lack its 0 in Britain, "30123456" may be a local number in Munich.
        return PhoneNumberMatcher(digits, region, Leniency.VALID, 1).has_next()
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    prefix = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) or ""
    return digits in {digits_of(national), prefix + significant}


def other_reading(
    text: str, number: phonenumbers.PhoneNumber
) -> phonenumbers.PhoneNumber | None:
    """Return the number that *text* would be with a plus, if it may have lost one.

    ``65 6234 5678`` in the US is Florida by its digits and Singapore by its groups. An
    Italian ``390…`` may begin with Italy's own country code. A text that is grouped in
    the home country's way has lost nothing.
    """
    other = parsed(f"+{digits_of(text)}")
    if other is None or other == number or not phonenumbers.is_valid_number(other):
        return None
    typed = re.findall(r"\d+", text)
    abroad = typed == _groups(other, PhoneNumberFormat.INTERNATIONAL)
    at_home = typed == _groups(number, PhoneNumberFormat.NATIONAL)
    same_code = other.country_code == number.country_code
    return other if (same_code or abroad) and not at_home else None


def is_grouped_as(text: str, number: phonenumbers.PhoneNumber) -> bool:
    """Whether *text* has its digits in the groups in which *number* is usually written."""
    typed = re.findall(r"\d+", text)
    if typed == _groups(number, PhoneNumberFormat.NATIONAL):
        return True
    code, *rest = _groups(number, PhoneNumberFormat.INTERNATIONAL)
    return typed[1:] == rest and typed[0].endswith(code)


def _groups(number: phonenumbers.PhoneNumber, style: int) -> list[str]:
    return re.findall(r"\d+", phonenumbers.format_number(number, style))


def is_short(text: str, region: str) -> bool:
    """Whether *text* has no more digits than an extension or short code."""
    count = len(digits_of(text))
    return "+" not in text and count <= LONGEST_SHORT and count not in lengths(region)


@lru_cache(maxsize=256)
def lengths(region: str) -> frozenset[int]:
    """Return how many digits a usual landline and mobile number of *region* have."""
    kinds = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
    examples = (phonenumbers.example_number_for_type(region, kind) for kind in kinds)
    return frozenset(
        len(phonenumbers.national_significant_number(each))
        for each in examples
        if each is not None
    )
