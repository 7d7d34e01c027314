"""Decides whether a cleaned text is one number beyond doubt, and not two.

Where the length of numbers varies, the digits of two would pass for one: those of
``030 1234-030 5678``, and of ``030 123456/57``, whose second number is 12 34 57.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, ValidationResult

from bot.calls.numbers.reading import (
    INNER_ZERO,
    digits_of,
    is_date,
    is_grouped_as,
    is_shaped,
    is_short,
    is_valid,
    lengths,
    one,
    parsed,
)
from bot.calls.numbers.stray_plus import home_number
from bot.calls.numbers.tariff import Tariff, tariff_of

_BEHIND_BRACKET = re.compile(r"\d[ ./-]*[(\[][ \d]+[)\]][ .]*$")
"""``123456 (57)``: the last digits of a second number."""

_GAP = re.compile(r"[ ./-]+|(?=[(\[])")
"""Where a second number may begin."""

_LAST_TWO = re.compile(
    r"(?P<head>.*?(?P<last>\d+))(?P<gap>[^\d/]+)(?P<tail>\d+)\D*", re.DOTALL
)

_SPACE_OR_BRACKET = " ()[]"

_GERMANY, _AUSTRIA = 49, 43
_WITH_EXTENSIONS = {_GERMANY, _AUSTRIA}
"""Countries where an extension's digits are dialed behind the number (``123456-0``)."""

_LONGEST_EXTENSION = 4
"""Digits."""
_SHORTEST_SUBSCRIBER = 5
"""Fewer digits behind a slash are the end of a second number, not a number behind an
area code."""

_PAIR_DIGITS = 2
"""Digits of a pair, as in ``12 34 56``; so many or fewer may be the end of a number."""

_SHORTEST_WHOLE = 6
"""Digits of a second number that has the beginning of the first."""


def sure(text: str, region: str) -> str:
    """Return the E.164 form of *text*, or ``""`` if there is any doubt."""
    if not is_shaped(text) or is_short(text, region) or is_date(text, region):
        return ""
    if INNER_ZERO.search(text) or home_number(text, region):
        return ""
    e164 = one(text, region)
    return "" if not e164 or is_two_numbers(text, region) else e164


@lru_cache(maxsize=1024)
def is_two_numbers(text: str, region: str) -> bool:
    """Whether *text* is two numbers, though its digits would pass for one.

    Cached, because a refusal asks once more.
    """
    return (
        _BEHIND_BRACKET.search(text) is not None
        or _has_slash_between(text, region)
        or _has_short_second(text, region)
        or _has_two_extensions(text, region)
        or _has_whole_second(text, region)
    )


def _has_slash_between(text: str, region: str) -> bool:
    """Whether the digits behind a slash are a second number, or the end of one.

    A slash right behind an area code (``030/123456``) only groups the digits.
    """
    head, slash, tail = text.partition("/")
    if not slash:
        return False
    number = parsed(one(text, region))
    if number is None:
        return bool(one(head, region)) and bool(digits_of(tail))
    behind = len(digits_of(tail))
    before = len(phonenumbers.national_significant_number(number)) - behind
    if before == phonenumbers.length_of_national_destination_code(number):
        return False
    if number.country_code == _AUSTRIA and _is_only_extension(head, tail, region):
        return False
    return behind < _SHORTEST_SUBSCRIBER or _is_possible(head, region)


def _is_only_extension(head: str, tail: str, region: str) -> bool:
    """Whether Austria's ``…/12`` is one extension, behind a landline without another."""
    tail = tail.strip()
    if not tail.isdigit() or len(tail) > _LONGEST_EXTENSION or _is_mobile(head, region):
        return False
    shorter = re.sub(r"[ .-]+\d{1,4}\s*$", "", head)
    return shorter == head or not _is_number(shorter, region)


def _has_short_second(text: str, region: str) -> bool:
    """Whether behind a number stand only the last digits of another (``1234567-8``).

    In Germany and Austria they are a landline's extension. Behind a space, a premium-rate
    number's are digits too many, with which the network rings it all the same.
    """
    found = _LAST_TWO.fullmatch(text)
    if found is None:
        return False
    head, last, tail = found["head"], found["last"], found["tail"]
    gap = found["gap"].strip(" ")
    whole = one(text, region)
    if gap.strip(_SPACE_OR_BRACKET) == "" and tariff_of(whole) is Tariff.PREMIUM:
        return False
    number = parsed(one(head, region) or whole)
    is_whole = _is_number(head, region)
    gap = _parting(gap, head, is_whole=is_whole)
    if number is None or not (is_whole or _is_last_digit(last, tail, gap)):
        return False
    if is_whole and gap and (_is_next(last, tail) or ".." in gap):
        return True
    if number.country_code in _WITH_EXTENSIONS and not _is_mobile(head, region):
        return False
    is_short = "-" in gap and len(tail) <= _PAIR_DIGITS
    return (is_short or _is_number(text, region)) and (
        _is_end(last, tail, gap)
        or (_is_pair(last, tail, gap) and not _is_usual_pair(text, number, region))
    )


