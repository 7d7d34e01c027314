"""Reads a cleaned text as a number, if there is no doubt which one it is.

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

from bot.calls import dates

LONGEST_E164 = 15
"""Digits in a number, country code included (ITU-T E.164)."""

_SHAPE = re.compile(r"[(\[ ]*\+?[(\[ ]*\d(?:[ ().\[\]/-]*\d)*[)\]. ]*")
TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
"""``+44 (0)20 …``: a zero that is dialed only within the country."""

_INNER_ZERO = re.compile(rf"\d\D*{TRUNK_ZERO.pattern}")
"""``44 (0)20 …``: what is in front is a country code, whatever the digits would be at
home."""

_BEHIND_BRACKET = re.compile(r"\d[ ./-]*\([ \d]+\)[ .]*$")
"""``123456 (57)``: the last digits of a second number."""

_GERMANY, _AUSTRIA = 49, 43
_WITH_EXTENSIONS = {_GERMANY, _AUSTRIA}
"""Countries where an extension's digits are dialed behind the number (``123456-0``)."""

_DASHED = re.compile(r"(.*\d{4}) ?- ?\d{1,2}")
"""One or two digits behind a dash, and before it no pair of digits, as in ``12 34-56``."""

_LONGEST_EXTENSION = 4
"""Digits behind a slash in Austria, where they belong to the number."""

_SHORTEST_SUBSCRIBER = 5
"""Fewer digits behind a slash are the end of a second number, not a number behind an
area code."""

LONGEST_SHORT = 6
"""A number without a country code and with so few digits is an extension or short code,
unless home's ordinary numbers are as short (Andorra, the Faroe Islands)."""


def sure(text: str, region: str) -> str:
    """Return the E.164 form of *text*, or ``""`` if there is any doubt.

    A number with a plus only has to be possible: RingCentral decides on it. One without
    has to be valid, because we add the country code.
    """
    if not is_shaped(text) or _is_short(text, region) or is_date(text, region):
        return ""
    if _INNER_ZERO.search(text):
        return ""
    e164 = _one(text, region)
    return "" if not e164 or is_two_numbers(text, region) else e164


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


def _one(text: str, region: str) -> str:
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
    return "" if other_reading(text, number) else e164_of(number)


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


def is_two_numbers(text: str, region: str) -> bool:
    """Whether *text* is two numbers, though its digits would pass for one.

    In countries without a fixed length: ``030 1234 030 5678``, and ``030 123456/57``,
    whose second number is 12 34 57.
    """
    if _BEHIND_BRACKET.search(text):
        return True
    return (
        _has_short_second(text, region)
        or _has_dashed_second(text, region)
        or _has_prefixed_second(text, region)
    )


def _has_short_second(text: str, region: str) -> bool:
    """Whether the digits behind a slash are the end of a second number.

    A slash right behind an area code (``030/123456``) only groups the digits.
    """
    head, slash, tail = text.partition("/")
    if not slash:
        return False
    number = parsed(_one(text, region))
    if number is None:
        return bool(_one(head, region)) and bool(digits_of(tail))
    behind = len(digits_of(tail))
    before = len(phonenumbers.national_significant_number(number)) - behind
    if before == phonenumbers.length_of_national_destination_code(number):
        return False
    if number.country_code == _AUSTRIA and behind <= _LONGEST_EXTENSION:
        return False
    return behind < _SHORTEST_SUBSCRIBER or _is_possible(head, region)


def _has_dashed_second(text: str, region: str) -> bool:
    """Whether ``02 1234567-8`` is two numbers; an extension's digits would belong."""
    found = _DASHED.fullmatch(text)
    number = parsed(_one(text, region)) if found else None
    if found is None or number is None or number.country_code in _WITH_EXTENSIONS:
        return False
    return bool(_one(found[1], region)) and is_valid(_one(found[1], region))


def _is_possible(text: str, region: str) -> bool:
    digits = digits_of(text)
    number = parsed(f"+{digits}" if "+" in text else digits, region)
    return number is not None and (
        phonenumbers.is_possible_number_with_reason(number)
        == ValidationResult.IS_POSSIBLE
    )


def _has_prefixed_second(text: str, region: str) -> bool:
    prefix = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True)
    if not prefix:
        return False
    for gap in re.finditer(r"[ /]+", text):
        first, second = text[: gap.start()], text[gap.end() :].lstrip("(")
        if not second.startswith(prefix) or not _without_plus(second, region):
            continue
        if _with_plus(first) if "+" in first else _without_plus(first, region):
            return True
    return False


def _is_short(text: str, region: str) -> bool:
    count = len(digits_of(text))
    return "+" not in text and count <= LONGEST_SHORT and count not in _lengths(region)


@lru_cache(maxsize=256)
def _lengths(region: str) -> frozenset[int]:
    """Return how many digits a usual landline and mobile number of *region* have."""
    kinds = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
    examples = (phonenumbers.example_number_for_type(region, kind) for kind in kinds)
    return frozenset(
        len(phonenumbers.national_significant_number(each))
        for each in examples
        if each is not None
    )
