"""Whether two spellings are the same phone number: the call log has many for each.

RingCentral's ``phoneNumber`` fields have E.164, E.164 without the plus, national and
local numbers, and numbers whose last digits are masked (``+3351234XXXX``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

HIDDEN = "?"

_DIGIT_OR_MASK = re.compile(r"[0-9]|[Xx*•]")
_EXTENSION_SUFFIX = re.compile(r"(?<=[0-9])\*[0-9]+\s*$")
_ABROAD = ("00", "011")

_FEWEST_VISIBLE = 4
"""Fewer visible digits cannot be compared: an extension, or a masked number."""

_LOCAL = 7
"""The fewest digits of a number without country code that are worth comparing."""

_NATIONAL = 9
"""So many equal digits from the end make two numbers the same (the US has 10)."""


class Likeness(IntEnum):
    """How well two spellings agree; higher is better."""

    DIFFERENT = 0
    ABSENT = 1
    """One of them is no number, or shows too little of it."""
    LIKE = 2
    """Whatever can be compared agrees, but digits are masked or missing."""
    SAME = 3


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The digits of a number, masked ones as `HIDDEN`; *whole*: with country code."""

    digits: str
    whole: bool

    @property
    def visible(self) -> int:
        return len(self.digits) - self.digits.count(HIDDEN)


@lru_cache(maxsize=8192)
def compare(one: str, other: str) -> Likeness:
    """Return how well two numbers agree, however each is written."""
    left, right = _read(one), _read(other)
    if min(left.visible, right.visible) < _FEWEST_VISIBLE:
        return Likeness.ABSENT
    hidden = HIDDEN in left.digits or HIDDEN in right.digits
    if left.whole and right.whole:
        # How many digits are masked is not documented, so allow for one more or less.
        apart = abs(len(left.digits) - len(right.digits))
        if apart > hidden or not _agree(left.digits, right.digits):
            return Likeness.DIFFERENT
        return Likeness.LIKE if hidden else Likeness.SAME
    return _from_the_end(left, right, hidden=hidden)


def _from_the_end(left: _Pattern, right: _Pattern, *, hidden: bool) -> Likeness:
    """Compare if a country code is missing, or may be there without its plus."""
    common = min(len(left.digits), len(right.digits))
    if any(side.whole and len(side.digits) == common for side in (left, right)):
        # Nothing comes before the digits of a whole number, so the other must fit in.
        common = max(len(left.digits), len(right.digits))
    if common < _LOCAL or not _agree(
        left.digits[-common:].rjust(common, "-"),
        right.digits[-common:].rjust(common, "-"),
    ):
        return Likeness.DIFFERENT
    return Likeness.LIKE if hidden or common < _NATIONAL else Likeness.SAME


def _agree(one: str, other: str) -> bool:
    return all(
        HIDDEN in pair or pair[0] == pair[1]
        for pair in zip(one, other, strict=False)  # up to the shorter one's length
    )


@lru_cache(maxsize=8192)
def _read(text: str) -> _Pattern:
    plain = _EXTENSION_SUFFIX.sub(
        "", text.strip()
    )  # 16505550101*101 is an extension of the main number
    signs = "".join(
        sign if sign.isdigit() else HIDDEN for sign in _DIGIT_OR_MASK.findall(plain)
    )
    if plain.startswith("+"):
        return _Pattern(signs, whole=True)
    for prefix in _ABROAD:
        if signs.startswith(prefix):
            return _Pattern(signs.removeprefix(prefix), whole=True)
    return _Pattern(signs.lstrip("0"), whole=False)
