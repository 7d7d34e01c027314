"""Which phone a person means: whatever the bot itself prints as its name can be typed.

Forms, answers, cards and lists print ``Mobile``, ``Mobile (+1 415-555-0101)``,
``Mobile (…0101)``, ``Default (Mobile …0101)``, ``…0101``, and a long label cut off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

from bot.calls.numbers.phone import PhoneNumber, parse
from bot.calls.people.names import cleaned
from bot.calls.typed import wrapping
from bot.calls.typed.dialing import clean
from bot.errors import UserError

LEAST_LETTERS = 2
"""So many letters of a label are enough if only one label has them."""

_WORDS_IN_FRONT = re.compile(r"^(?:\W*\b(?:default|on|my|our|the)\b)+(?=.*\w)")
_WORDS_BEHIND = re.compile(r"(?<=\w)\W+(?:phone|number|line|one)\W*$")
_DOTS = re.compile(r"[\u2026\u2022]+|\.{2,}")
_NO_WORD = re.compile(r"[^\w+\u2026]|_")
_MANY_DOTS = re.compile("\u2026+")
_LETTER = re.compile(r"[^\W\d_]")


class Named(Protocol):
    """A phone, as far as it has names."""

    @property
    def number(self) -> PhoneNumber: ...

    @property
    def label(self) -> str:
        """What RingCentral calls it."""

    @property
    def type(self) -> str:
        """Its kind in RingCentral's words, such as ``Mobile``."""


OfPhone = TypeVar("OfPhone", bound=Named)


def meant(text: str, among: Sequence[OfPhone], region: str) -> list[OfPhone]:
    """Return those of *among* that *text* may mean: a name, a part of one, or a number.

    The first way of reading it that fits any phone decides.
    """
    said = clean(text).casefold()
    shorter = _WORDS_IN_FRONT.sub("", said)
    readings = dict.fromkeys([said, shorter, _WORDS_BEHIND.sub("", shorter)])
    for key in map(_key, readings):
        if found := [each for each in among if key and key in _printed(each)]:
            return found
        if found := [each for each in among if _is_cut(key, each)]:
            return found
    for part in map(wrapping.unwrapped, readings):
        if found := [each for each in among if _is_part(part, each)]:
            return found
    return _by_number(text, among, region)


def _key(text: str) -> str:
    """Return what counts of a name: letters, digits, a plus, and that digits are hidden."""
    signs = _NO_WORD.sub("", _DOTS.sub("\u2026", text.casefold()))
    return _MANY_DOTS.sub("\u2026", signs)


def _labels(phone: Named) -> list[str]:
    """Return a label as RingCentral has it, and as others are shown it."""
    return [_key(clean(phone.label)), _key(cleaned(phone.label))]


def _printed(phone: Named) -> set[str]:
    """Return the keys of all names that the bot prints for *phone*."""
    number = phone.number
    numbers = {number.tail, number.tail[1:], number.masked, number.international}
    keys = {_key(each) for each in numbers}
    labels = {each for each in _labels(phone) if each}
    return keys | labels | {label + key for label in labels for key in keys}


def _is_cut(key: str, phone: Named) -> bool:
    """Whether it is the beginning of a long label, with an ellipsis behind it."""
    start = key.removesuffix("\u2026")
    if start == key or len(start) < LEAST_LETTERS:
        return False
    return any(each.startswith(start) for each in _labels(phone))


def _is_part(text: str, phone: Named) -> bool:
    if len(text) < LEAST_LETTERS:
        return False
    return text in wrapping.unwrapped(clean(f"{phone.label} {phone.type}")).casefold()


def _by_number(text: str, among: Sequence[OfPhone], region: str) -> list[OfPhone]:
    """Return the phone with this number; a label of another phone contradicts it."""
    if _LETTER.search(text) and not text.strip().startswith("<"):
        return []
    try:
        number = parse(text, region=region)
    except UserError:
        return []
    return [each for each in among if each.number == number]
