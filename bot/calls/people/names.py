"""Names of the other party: where one comes from, and who may read it.

A wrong name is worse than none, and a name is only ever shown: what is dialed never
depends on it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from bot.calls.typed.dialing import INVISIBLE

LONGEST_CALLED = 60
"""Characters of a name that are kept; a longer one ends with an ellipsis."""

UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn"}
"""Unicode categories that show nothing, or change the direction of what follows."""

_MOST_MARKS = 4
"""Combining marks on one letter: more of them run over the lines above and below."""

_FEWEST_DIGITS = 7
"""Fewer digits in a row are a year, a room or an order; so many are a phone number."""

_NUMBER_ALONE = 4
"""So many digits without any letter are a number, not a name."""

_SHOWN_DIGITS = 4

_RUN = re.compile("d(?:-*d)+")
"""Digits with signs or spaces between them, in a `_shape`."""

_LETTER_RUN = re.compile("x+")
_FOR_DIGITS = re.compile("[oO\u043e\u041elIi]+")
"""Letters that pass for a 0 or a 1 beside a digit: ``O142``."""

_FOR_SIGNS = re.compile("[xX\u0445\u0425]+")
"""Letters that only part two groups of digits: ``415x555x0142``."""

_DAY_IN_NUMBERS = re.compile(
    r"(?:19|20)\d\d([-./])\d\d?\1\d\d?|\d\d?([-./])\d\d?\2(?:19|20)\d\d"
)


class NameSource(StrEnum):
    """Where a name was found. The value is stored."""

    MENTION = "mention"
    """The person called @somebody: it is the name in Slack."""
    WRITTEN = "written"
    """The person wrote it: ``for …`` in the command."""
    DIRECTORY = "directory"
    """The directory of the company that the RingCentral account belongs to."""
    ADDRESS_BOOK = "address_book"
    """The person's own address book at RingCentral."""
    RECORD = "record"
    """RingCentral's record of the call in the call log."""


ORDER = (
    NameSource.MENTION,
    NameSource.WRITTEN,
    NameSource.DIRECTORY,
    NameSource.ADDRESS_BOOK,
    NameSource.RECORD,
)
"""If there are several names, the call has the first of these. Those that everybody may
read come first: with a private one the card in the channel would show no name."""

_PUBLIC = frozenset({NameSource.MENTION, NameSource.WRITTEN, NameSource.DIRECTORY})


@dataclass(frozen=True, slots=True)
class Name:
    """The other party's name, cleaned, and not escaped. Make one by `named`."""

    text: str = field(repr=False)
    source: NameSource

    @property
    def is_public(self) -> bool:
        """Whether others than the person who placed the call may read it."""
        return self.source in _PUBLIC

    def dump(self) -> str:
        """Return the name as the database stores it."""
        return json.dumps(
            {"text": self.text, "source": self.source}, ensure_ascii=False
        )

    def or_better(self, other: Name | None) -> Name:
        """Return *other* if it goes before this one, or is newer; else this one."""
        if other is None or ORDER.index(other.source) > ORDER.index(self.source):
            return self
        return other

    @classmethod
    def load(cls, stored: str | None) -> Name | None:
        """Return the name that `dump` wrote; None for a source of a later version."""
        if not stored:
            return None
        data = json.loads(stored)
        if data["source"] not in set(NameSource):
            return None
        return cls(str(data["text"]), NameSource(data["source"]))


def best(names: Iterable[Name]) -> Name | None:
    """Return the name to show; None without any, or if a source has two."""
    found = sorted(names, key=lambda each: ORDER.index(each.source))
    same = [each for each in found if each.source is found[0].source]
    return found[0] if len({each.text for each in same}) == 1 else None


def named(text: str, source: NameSource) -> Name | None:
    """Return the name in a text from outside; None if nothing, or only a number, is left.

    What the person wrote stays, even if it is a number: it is masked like one.
    """
    plain = cleaned(text)
    if not plain or (source is not NameSource.WRITTEN and _is_number(text)):
        return None
    return Name(plain, source)


def sent_back(stored: str | None) -> Name | None:
    """Return the name in a button's value, which may be forged.

    Raises `ValueError`, `KeyError` or `TypeError` if it is no name.
    """
    name = Name.load(stored)
    return named(name.text, name.source) if name else None


def cleaned(text: str) -> str:
    """Return a name from outside as one short line; numbers in it are masked.

    Marks that are invisible, or that change the direction of text, are dropped: one could
    make a name say something about the other party.
    """
    line = masked(text)
    return line if len(line) <= LONGEST_CALLED else f"{line[: LONGEST_CALLED - 1]}…"


def masked(text: str) -> str:
    """Return a text from outside on one line, with the phone numbers in it masked."""
    return _masked(one_line(text))


def one_line(text: str) -> str:
    """Return a text from outside on one line, without marks that nobody sees."""
    seen = INVISIBLE.sub("", " ".join(text.split()))
    kept = (each for each in seen if unicodedata.category(each) not in UNSEEN)
    return " ".join(_with_few_marks("".join(kept)).split())


def _with_few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for each in text:
        marks = marks + 1 if unicodedata.combining(each) else 0
        if marks <= _MOST_MARKS:
            kept.append(each)
    return "".join(kept)


def _is_number(text: str) -> bool:
    shape = _shape(one_line(text))
    return "x" not in shape and shape.count("d") >= _NUMBER_ALONE


def _masked(line: str) -> str:
    signs = list(line)
    shape = _shape(line)
    for run in _RUN.finditer(shape):
        places = [each for each in range(*run.span()) if shape[each] == "d"]
        if len(places) >= _FEWEST_DIGITS and not _DAY_IN_NUMBERS.fullmatch(
            line[slice(*run.span())]
        ):
            for each in places[:-_SHOWN_DIGITS]:
                signs[each] = "•"
    return "".join(signs)


def _shape(line: str) -> str:
    """Return *line* with ``d`` for each digit of any script, ``x`` for letters, else ``-``.

    Letters that stand for a digit or a sign count as that.
    """
    shape = "".join(
        "d" if each.isdigit() else "x" if each.isalnum() else "-" for each in line
    )
    for found in _LETTER_RUN.finditer(shape):
        around = shape[max(found.start() - 1, 0) : found.end() + 1]
        if "d" in around and _FOR_DIGITS.fullmatch(line, *found.span()):
            shape = _with(shape, found, "d")
    for found in _LETTER_RUN.finditer(shape):
        before = shape[: found.start()].rstrip("-")
        behind = shape[found.end() :].lstrip("-")
        is_between = before.endswith("d") and behind.startswith("d")
        if is_between and _FOR_SIGNS.fullmatch(line, *found.span()):
            shape = _with(shape, found, "-")
    return shape


def _with(shape: str, found: re.Match[str], sign: str) -> str:
    return shape[: found.start()] + sign * len(found[0]) + shape[found.end() :]
