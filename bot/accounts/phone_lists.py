"""An account's phones and numbers, as RingCentral lists them, as values of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import islice
from typing import Protocol

from bot.calls.phone import PhoneNumber, parse
from bot.calls.phones import Phone
from bot.errors import UserError

MOST = 500
"""Numbers that are kept of either list. A company may have thousands; each command
reads its caller's from the database, and a select shows a hundred of them."""


class Listed(Protocol):
    """A forwarding number or an own number, as RingCentral lists it."""

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
    """What is asked of RingCentral: two Light requests as a rule."""

    async def forwarding(self) -> Iterable[Listed]: ...

    async def own(self) -> Iterable[Listed]: ...


async def list_phones(numbers: NumberLists, region: str) -> tuple[Phone, ...]:
    """Return what may ring first, then what else others may see.

    Raises what the two requests raise.
    """
    rings = await numbers.forwarding()
    shows = await numbers.own()
    # Reading hundreds of numbers takes a tenth of a second.
    return await asyncio.to_thread(merged, rings, shows, region)


def merged(
    rings: Iterable[Listed], shows: Iterable[Listed], region: str
) -> tuple[Phone, ...]:
    """Return one entry a number: what rings, the person's own, then the company's.

    One that can be neither rung nor shown, nor is the person's own, is left out; so is
    what comes after the first `MOST`.
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
    """Return the first `MOST` by their numbers; what is none is passed over."""
    found: dict[PhoneNumber, Listed] = {}
    for each in islice(listed, MOST):
        number = _number(each.number, region)
        if number is not None:
            found.setdefault(number, each)
    return found


def _is_direct(listed: Listed) -> bool:
    """Whether people reach the user by it, and by voice.

    RingCentral API reference, "List Extension Phone Numbers": ``usageType``, ``type``.
    """
    return listed.usage == "DirectNumber" and listed.type != "FaxOnly"


def _number(text: str, region: str) -> PhoneNumber | None:
    try:
        return parse(text, region=region)
    except UserError:
        return None


def _spaced(word: str) -> str:
    """Return ``DirectNumber`` as people write it: ``Direct number``."""
    spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in word).strip()
    return spaced[:1].upper() + spaced[1:]
