"""An account's phones and numbers, as RingCentral lists them, as values of ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from bot.calls.phone import PhoneNumber, parse
from bot.calls.phones import Phone
from bot.errors import UserError


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


class Lists(Protocol):
    """What is asked of RingCentral: two Light requests."""

    async def forwarding_numbers(self) -> Iterable[Listed]: ...

    async def phone_numbers(self) -> Iterable[Listed]: ...


async def list_phones(telephony: Lists, region: str) -> tuple[Phone, ...]:
    """Return what may ring first, then what else others may see.

    Raises what the two requests raise.
    """
    rings = await telephony.forwarding_numbers()
    shows = await telephony.phone_numbers()
    return merged(rings, shows, region)


def merged(
    rings: Iterable[Listed], shows: Iterable[Listed], region: str
) -> tuple[Phone, ...]:
    """Return one entry a number.

    One that can be neither rung nor shown, nor is the person's own, is left out.
    """
    own = {_number(each.number, region): each for each in shows if _is_direct(each)}
    seen = {
        number: each
        for each in shows
        if each.can_show and (number := _number(each.number, region))
    }
    found: dict[PhoneNumber, Phone] = {}
    for each in rings:
        number = _number(each.number, region)
        if number is not None and each.can_ring and number not in found:
            found[number] = Phone(
                number, each.label, each.type,
                rings=True, shows=number in seen, direct=number in own,
            )  # fmt: skip
    for number, each in (seen | own).items():
        if number is not None and number not in found:
            label = each.label or _spaced(each.usage)
            found[number] = Phone(
                number, label, each.usage, shows=number in seen, direct=number in own
            )
    return tuple(found.values())


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
