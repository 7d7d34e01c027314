"""The other party's name in RingCentral's own record of a call."""

from __future__ import annotations

from collections.abc import Iterator

from bot.calls import reading
from bot.calls.leg import Entry, Party
from bot.calls.names import Name, NameSource, named
from bot.calls.phone import PhoneNumber

NOBODY = frozenset(
    {
        "anonymous",
        "cell phone",
        "mobile caller",
        "not available",
        "out of area",
        "private",
        "private caller",
        "private number",
        "restricted",
        "toll free call",
        "toll free caller",
        "unavailable",
        "unknown",
        "unknown caller",
        "unknown name",
        "unknown number",
        "wireless caller",
    }
)
"""What phone companies say where they know no name, in lower case."""


def in_record(entry: Entry, callee: PhoneNumber) -> Name | None:
    """Return the name that a call's record has for *callee*; None if it isn't certain.

    Only a name beside exactly that number counts. A record may be logged the wrong way
    round, so a name that also stands beside another number is taken for somebody else's.
    """
    theirs: dict[str, Name] = {}
    others: set[str] = set()
    for party in _parties(entry):
        name = named(party.name, NameSource.RECORD)
        if name is None or name.text.casefold() in NOBODY:
            continue
        if _is(party, callee):
            theirs.setdefault(name.text.casefold(), name)
        else:
            others.add(name.text.casefold())
    left = [name for text, name in theirs.items() if text not in others]
    return left[0] if len(theirs) == len(left) == 1 else None


def _parties(entry: Entry) -> Iterator[Party]:
    for record in entry.records:
        for part in record.parts:
            yield part.caller
            yield part.callee


def _is(party: Party, callee: PhoneNumber) -> bool:
    """Return whether the number is *callee*'s, with or without its country code."""
    if not party.number or not set(party.number) <= set("+0123456789 ()-./"):
        return False  # masked digits, or an extension behind it
    number = reading.parsed(party.number, callee.region)
    return number is not None and reading.e164_of(number) == callee.e164