def _parting(gap: str, head: str, *, is_whole: bool) -> str:
    """Return the sign before the last group: a dash for any that may part two numbers.

    A dot that parts no other groups does, and a bracket behind a whole number.
    """
    others = re.sub(r"^\D+|\d", "", head)
    is_odd_dot = gap == "." and others != "" and "." not in others
    is_bracket = is_whole and gap.strip(_SPACE_OR_BRACKET) != gap
    return "-" if is_odd_dot or is_bracket else gap.strip(_SPACE_OR_BRACKET)


def _is_pair(last: str, tail: str, gap: str) -> bool:
    """Whether ``56-57`` or ``456-57`` may be groups of one number as well."""
    return (
        "-" in gap and len(tail) == _PAIR_DIGITS and len(last) - _PAIR_DIGITS in {0, 1}
    )


def _is_last_digit(last: str, tail: str, gap: str) -> bool:
    return "-" in gap and len(tail) == 1 and len(last) > _PAIR_DIGITS


def _is_next(last: str, tail: str) -> bool:
    """Whether ``12346`` follows ``12345``: as long, and beginning like it."""
    same = max(len(last) // 2, _PAIR_DIGITS)
    return len(last) == len(tail) > _PAIR_DIGITS and last[:same] == tail[:same]


def _is_end(last: str, tail: str, gap: str) -> bool:
    """Whether *tail* is too short beside *last* to be a group of the same number.

    Groups of one number differ by a digit, as in ``123-45`` and ``1234-567``.
    """
    if len(tail) == 1:
        return bool(gap) or len(last) >= _SHORTEST_SUBSCRIBER
    fewest = min(len(tail) + 2, _SHORTEST_SUBSCRIBER)
    return bool(gap) and len(last) >= max(len(tail) + 1, fewest)


def _is_usual_pair(text: str, head: PhoneNumber, region: str) -> bool:
    """Whether ``27 12 34-56`` is home's way to group one number."""
    number = parsed(one(text, region))
    usual = lengths(phonenumbers.region_code_for_country_code(head.country_code or 0))
    return (
        number is not None
        and is_grouped_as(text, number)
        and len(phonenumbers.national_significant_number(head)) not in usual
    )


def _has_two_extensions(text: str, region: str) -> bool:
    """Whether behind a whole number stand an extension and more (``123456-12-13``)."""
    runs = list(re.finditer(r"\d+", text))
    return any(
        len(other[0]) <= _LONGEST_EXTENSION
        and len(last[0]) - len(other[0]) > 1
        and ("-" in text[last.end() : other.start()] or _are_pairs(last, runs))
        and _is_number(text[: last.end()], region)
        for last, other in pairwise(runs[:-1])
    )


def _are_pairs(last: re.Match[str], runs: list[re.Match[str]]) -> bool:
    """Whether behind a whole subscriber's number is nothing but pairs (``123456 12 13``)."""
    behind = [each for each in runs if each.start() > last.start()]
    return len(last[0]) >= _SHORTEST_SUBSCRIBER and all(
        len(each[0]) <= _PAIR_DIGITS for each in behind
    )


def _has_whole_second(text: str, region: str) -> bool:
    """Whether a second number follows, with a prefix or beginning as the first does."""
    for first, second in _splits(text):
        number = parsed(one(first, region))
        if number is None:
            continue
        country = phonenumbers.region_code_for_country_code(number.country_code or 0)
        if _is_like(number, digits_of(second)) or _has_prefix(second, number, country):
            return True
    return False


def _splits(text: str) -> Iterator[tuple[str, str]]:
    for gap in _GAP.finditer(text):
        yield text[: gap.start()], text[gap.end() :].lstrip("([")


def _has_prefix(second: str, first: PhoneNumber, country: str) -> bool:
    """Whether *second* is a number of *country* with its trunk prefix or country code."""
    prefix = phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True) or "0"
    if second.startswith(prefix) and one(second, country):
        return True
    whole = digits_of(second).removeprefix("00")
    return whole.startswith(str(first.country_code)) and is_valid(f"+{whole}")


def _is_like(first: PhoneNumber, second: str) -> bool:
    """Whether the digits *second* are as many as those of *first*, and begin like them."""
    national = phonenumbers.national_significant_number(first)
    half = len(national) // 2
    return (
        len(second) == len(national) >= _SHORTEST_WHOLE
        and second[:half] == national[:half]
    )


def _is_number(text: str, region: str) -> bool:
    found = one(text, region)
    return bool(found) and is_valid(found)


def _is_mobile(text: str, region: str) -> bool:
    number = parsed(one(text, region))
    if number is None:
        return False
    return phonenumbers.number_type(number) == PhoneNumberType.MOBILE


def _is_possible(text: str, region: str) -> bool:
    digits = digits_of(text)
    number = parsed(f"+{digits}" if "+" in text else digits, region)
    return number is not None and (
        phonenumbers.is_possible_number_with_reason(number)
        == ValidationResult.IS_POSSIBLE
    )
