"""Rewrites what is usually written beside a number's digits, where that is sure.

A trunk zero in brackets, the number of a list's line, prefixes that Mexico dropped.
"""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberFormat

from bot.calls.numbers import reading
from bot.calls.numbers.one_number import sure
from bot.calls.numbers.reading import (
    BRACKETED_ZERO,
    TRUNK_ZERO,
    digits_of,
    is_shaped,
    is_valid,
    parsed,
)
from bot.calls.typed import wrapping

_LINE_NUMBER = re.compile(r"\(?\d{1,2}[.)]\s+|[a-z][.)]\s+", re.IGNORECASE)

_REGIONS_OF_PLUS_ONE = phonenumbers.region_codes_for_country_code(1)

_PLUS_FOR_SPACE = re.compile(r"\+\d+(?:\+\d+){2,}")

_CARRIER = re.compile(r"^00\d{1,2}\D*(?=010)")

_OLD_MEXICAN = re.compile(
    r"(?:(?:00|011)?52(?:1|044|045|01)|(?P<home>044|045|01))(\d{10})"
)


def written_out(text: str, region: str) -> str:
    """Return *text* without a ``(0)`` behind its country code; unchanged if in doubt.

    Italy keeps the zero. Where no number begins with a trunk zero, and where the country
    code has no plus, the number has to be valid without it.
    """
    head, zero, tail = _cut(TRUNK_ZERO, text)
    if not zero or not is_shaped(text):
        return text
    digits, code = digits_of(tail), _code_in(head, region)
    if not code:
        return _without_plus(digits_of(head), tail) or text
    if is_valid(f"+{code}0{digits}"):
        # ``+39 (0)899 …`` may be a landline or, without the zero, premium-rate.
        is_doubtful = is_valid(f"+{code}{digits}")
        return text if is_doubtful else f"+{code} 0{tail.strip()}"
    country = phonenumbers.region_code_for_country_code(int(code))
    if is_valid(f"+{code}{digits}") or (
        digits
        and phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True) == "0"
    ):
        return f"+{code} {tail.strip()}"
    return text


def without_zeros(text: str) -> str:
    """Return *text* without zeros in brackets, wherever they stand.

    One right behind the country code of numbers that begin with a zero is kept.
    """
    dropped = BRACKETED_ZERO.sub(" ", text)
    kept = BRACKETED_ZERO.sub(" ", BRACKETED_ZERO.sub(" 0 ", text, count=1))
    number, other = parsed(kept), parsed(dropped)
    if number is None or other is None or not phonenumbers.is_valid_number(number):
        return dropped
    national = phonenumbers.national_significant_number(other)
    begins = phonenumbers.national_significant_number(number) == f"0{national}"
    return kept if begins else dropped


def _without_plus(code: str, tail: str) -> str:
    """Return ``44 (0)20 …`` with a plus, if one of the two readings is a number.

    *tail* stays as it is written: its brackets and slash may show a second number.
    """
    if not code or code[0] == "0" or int(code) not in COUNTRY_CODE_TO_REGION_CODE:
        return ""
    digits = digits_of(tail)
    read = [zero for zero in ("0", "") if is_valid(f"+{code}{zero}{digits}")]
    return f"+{code} {read[0]}{tail.strip()}" if len(read) == 1 else ""


def unnumbered(text: str, region: str) -> str:
    """Return *text* without the number of a list's line (``2. ``); unchanged if in doubt.

    ``44. 20 7946 0018`` may be British, and no list: then the digits would be another
    number with a plus before them.
    """
    rest = _behind_line_number(text, region)
    number = sure(rest, region)
    if not number or sure(text, region):
        return text
    other = f"+{digits_of(text)}"
    is_doubtful = "+" not in rest and other != number and is_valid(other)
    return text if is_doubtful else rest


def has_two_readings(text: str, region: str) -> bool:
    """Whether a list's number may be a part of the phone number: both can be read."""
    number = sure(_behind_line_number(text, region), region)
    return bool(number) and sure(text, region) not in {"", number}


def _behind_line_number(text: str, region: str) -> str:
    is_date = reading.is_date(text, region)
    found = None if is_date else _LINE_NUMBER.match(text)
    rest = wrapping.bare(text[found.end() :]) if found else ""
    is_number = found is not None and not _is_area_code(found[0], rest, region)
    return written_out(rest, region) if is_number else ""


def _is_area_code(mark: str, rest: str, region: str) -> bool:
    """Whether ``(11) 3333-4444`` may begin with an area code, and not with a list's line.

    One digit is none in North America, nor before a trunk or international prefix. Two
    are one where what follows is no whole number by its groups.
    """
    prefix = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) or "+"
    is_single = len(digits_of(mark)) < 2  # noqa: PLR2004 - two digits are an area code
    if rest.startswith(("+", prefix)) or region in _REGIONS_OF_PLUS_ONE:
        return mark.startswith("(") and not is_single
    if mark.startswith("("):
        return True
    number = parsed(digits_of(rest), region)
    is_grouped = number is not None and reading.is_grouped_as(rest, number)
    return not (is_single or rest.isdigit() or is_grouped)


def spaced(text: str, region: str) -> str:
    """Return ``+49/30/12345678`` with spaces; unchanged if in doubt.

    Several slashes may part two numbers, and so may plus signs, which a link has for
    spaces. They part the groups of one number only if its country groups it in this way.
    """
    is_parted = text.count("/") > 1 or _PLUS_FOR_SPACE.fullmatch(text)
    if not is_parted or reading.is_date(text, region):
        return text
    sign = "/" if "/" in text else "+"
    groups = written_out(text[0] + text[1:].replace(sign, " "), region)
    digits = digits_of(groups)
    number = parsed(groups if "+" in groups else digits, region)
    if number is None or not sure(groups, region):
        return text
    return groups if reading.is_grouped_as(groups, number) else text


def without_carrier(text: str, region: str) -> str:
    """Return Japan's ``001-010-1-…`` without the carrier before the international prefix."""
    return _CARRIER.sub("", text) if region == "JP" else text


def old_mexican(text: str, region: str) -> str:
    """Return a Mexican number without a former prefix, in international form.

    Mexico dropped 1, 044, 045 and 01 in 2019; WhatsApp still writes ``+52 1 55 …``. Empty
    if *text* has none of them. Without Mexico's country code it has to be home.
    """
    found = _OLD_MEXICAN.fullmatch(digits_of(text)) if is_shaped(text) else None
    if found is None or (found["home"] and region != "MX"):
        return ""
    number = parsed(f"+52{found[2]}")
    if number is None or not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def _cut(at: re.Pattern[str], text: str) -> tuple[str, str, str]:
    found = at.search(text)
    if found is None:
        return text, "", ""
    return text[: found.start()], found[0], text[found.end() :]


def _code_in(head: str, region: str) -> str:
    """Return the country code that *head* consists of, behind a plus or exit code."""
    code = digits_of(head)
    if "+" not in head:
        metadata = PhoneMetadata.metadata_for_region(region)
        abroad = (metadata and metadata.international_prefix) or "00"
        exit_code = re.match(rf"00|(?:{abroad})", code)
        code = code[exit_code.end() :] if exit_code else ""
    known = code and int(code) in COUNTRY_CODE_TO_REGION_CODE
    return code if known and not code.startswith("0") else ""
