"""What the log showed of a call, without numbers: kept for ``doctor --trace``.

RingCentral documents neither whose number stands in a RingOut leg's ``to`` nor whether a
RingOut's id is its record's ``telephonySessionId``. Live calls have to show it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import Any

from bot.calls.log.leg import Entry, Leg, Party, Record
from bot.calls.numbers.digits import Likeness, compare
from bot.calls.numbers.phone import PhoneNumber

LONGEST_WORD = 60
"""Characters kept of each of RingCentral's words."""

MOST_FACTS = 24
"""Records and legs kept of one call: a transfer adds legs."""


class NumberOf(StrEnum):
    """Whose number stands in a record or leg."""

    CALLER = "the caller"
    CALLEE = "the callee"
    EITHER = "caller or callee"
    OTHER = "another number"
    NONE = "no number"
    EXTENSION = "no number, an extension"


@dataclass(frozen=True, slots=True)
class LogFact:
    """One record or leg as logged; it holds no number.

    Attributes:
        kind: ``record`` with its action and direction, or a leg's type.
        from_, to: Whose number stands there.
        seconds: Its duration; None if the log has none.
        has_own_id: Whether its ``telephonySessionId`` is the id that POST returned.
    """

    kind: str
    from_: str
    to: str
    result: str = ""
    reason: str = ""
    seconds: float | None = None
    master: bool = False
    has_own_id: bool = False

    @property
    def is_record(self) -> bool:
        """Whether it is a record, not a leg."""
        return self.kind.startswith("record")


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of the call ourselves; *ringout_id* is empty after a lost answer."""

    caller: PhoneNumber | None
    callee: PhoneNumber
    ringout_id: str


def facts_of(entry: Entry, known: Known) -> tuple[LogFact, ...]:
    """Return what *entry* shows: each record, then its legs as logged."""
    parts = [part for record in entry.records for part in record.parts]
    return tuple(_fact(part, known) for part in parts[:MOST_FACTS])


def dump(facts: Sequence[LogFact]) -> str | None:
    """Return *facts* as they are stored; None for none."""
    return json.dumps([astuple(each) for each in facts]) if facts else None


def load(stored: str | None) -> tuple[LogFact, ...]:
    """Return what `dump` wrote; nothing if another version wrote it otherwise."""
    try:
        return tuple(LogFact(*each) for each in json.loads(stored or "[]"))
    except (ValueError, TypeError):
        return ()


def _fact(part: Record | Leg, known: Known) -> LogFact:
    seconds = None if part.duration is None else part.duration.total_seconds()
    session = part.telephony_session_id
    return LogFact(
        kind=_word(_kind(part)),
        from_=_whose(part.caller, known),
        to=_whose(part.callee, known),
        result=_word(part.result),
        reason=_word(part.reason),
        seconds=seconds,
        master=isinstance(part, Leg) and part.master,
        has_own_id=bool(session) and session == known.ringout_id,
    )


def _kind(part: Any) -> str:
    if isinstance(part, Leg):
        return part.leg_type or "leg"
    return " ".join(filter(None, ("record", part.action, part.direction)))


def _word(text: str) -> str:
    return text[:LONGEST_WORD]


def _whose(party: Party, known: Known) -> str:
    if not party.number:
        return NumberOf.EXTENSION if party.extension else NumberOf.NONE
    ours = {NumberOf.CALLER: known.caller, NumberOf.CALLEE: known.callee}
    likely = {
        name: compare(number.e164, party.number)
        for name, number in ours.items()
        if number is not None
    }
    best = max(likely.values())
    if best < Likeness.LIKE:
        return NumberOf.OTHER if best is Likeness.DIFFERENT else NumberOf.NONE
    fitting = [name for name, each in likely.items() if each is best]
    return fitting[0] if len(fitting) == 1 else NumberOf.EITHER
