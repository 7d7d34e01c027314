"""Whether two spellings are one phone number: the call log has many for each.

E.164, the same without its plus, national, local, and with the last digits hidden
(``+3351234XXXX``) all occur in RingCentral's ``phoneNumber`` fields.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

HIDDEN = "?"

_SIGNS = re.compile(r"[0-9]|[Xx*•]")
_EXTENSION_SUFFIX = re.compile(r"(?<=[0-9])\*[0-9]+\s*$")
_ABROAD = ("00", "011")

_FEWEST = 4
"""Visible digits below which a text tells nothing: an extension, or all is hidden."""

_LOCAL = 7
"""Digits of a number without country code that are still worth comparing."""

_NATIONAL = 9
"""Digits from the end that make two whole numbers the same (10 in the US)."""


class Likeness(IntEnum):
    """How far two spellings agree, the better the higher."""

    DIFFERENT = 0
    ABSENT = 1
    """One of them is no number, or hides too much of it."""
    LIKE = 2
    """All that can be compared agrees: digits are hidden, or it is short."""
    SAME = 3


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The digits of a number, each or `HIDDEN`; *whole* with its country code."""

    digits: str
    whole: bool

    @property
    def visible(self) -> int:
        return len(self.digits) - self.digits.count(HIDDEN)


@lru_cache(maxsize=8192)
def compare(one: str, other: str) -> Likeness:
    """Say how far two numbers agree, however each is written."""
    left, right = _read(one), _read(other)
    if min(left.visible, right.visible) < _FEWEST:
        return Likeness.ABSENT
    hidden = HIDDEN in left.digits or HIDDEN in right.digits
    if left.whole and right.whole:
        # How many digits are hidden is not documented: one more or less is let pass.
        apart = abs(len(left.digits) - len(right.digits))
        if apart > hidden or not _agree(left.digits, right.digits):
            return Likeness.DIFFERENT
        return Likeness.LIKE if hidden else Likeness.SAME
    return _from_the_end(left, right, hidden=hidden)


def _from_the_end(left: _Pattern, right: _Pattern, *, hidden: bool) -> Likeness:
    """Compare where a country code is missing, or may be there without its plus."""
    common = min(len(left.digits), len(right.digits))
    if any(side.whole and len(side.digits) == common for side in (left, right)):
        # Nothing comes before a whole number's digits, so the other one must fit in.
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
        for pair in zip(one, other, strict=False)  # as far as both go
    )


@lru_cache(maxsize=8192)
def _read(text: str) -> _Pattern:
    plain = _EXTENSION_SUFFIX.sub(
        "", text.strip()
    )  # 16505550101*101: the main number's
    signs = "".join(
        sign if sign.isdigit() else HIDDEN for sign in _SIGNS.findall(plain)
    )
    if plain.startswith("+"):
        return _Pattern(signs, whole=True)
    for prefix in _ABROAD:
        if signs.startswith(prefix):
            return _Pattern(signs.removeprefix(prefix), whole=True)
    return _Pattern(signs.lstrip("0"), whole=False)
