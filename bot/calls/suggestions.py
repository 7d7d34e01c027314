"""What the dialer suggests while somebody types: a few of many numbers, the likeliest first.

A name matches by the beginnings of its words, a number by any of its digits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import Enum

from bot.calls.doubt import Doubt
from bot.calls.numbers.phone import PhoneNumber
from bot.errors import UserError

MOST_WORDS = 8
"""Words of what was typed that are looked for; a name has fewer."""


class SuggestionSource(Enum):
    """Where a suggested number comes from, in the order in which they are shown."""

    CALLED = "called"
    """The person's own last calls."""
    COLLEAGUE = "colleague"
    """Somebody of the workspace who has connected RingCentral."""
    ADDRESS_BOOK = "address book"
    """The person's own at RingCentral."""
    DIRECTORY = "directory"
    """The company's at RingCentral."""


@dataclass(frozen=True, slots=True, repr=False)
class Suggestion:
    """A number that may be suggested, in E.164. Make one by `of`, which folds the name once."""

    e164: str
    name: str
    source: SuggestionSource
    folded: str = field(compare=False)

    @classmethod
    def of(cls, e164: str, name: str, source: SuggestionSource) -> Suggestion:
        """Return a number with its name, which may be empty."""
        return cls(e164, name, source, folded(name))

    @property
    def number(self) -> PhoneNumber:
        """The number as a value that logs show masked."""
        return PhoneNumber(self.e164)


@dataclass(eq=False, repr=False)
class UnknownName(UserError):
    """What was typed is a name, and no number is known for it."""

    typed: str


@dataclass(frozen=True, slots=True, repr=False)
class Typed:
    """What was typed, and the number that it would dial or why it would not.

    Attributes:
        name: Whose number it is, if that is known.
        doubt: What may be wrong with the number; it is asked about before it is dialed.
    """

    text: str
    number: PhoneNumber | None = None
    name: str = ""
    doubt: Doubt | None = None
    refused: UserError | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Suggested:
    """The answer to one query; *typed* is None if nothing was typed."""

    typed: Typed | None
    found: tuple[Suggestion, ...]


def is_name(typed: str) -> bool:
    """Whether *typed* can only be a name: it has letters and no digits."""
    return any(map(str.isalpha, typed)) and not any(map(str.isdigit, typed))


def folded(text: str) -> str:
    """Return the words of *text* without case, accents and signs, a space before each."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    words = "".join(_plain(each) for each in plain if not unicodedata.combining(each))
    return "".join(f" {each}" for each in words.split())


def _plain(sign: str) -> str:
    """Return a letter as it is, a digit of any script in ASCII, a space for the rest."""
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    return sign if sign.isalnum() else " "


def matching(typed: str, known: Iterable[Suggestion]) -> list[Suggestion]:
    """Return those of *known* that match what was *typed*, each number once.

    They stay in their order. A number that is known twice has the first name of it.
    """
    is_meant = _test_of(typed)
    names: dict[str, str] = {}
    first: dict[str, Suggestion] = {}
    meant: set[str] = set()
    for each in known:
        first.setdefault(each.e164, each)
        if each.name:
            names.setdefault(each.e164, each.name)
        if each.e164 not in meant and is_meant(each):
            meant.add(each.e164)
    return [
        each if each.name else replace(each, name=names.get(each.e164, ""))
        for each in first.values()
        if each.e164 in meant
    ]


def _test_of(typed: str) -> Callable[[Suggestion], bool]:
    """Return whether a suggestion is meant by what was *typed*."""
    words = folded(typed).split()[:MOST_WORDS]
    digits = "".join(words)
    # Nobody types the zero of home before a number that has its country code.
    number = digits.lstrip("0") if digits.isdecimal() else ""

    def is_meant(each: Suggestion) -> bool:
        if number and number in each.e164:
            return True
        return all(_begins(each, word) for word in words)

    return is_meant


def _begins(each: Suggestion, word: str) -> bool:
    """Whether a word of the name begins with *word*, or the number has its digits."""
    if f" {word}" in each.folded or (word.isdecimal() and word in each.e164):
        return True
    # Scripts without spaces between words.
    return not word.isascii() and word in each.folded
