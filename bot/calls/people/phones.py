"""A person's own phones and numbers: which may ring first, and which others may see.

A number can ring first only if RingCentral lists it for the account or the operator has
named it: never a stranger's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people import phone_names
from bot.calls.people.person import Preferences
from bot.errors import UserError

VAGUE_TYPES = {"", "Other"}
"""RingCentral's types that say nothing about a phone: not listed, or added by a person."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One number of an account, as RingCentral lists it.

    Attributes:
        type: ``Mobile``, ``Home``, ``Work``, ``PhoneLine``, ``DirectNumber`` and so on.
        rings: Whether it may ring first.
        shows: Whether others may see it as the caller's number.
        direct: Whether it is this person's own direct number.
    """

    number: PhoneNumber
    label: str = ""
    type: str = ""
    rings: bool = False
    shows: bool = False
    direct: bool = False

    @property
    def name(self) -> str:
        """Its label with the number, or the number alone: only its owner may read it."""
        number = self.number.international
        return f"{self.label} ({number})" if self.label else number

    @property
    def short(self) -> str:
        """Its label with the number's last digits, or the number alone; as `name`."""
        number = self.number
        return f"{self.label} {number.tail}" if self.label else number.international

    @property
    def may_be_mobile(self) -> bool:
        """Whether it may be a mobile, with a voicemail of its own.

        RingCentral's type and label decide; if they say nothing, the digits do.
        """
        if "mobile" in f"{self.type} {self.label}".lower():
            return True
        return self.type in VAGUE_TYPES and self.number.may_be_mobile


@dataclass(frozen=True, slots=True)
class Choice:
    """How a call is placed; `Call` has what each field means.

    *label* is what RingCentral calls the phone that rings first.
    """

    caller: PhoneNumber | None
    caller_id: PhoneNumber | None
    prompt: bool
    label: str = ""


@dataclass(frozen=True, slots=True)
class NamedPhones:
    """The phones that a command names with ``from`` and ``as``; None where it names none.

    A question keeps them, not the words: a label or a number without a country code may
    mean another phone by the time its button is pressed.
    """

    caller: PhoneNumber | None = None
    caller_id: PhoneNumber | None = None


NO_PHONES = NamedPhones()


@dataclass(eq=False, repr=False)
class UnknownPhone(UserError):
    """What was typed after *word* does not name one phone of the person's own."""

    word: Literal["from", "as"]
    own: tuple[Phone, ...]
    """Their numbers that can be used there."""


class NotYourPhone(UnknownPhone):
    """What was typed names none of them."""


class SeveralPhones(UnknownPhone):
    """What was typed could mean more than one of them."""


def choose(
    phones: Sequence[Phone],
    chosen: Preferences,
    *,
    from_: str | PhoneNumber | None,
    as_: str | PhoneNumber | None,
    region: str,
    default: PhoneNumber | None = None,
) -> Choice:
    """Return what rings first and what the callee sees.

    *from_* and *as_* are what the person typed, a number or part of a label, or which of
    their numbers they have chosen. *default* is the operator's. The caller is None if no
    phone is known yet.

    Raises:
        UnknownPhone: *from_* or *as_* does not mean exactly one phone of theirs.
    """
    if default is not None:
        phones = let_ring(phones, [default])
    rings = [each for each in phones if each.rings]
    shows = [each for each in phones if each.shows]
    if from_ is not None:
        first: Phone | None = _meant(from_, rings, region, "from")
    else:
        first = _kept(chosen.first, rings)
        if first is None and default is not None:
            first = _kept(default.e164, rings)
        if first is None:
            first = next(iter(rings), None)
    seen = (
        _meant(as_, shows, region, "as")
        if as_ is not None
        else _kept(chosen.caller_id, shows)
    )
    prompt = chosen.prompt
    if prompt is None:
        prompt = first is not None and first.may_be_mobile
    return Choice(
        caller=first.number if first else None,
        caller_id=seen.number if seen else None,
        prompt=prompt,
        label=first.label if first else "",
    )


def let_ring(phones: Iterable[Phone], also: Iterable[PhoneNumber]) -> tuple[Phone, ...]:
    """Return *phones* with the numbers of *also* added, or marked as able to ring.

    If RingCentral lists such a number, its type is kept: a direct number is no mobile.
    """
    found = {each.number: each for each in phones}
    for number in also:
        found[number] = replace(found.get(number, Phone(number)), rings=True)
    return tuple(found.values())


def to_myself(phones: Sequence[Phone], first: PhoneNumber | None) -> PhoneNumber | None:
    """Return the person's own number that a test call from *first* rings.

    Their direct number if they have one, else any other, or None if there is none.
    """
    others = [each for each in phones if each.number != first]
    direct = [each for each in others if each.direct]
    found = next(iter([*direct, *others]), None)
    return found.number if found else None


def direct(phones: Iterable[Phone]) -> PhoneNumber | None:
    """Return a person's direct number; the first one listed if there are several."""
    return next((each.number for each in phones if each.direct), None)


def _kept(e164: str, among: Iterable[Phone]) -> Phone | None:
    """Return the chosen phone if the person still has it."""
    return next((each for each in among if each.number.e164 == e164), None)


def _meant(
    wanted: str | PhoneNumber,
    among: Sequence[Phone],
    region: str,
    word: Literal["from", "as"],
) -> Phone:
    if isinstance(wanted, PhoneNumber):
        found = [each for each in among if each.number == wanted]
    else:
        found = phone_names.meant(wanted, among, region)
    if len(found) == 1:
        return found[0]
    raise (SeveralPhones if found else NotYourPhone)(word, tuple(among))


def dump(phones: Iterable[Phone]) -> str:
    """Return *phones* as the database stores them."""
    rows = [{**asdict(each), "number": each.number.e164} for each in phones]
    return json.dumps(rows)


def load(text: str) -> tuple[Phone, ...]:
    """Return the phones that `dump` wrote."""
    rows = json.loads(text or "[]")
    return tuple(Phone(**{**row, "number": PhoneNumber(row["number"])}) for row in rows)
