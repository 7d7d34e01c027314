"""Turns RingCentral's two lists of an account's numbers into one list of phones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import islice
from typing import Protocol

from bot.calls.numbers.phone import PhoneNumber, parse
from bot.calls.people.phones import Phone
from bot.errors import UserError

MOST_NUMBERS = 500
"""How many numbers of either list are kept. A company may have thousands, each command
reads its caller's from the database, and a select in Slack shows a hundred."""


class Listed(Protocol):
    """A number in one of RingCentral's lists; `bot.ringcentral.transport.wire.Number`."""

    @property
    def number(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def type(self) -> str: ...

    @property
    def usage(self) -> str: ...

    @property
    def can_ring(self) -> bool: ...

    @property
    def can_show(self) -> bool: ...


class NumberLists(Protocol):
    """RingCentral's two lists; one Light request each, as a rule."""

    async def forwarding(self) -> Iterable[Listed]: ...

    async def own(self) -> Iterable[Listed]: ...


async def list_phones(numbers: NumberLists, region: str) -> tuple[Phone, ...]:
    """Ask RingCentral for an account's phones and numbers, and merge them.

    Numbers without a country code are taken to be of *region*. Raises what the two
    requests raise.
    """
    rings = await numbers.forwarding()
    shows = await numbers.own()
    # In a thread: parsing hundreds of numbers takes a tenth of a second.
    return await asyncio.to_thread(merged, rings, shows, region)


def merged(
    rings: Iterable[Listed], shows: Iterable[Listed], region: str
) -> tuple[Phone, ...]:
    """Return one phone for each number: those that ring, the person's own, the company's.

    A number that can't be rung or shown and is not the person's own is left out. So is
    what comes after the first `MOST_NUMBERS` of a list.
    """
    first = [each for each in rings if each.can_ring]
    mine = {each.number for each in first}
    listed = sorted(shows, key=lambda e: not (_is_direct(e) or e.number in mine))
    ring = _by_number(first, region)
    own = _by_number(filter(_is_direct, listed), region)
    seen = _by_number((each for each in listed if each.can_show), region)
    found = {
        number: Phone(
            number,
            each.label,
            each.type,
            rings=True,
            shows=number in seen,
            direct=number in own,
        )
        for number, each in ring.items()
    }
    for number, each in [*own.items(), *seen.items()]:
        if number not in found:
            label = each.label or _spaced(each.usage)
            found[number] = Phone(
                number, label, each.usage, shows=number in seen, direct=number in own
            )
    return tuple(found.values())


def _by_number(listed: Iterable[Listed], region: str) -> dict[PhoneNumber, Listed]:
    """Return the first `MOST_NUMBERS` by number, without those that can't be parsed."""
    found: dict[PhoneNumber, Listed] = {}
    for each in islice(listed, MOST_NUMBERS):
        number = _number(each.number, region)
        if number is not None:
            found.setdefault(number, each)
    return found


def _is_direct(listed: Listed) -> bool:
    """Return whether it is the user's direct number, and not for fax only.

    RingCentral API reference, "List Extension Phone Numbers": ``usageType``, ``type``.
    """
    return listed.usage == "DirectNumber" and listed.type != "FaxOnly"


def _number(text: str, region: str) -> PhoneNumber | None:
    try:
        return parse(text, region=region)
    except UserError:
        return None


def _spaced(word: str) -> str:
    """Return a word such as ``DirectNumber`` as people write it: ``Direct number``."""
    spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in word).strip()
    return spaced[:1].upper() + spaced[1:]
