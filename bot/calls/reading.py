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
    ValidationResult,
)

LONGEST_E164 = 15
"""Digits in a number, country code included (ITU-T E.164)."""

_SHAPE = re.compile(r"[(\[ ]*\+?[(\[ ]*\d(?:[ ().\[\]/-]*\d)*[)\]. ]*")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
"""``+44 (0)20 …``: a zero that is dialed only within the country. Italy keeps its zero."""


def sure(text: str, region: str) -> str:
    """Return the E.164 form of *text*, or ``""`` if there is any doubt.

    A number with a plus only has to be possible: RingCentral decides on it. One without
    has to be valid, because we add the country code.
    """
    if not is_shaped(text):
        return ""
    e164 = _with_plus(text) if "+" in text else _without_plus(text, region)
    return "" if not e164 or _is_two_numbers(text, region) else e164


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


def is_short_code(number: phonenumbers.PhoneNumber) -> bool:
    """Whether its country has this only as a short number (``+49 116117``)."""
    return phonenumbers.is_valid_short_number(
        number
    ) and not phonenumbers.is_valid_number(number)


def _with_plus(text: str) -> str:
    digits = digits_of(text)
    number = parsed(f"+{digits}")
    if number is None or len(digits) > LONGEST_E164 or is_short_code(number):
        return ""
    e164 = e164_of(number)
    if _TRUNK_ZERO.search(text):
        bare = digits_of(_TRUNK_ZERO.sub("", text, count=1))
        is_sure = phonenumbers.is_valid_number(number) and e164[1:] in {digits, bare}
    else:
        # is_possible_number() would accept a number without its area code.
        possible = phonenumbers.is_possible_number_with_reason(number)
        is_good = possible == ValidationResult.IS_POSSIBLE
        is_sure = e164[1:] == digits and (
            is_good or phonenumbers.is_valid_number(number)
        )
    return e164 if is_sure else ""


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


def _groups(number: phonenumbers.PhoneNumber, style: int) -> list[str]:
    return re.findall(r"\d+", phonenumbers.format_number(number, style))


def _is_two_numbers(text: str, region: str) -> bool:
    """Whether *text* is two numbers, the second with its national prefix.

    In countries without a fixed length, ``030 1234 030 5678`` would pass for one.
    """
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
