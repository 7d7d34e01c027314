"""Which number a cleaned text is, if there can be no doubt about it.

phonenumbers drops what it does not know, turns letters into digits and tries several
readings until one fits. So what it found counts only if every typed digit is in it.
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
"""``+44 (0)20 …``: dialled within the country only. Italy keeps its zero."""


def sure(text: str, region: str) -> str:
    """Return the E.164 form of *text*, or ``""`` where there is any doubt.

    With a plus a number has to be possible; without, valid: RingCentral has the last
    word on a number written whole, but not on what we put before one.
    """
    if not is_shaped(text):
        return ""
    e164 = _with_plus(text) if "+" in text else _without_plus(text, region)
    return "" if not e164 or _is_two_numbers(text, region) else e164


def is_shaped(text: str) -> bool:
    """Whether *text* is one number by its characters: no letter, no list."""
    return _SHAPE.fullmatch(text) is not None and text.count("/") <= 1


def digits_of(text: str) -> str:
    """Return the digits of a cleaned text."""
    return re.sub(r"\D", "", text)


@lru_cache(maxsize=1024)
def parsed(text: str, region: str | None = None) -> phonenumbers.PhoneNumber | None:
    """Ask phonenumbers, for whom a refusal is an exception.

    Once for a number that is read, judged and shown. Never change what this returns: it
    is shared.
    """
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def e164_of(number: phonenumbers.PhoneNumber) -> str:
    """Return ``+`` and digits."""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def is_short_code(number: phonenumbers.PhoneNumber) -> bool:
    """Whether a country has this as a short number only (``+49 116117``)."""
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
        # Not is_possible_number(): that one is happy without an area code.
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
    """Whether *digits* are *number* in a form in use, with nothing left over."""
    whole = e164_of(number)[1:]
    if digits.endswith(whole):
        metadata = PhoneMetadata.metadata_for_region(region)
        abroad = (metadata and metadata.international_prefix) or "(?!)"
        head = digits.removesuffix(whole)
        return not head or re.fullmatch(abroad, head) is not None
    significant = phonenumbers.national_significant_number(number)
    if digits == significant:
        # VALID: the 0 must be there where people can't leave it out. "2079460018" may
        # lack its 0 in Britain, "30123456" may be a local number in Munich.
        return PhoneNumberMatcher(digits, region, Leniency.VALID, 1).has_next()
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    prefix = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) or ""
    return digits in {digits_of(national), prefix + significant}


def other_reading(
    text: str, number: phonenumbers.PhoneNumber
) -> phonenumbers.PhoneNumber | None:
    """Return the number that *text* would be with a plus, if it may have lost that.

    ``65 6234 5678`` in the US: Florida by its digits, Singapore by its groups. An
    Italian ``390…`` may begin with Italy's own code. Grouped as at home, it is home's.
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
    """Whether *text* falls into two numbers, the second with its national prefix.

    Where numbers have no fixed length, ``030 1234 030 5678`` would pass for one.
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
