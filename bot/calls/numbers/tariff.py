"""What kind of number costs its caller, or somebody, more than an ordinary call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from itertools import chain

import phonenumbers
from phonenumbers import PhoneNumberType

from bot.calls.numbers import reading


class Tariff(Enum):
    """The values are the words of the setting, apart from the first."""

    PREMIUM = "premium"
    """The callee is paid for the call. Never dialed."""
    PERSONAL = "personal"
    """A number that follows a person (UK 070): often as expensive as premium-rate."""
    SHARED_COST = "shared-cost"
    """The caller pays more than for an ordinary call (DE 0137, ES 905, FR 0825)."""


_TARIFFS = {
    PhoneNumberType.PREMIUM_RATE: Tariff.PREMIUM,
    PhoneNumberType.PERSONAL_NUMBER: Tariff.PERSONAL,
    PhoneNumberType.SHARED_COST: Tariff.SHARED_COST,
}

_PREMIUM = re.compile(r"\+(?:1900|1\d{3}976|979)\d*")
"""phonenumbers takes 976 for an ordinary exchange, and 979 only at its full length."""

_SHARED_COST = re.compile(r"\+(?:34905|81570|3270|48[34]00)\d*")
"""Spain's 905 and Poland's 300 and 400, for votes and games, Japan's 0570, Belgium's 070:
phonenumbers has no such type for them."""

_SHORTEST = 5
"""Characters of the shortest E.164 text that can have a type."""

_MISSING = 2
"""So many digits may be missing at the end."""


@lru_cache(maxsize=1024)
def tariff_of(e164: str) -> Tariff | None:
    """Return the tariff of a number; None if it is an ordinary one, or free.

    A number that is not valid is judged by its prefix: networks ignore digits too many,
    so ``+49 900 1234567 0`` rings the premium-rate number.
    """
    if _PREMIUM.match(e164):
        return Tariff.PREMIUM
    if _SHARED_COST.match(e164):
        return Tariff.SHARED_COST
    number = reading.parsed(e164)
    if number is None:
        return None
    kind = phonenumbers.number_type(number)
    # It is valid then: asking for that would take as long again.
    if kind != PhoneNumberType.UNKNOWN:
        return _TARIFFS.get(kind)
    found = {_type_of(each) for each in chain(_shorter(e164), _longer(e164))}
    return next((each for each in Tariff if each in found), None)


def _type_of(e164: str) -> Tariff | None:
    number = reading.parsed(e164)
    return None if number is None else _TARIFFS.get(phonenumbers.number_type(number))


def _shorter(e164: str) -> Iterator[str]:
    for length in range(len(e164) - 1, _SHORTEST - 1, -1):
        yield e164[:length]


def _longer(e164: str) -> Iterator[str]:
    for digit in "0123456789":
        for more in range(1, _MISSING + 1):
            yield e164 + digit * more
