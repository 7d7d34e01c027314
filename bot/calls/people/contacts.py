"""Contacts of an address book or a directory, as names by number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from bot.calls.numbers.phone import parse
from bot.calls.people.names import NameSource, named
from bot.errors import UserError

MOST_CONTACTS = 5_000
"""How many contacts of a person, or of a company, are used."""


@dataclass(frozen=True, slots=True, repr=False)
class BookEntry:
    """Somebody's name and numbers, as RingCentral has them."""

    name: str
    numbers: tuple[str, ...]


def by_number(
    contacts: Iterable[BookEntry], source: NameSource, region: str
) -> dict[str, str]:
    """Return the name of each number, in E.164. Takes 0.1 ms of CPU a number.

    Numbers without a country code are of *region*. A number that isn't read for certain
    is left out, and so is one with two different names: a wrong name is worse than none.
    """
    found: dict[str, str] = {}
    unclear: set[str] = set()
    for contact in islice(contacts, MOST_CONTACTS):
        name = named(contact.name, source)
        if name is None:
            continue
        for number in filter(None, (_e164(each, region) for each in contact.numbers)):
            if found.setdefault(number, name.text).casefold() != name.text.casefold():
                unclear.add(number)
    return {number: name for number, name in found.items() if number not in unclear}


def _e164(text: str, region: str) -> str:
    try:
        return parse(text, region=region).e164
    except UserError:
        return ""
