"""Finds numbers of a possible length that no known range has: the person is asked first.

Countries get new numbers before phonenumbers knows them, so that these can't be refused.
A number that lacks a digit looks the same; with a plus, only its length is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

import phonenumbers

from bot.calls.numbers import reading
from bot.calls.numbers.phone import PhoneNumber

NORTH_AMERICA = 1
"""All its numbers have ten digits, and other lengths are refused: nothing to doubt."""

_FEW = 2
"""So many digits may be missing, or may be too many."""


class Doubt(Enum):
    """What may be wrong with a number."""

    SHORT = "short"
    """With a digit or two more it would be a number."""
    LONG = "long"
    """With a digit or two less it would be one."""
    UNKNOWN = "unknown"


def doubt_of(number: PhoneNumber) -> Doubt | None:
    """Return what may be wrong with *number*; None if it is valid or North American."""
    parsed = reading.parsed(number.e164)
    if parsed is None:
        return Doubt.UNKNOWN
    if parsed.country_code == NORTH_AMERICA or phonenumbers.is_valid_number(parsed):
        return None
    if any(map(_is_valid, _longer(number.e164))):
        return Doubt.SHORT
    if any(_is_valid(number.e164[:-less]) for less in range(1, _FEW + 1)):
        return Doubt.LONG
    return Doubt.UNKNOWN


def _longer(e164: str) -> Iterator[str]:
    for digit in "0123456789":
        for more in range(1, _FEW + 1):
            yield e164 + digit * more


def _is_valid(e164: str) -> bool:
    number = reading.parsed(e164)
    return number is not None and phonenumbers.is_valid_number(number)
