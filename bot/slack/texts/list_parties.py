"""How the people and phones of a list are shown: names, whole or masked numbers.

All texts here are cleaned and not escaped, because a table's cells must not be.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from string import ascii_lowercase

from bot.calls.lists.history import Direction, Row
from bot.calls.lists.work_list import Recent, number_of
from bot.calls.log.leg import Party
from bot.calls.numbers.digits import Likeness, compare
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import NameSource, cleaned, named
from bot.calls.people.person import Person
from bot.calls.people.phones import Phone

READABLE_DIGITS = 4
"""The last digits of a masked number, which stay readable."""

LONGEST_ROW_NAME = 20
"""Characters of a name in a row: with its number it has to fit on a line."""

LONGEST_RAW = 24
"""The same of a number that can't be read as one."""

UNKNOWN_PARTY = "unknown"


@dataclass(frozen=True, slots=True)
class MenuNumber:
    """One number of the list that can be called, and how the menu shows it.

    ``whole``: whether its reader may see the number whole, as a row of the list shows it.
    """

    number: PhoneNumber
    text: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Parties:
    """The people and phones of one page, as its reader may see them.

    Attributes:
        whole: Whether every number is shown whole.
        letters: What tells two numbers apart that look alike when masked.
        known: Numbers that the reader reads whole in a row of theirs, or has typed: they
            are masked in no other row.
    """

    recent: Recent
    reader: Person
    whole: bool
    letters: Mapping[PhoneNumber, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()

    @classmethod
    def of(cls, recent: Recent, reader: Person, *, whole: bool) -> Parties:
        """Return the parties of *recent*; *whole*: the reader may see all numbers."""
        parties = cls(recent, reader, whole or recent.own)
        ends = [row.other for row in recent.rows]
        ends += [row.own for row in recent.rows if parties.own_phone(row)]
        found = (number_of(each, recent.region) for each in ends)
        letters = letters_of([each for each in found if each is not None])
        return replace(parties, letters=letters, known=parties.read_whole())

    def read_whole(self) -> frozenset[str]:
        """Return the numbers that are shown whole, and the one that was looked for."""
        rows = [row for row in self.recent.rows if self._is_whole(row)]
        ends = [end for row in rows for end in (row.other, row.own) if end.number]
        return frozenset({self._as_read(each) for each in ends}) | {
            self.recent.request.e164
        }

    def _as_read(self, party: Party) -> str:
        number = number_of(party, self.recent.region)
        return number.e164 if number else party.number

    def other(self, row: Row) -> str:
        """Return the other party: name and number, whichever there is."""
        return self._shown(row.other, self._name(row), whole=self._is_whole(row))

    def colleague(self, row: Row) -> str:
        """Return the account's own end of a call, for the company's list."""
        return self._shown(
            row.own, self._record_name(row, row.own), whole=self._is_whole(row)
        )

    def placed_by(self, row: Row) -> str:
        """Return the Slack id of who placed the call here; empty on one's own account."""
        if row.call is None or self.recent.own:
            return ""
        place = row.call.place.person
        return place.user if place.space == self.reader.space else ""

    def own_phone(self, row: Row) -> str:
        """Return the account's own phone, where it is not one of the usual ones."""
        if self.recent.request.company or not row.own.number:
            return ""
        if self._is_usual(row.own.number, row.direction):
            return ""
        word = "from" if row.direction is Direction.OUT else "to"
        return f" {word} {self._phone(row.own)}"

    def to_call(self, may_call: Callable[[PhoneNumber], bool]) -> list[MenuNumber]:
        """Return each other party's number once that may be called, the newest first."""
        found: dict[PhoneNumber, Row] = {}
        for row in self.recent.rows:
            number = number_of(row.other, self.recent.region)
            if number is not None and may_call(number):
                found.setdefault(number, row)
        short = {each: self._in_menu(found[each], each) for each in found}
        alike = Counter(short.values())
        return [
            MenuNumber(
                each,
                text if alike[text] == 1 else self.other(found[each]),
                whole=each.e164 in self.known or self._is_whole(found[each]),
            )
            for each, text in short.items()
        ]

    def _in_menu(self, row: Row, number: PhoneNumber) -> str:
        name = self._name(row)
        return f"{name} · {self._end(number)}" if name else self.other(row)

    def _end(self, number: PhoneNumber) -> str:
        """Return the last digits, with what tells two numbers apart that end alike."""
        last = number.masked.rpartition("•")[2] or number.masked
        letter = self.letters.get(number, "")
        return f"…{last.strip()}{f' ({letter})' if letter else ''}"

    def is_mine(self, row: Row) -> bool:
        """Return whether it is the reader's own call, or a call of their own account."""
        placed = row.call is not None and row.call.place.person.is_also(self.reader)
        return placed or self.recent.own

    def _is_whole(self, row: Row) -> bool:
        return self.whole or self.is_mine(row)

    def _name(self, row: Row) -> str:
        known = row.call.callee_name if row.call is not None else None
        if known is not None and (known.is_public or self.is_mine(row)):
            return _short(known.text)
        number = number_of(row.other, self.recent.region)
        book = self.recent.names.get(number) if number else None
        return _short(book.text) if book else self._record_name(row, row.other)

    def _record_name(self, row: Row, party: Party) -> str:
        """Return the name that RingCentral's record has; none if it is only a number.

        In the record of a call that was placed here it is for whoever placed it.
        """
        is_readable = row.call is None or self.is_mine(row)
        name = named(party.name, NameSource.RECORD) if is_readable else None
        return _short(name.text) if name else ""

    def _shown(self, party: Party, name: str, *, whole: bool) -> str:
        if party.number:
            whole = whole or self._as_read(party) in self.known
            number = number_of(party, self.recent.region)
            shown = (
                hidden(party.number, whole=whole)
                if number is None
                else self._number(number, whole=whole)
            )
        else:
            shown = (
                f"ext. {_short(cleaned(party.extension))}" if party.extension else ""
            )
        said = " · ".join(filter(None, (name, shown)))
        # A name that is only a number is none, but may be all that there is.
        return said or _short(cleaned(party.name)) or UNKNOWN_PARTY

    def _number(self, number: PhoneNumber, *, whole: bool) -> str:
        if whole:
            return number.international
        letter = self.letters.get(number, "")
        return f"{number.masked}{f' ({letter})' if letter else ''}"

    def _is_usual(self, number: str, direction: Direction) -> bool:
        if self.recent.usual:
            return _is_among(number, self.recent.usual)
        is_out = direction is Direction.OUT
        ends = Counter(
            row.own.number
            for row in self.recent.rows
            if (row.direction is Direction.OUT) == is_out and row.own.number
        )
        return compare(number, ends.most_common(1)[0][0]) >= Likeness.LIKE

    def _phone(self, party: Party) -> str:
        """Return one of the account's own phones: its label, if that names only one."""
        number = number_of(party, self.recent.region)
        labels = [_label(each) for each in self.recent.phones if each.number == number]
        label = next(filter(None, labels), "")
        namesakes = [each for each in self.recent.phones if _label(each) == label]
        if label and len(namesakes) == 1:
            return label
        return self._shown(Party(party.number), "", whole=self.whole)


def letters_of(numbers: Sequence[PhoneNumber]) -> dict[PhoneNumber, str]:
    """Return a letter for each number that looks like another one when it is masked.

    More digits would tell them apart too, but reveal them.
    """
    alike: dict[str, list[PhoneNumber]] = {}
    for each in dict.fromkeys(numbers):
        alike.setdefault(each.masked, []).append(each)
    return {
        number: ascii_lowercase[at % len(ascii_lowercase)] * (at // 26 + 1)
        for group in alike.values()
        if len(group) > 1
        for at, number in enumerate(group)
    }


def hidden(number: str, *, whole: bool) -> str:
    """Return a number of the log that can't be read as one, cleaned, masked unless *whole*."""
    text = " ".join("".join(each for each in number if each.isprintable()).split())
    digits = len(re.findall(r"[\dXx]", text))
    if whole or not digits:
        return text[:LONGEST_RAW]
    seen = 0

    def hide(match: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        return match[0] if seen > digits - READABLE_DIGITS else "•"

    return re.sub(r"[\dXx]", hide, text)[-LONGEST_RAW:]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_ROW_NAME else f"{text[: LONGEST_ROW_NAME - 1]}…"


def _label(phone: Phone) -> str:
    return _short(cleaned(phone.label))


def _is_among(number: str, known: frozenset[str]) -> bool:
    return any(compare(number, each) >= Likeness.LIKE for each in known)
