"""The other party's name in RingCentral's own record of a call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.calls.log.leg import Entry, Party
from bot.calls.numbers import reading
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import Name, NameSource, named
from bot.calls.people.nobody import is_nobodys


def in_record(entry: Entry, callee: PhoneNumber) -> Name | None:
    """Return the name that a call's record has for *callee*; None if it isn't certain.

    Only a name beside exactly that number counts. A record may be logged the wrong way
    round, so a name that also stands beside another number is taken for somebody else's.
    """
    theirs: dict[str, Name] = {}
    others: set[str] = set()
    parties = list(_parties(entry))
    names = _names(parties)
    for party in parties:
        name = names[party.name]
        if name is None or is_nobodys(name.text):
            continue
        if _is(party, callee):
            theirs.setdefault(_folded(name), name)
        else:
            others.add(_folded(name))
    left = [name for text, name in theirs.items() if text not in others]
    return left[0] if len(theirs) == len(left) == 1 else None


def told_apart(entry: Entry, one: Party, other: Party) -> tuple[Party, Party]:
    """Return both ends of somebody else's call without names that may not be theirs.

    It goes without a name that says nobody's, or that also stands at the other end.
    """
    parties = [*_parties(entry), one, other]
    names = _names(parties)

    def sure(party: Party, far: Party) -> Party:
        name = names[party.name]
        if name is None:
            return party
        theirs = {names[each.name] for each in parties if each.is_like(far)}
        theirs.add(names[far.name])
        is_theirs = _folded(name) in {_folded(each) for each in theirs if each}
        return replace(party, name="") if is_theirs or is_nobodys(name.text) else party

    return sure(one, other), sure(other, one)


def _names(parties: Iterable[Party]) -> dict[str, Name | None]:
    """Return the name in each text; a record says the same few again and again."""
    texts = {each.name for each in parties}
    return {each: named(each, NameSource.RECORD) for each in texts}


def _folded(name: Name) -> str:
    return name.text.casefold()


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
