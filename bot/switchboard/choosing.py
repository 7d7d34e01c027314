"""Which of a person's phones rings first, and which number others see."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.accounts.callers import Caller
from bot.accounts.registry import Accounts
from bot.calls.call import Place
from bot.calls.doubt import doubt_of
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.phones import Choice, NamedPhones, UnknownPhone
from bot.errors import RingCentralError
from bot.switchboard.policy import Policy
from bot.user_errors import LooseFrom, PhonesUnavailable

LIST_WITHIN = 1.5
"""Seconds that an ack may wait for a list of phones; Slack allows three for the ack."""


@dataclass(frozen=True, slots=True)
class WantedPhones:
    """What a command says of the phones.

    Text is what the person typed now; a number is what they were asked about before.
    *own_phone*: *from_* has to be one of their phones, even if any number may ring.
    """

    from_: str | PhoneNumber | None
    as_: str | PhoneNumber | None
    own_phone: bool

    def named(self, choice: Choice) -> NamedPhones:
        """Return what the command named of *choice*; the rest is chosen when it is dialed."""
        return NamedPhones(
            choice.caller if self.from_ else None,
            choice.caller_id if self.as_ else None,
        )


class Choosing:
    """Chooses among the phones that the account has and the policy allows."""

    def __init__(self, accounts: Accounts, policy: Policy) -> None:
        self._accounts = accounts
        self._policy = policy

    def region(self, caller: Caller) -> str:
        """Return the region by which this person's numbers are read."""
        return caller.chosen.region or self._policy.region

    async def choice(
        self, place: Place, caller: Caller, wanted: WantedPhones
    ) -> Choice:
        """Return what rings first; asks RingCentral for the phones if none is known.

        Raises `UserError` if the person means no phone that they may use.
        """
        region = self.region(caller)
        if (wanted.from_ or wanted.as_) and not caller.phones:
            caller = await self._with_phones(place)
        try:
            return caller.choose(wanted.from_, wanted.as_, region)
        except UnknownPhone:
            if not caller.any_phone or wanted.from_ is None:
                raise
            if wanted.own_phone:
                raise LooseFrom from None
            first = self._policy.first_number(as_text(wanted.from_), region)
            if doubt_of(first):
                raise
            return caller.with_first_phone(first).choose(None, wanted.as_, region)

    async def _with_phones(self, place: Place) -> Caller:
        try:
            async with asyncio.timeout(LIST_WITHIN):
                return await self._accounts.refresh_phones(place.person)
        except (TimeoutError, RingCentralError):
            raise PhonesUnavailable from None


def as_text(number: str | PhoneNumber) -> str:
    """Return what was typed, or a number in E.164, which reads the same everywhere."""
    return number if isinstance(number, str) else number.e164
