"""In whose name: each person's own RingCentral account, or the one that people share."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.accounts.clients import SHARED, Clients
from bot.accounts.listings import Listings
from bot.accounts.phone_lists import list_phones
from bot.background import Background
from bot.calls.call import Call
from bot.calls.person import Person, Preferences
from bot.calls.phone import PhoneNumber
from bot.calls.phones import Choice, Phone, choose, direct, let_ring
from bot.clock import Clock
from bot.cluster.member import Member
from bot.errors import BotError, Disconnected, NotConnected
from bot.ringcentral.client import RingCentral
from bot.ringcentral.sign_in.session import USUAL_SIGN_IN_WAITS, SignInWaits
from bot.ringcentral.transport.network import Network
from bot.settings.settings import Settings
from bot.storage.people.connections import Connections
from bot.storage.shared.user_state import UserState

__all__ = ["SHARED", "Account", "Accounts", "Caller", "Operator"]

log = logging.getLogger(__name__)

REMEMBERED = timedelta(minutes=10)
"""Long enough that forty calls a day cost few Light requests, short enough that a
phone added in RingCentral's settings is found the same hour."""

IDLE = timedelta(minutes=15)
MANY = 500
"""Accounts in memory from which idle ones are let go: longer than any rate window."""


@dataclass(slots=True)
class Account:
    """One RingCentral user, as this process deals with it."""

    id: str
    telephony: RingCentral
    user_state: UserState
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: by which account, in whose *name*, with which phones of theirs.

    Attributes:
        default: The operator's choice of what rings first, for the shared account.
        anything: Whether any number at all may ring first: an operator said so.
    """

    account: str
    name: str
    phones: tuple[Phone, ...]
    chosen: Preferences
    default: PhoneNumber | None = None
    anything: bool = False

    def choose(self, from_: str | None, as_: str | None, region: str) -> Choice:
        """Return how a call of theirs is placed; see `bot.calls.phones.choose`."""
        return choose(
            self.phones,
            self.chosen,
            from_=from_,
            as_=as_,
            region=region,
            default=self.default,
        )

    def ringing(self, number: PhoneNumber) -> Caller:
        """Return them with *number* as what rings first, theirs or not."""
        phones = let_ring(self.phones, [number])
        return replace(
            self, phones=phones, chosen=replace(self.chosen, first=number.e164)
        )


@dataclass(frozen=True, slots=True)
class Operator:
    """What the operator has set: see the settings of these names."""

    jwt: str = ""
    is_shared: bool = False
    first: PhoneNumber | None = None
    may_ring: tuple[PhoneNumber, ...] = ()
    anything: bool = False
    region: str = "US"

    @classmethod
    def of(cls, settings: Settings) -> Operator:
        """Return what is set."""
        may_ring = settings.ringout_from_numbers
        return cls(
            jwt=settings.rc_user_jwt,
            is_shared=settings.ringout_shared_account,
            first=settings.ringout_from,
            may_ring=may_ring or (),
            anything=may_ring is None,
            region=settings.ringout_region,
        )


class Accounts:
    """The accounts that calls run by; nothing here waits for RingCentral in an ack."""

    def __init__(
        self,
        network: Network,
        operator: Operator,
        connections: Connections,
        member: Member,
        clock: Clock,
        background: Background,
        *,
        sign_in_ended: asyncio.Event,
        waits: SignInWaits = USUAL_SIGN_IN_WAITS,
        many: int = MANY,
    ) -> None:
        self.clients = Clients(
            network,
            operator.jwt,
            connections,
            member,
            clock,
            sign_in_ended=sign_in_ended,
            waits=waits,
        )
        self._many = many
        self._operator = operator
        self._connections = connections
        self._clock = clock
        self._background = background
        self._known: dict[str, Account] = {}
        self._listings = Listings(clock)
        self._listed: tuple[Phone, ...] = ()
        self._listed_at = datetime.min.replace(tzinfo=clock.now().tzinfo)

    async def of(self, person: Person) -> Caller:
        """Return by what a person calls. Costs one look into the database.

        Raises:
            NotConnected: By nothing: they have to connect (again).
            StoreUnavailable: It can't be told.
        """
        linked, chosen = await self._connections.of(person)
        if linked is not None:
            if linked.broken_at is not None:
                raise NotConnected(again=True)
            self._list_if_old(linked.id, linked.phones_at)
            name = linked.extension.name or f"extension {linked.extension.number}"
            return Caller(linked.id, name, linked.phones, chosen)
        if not self._operator.is_shared:
            raise NotConnected
        return self._shared_caller(chosen)

    async def direct_number(self, person: Person) -> PhoneNumber | None:
        """Return the direct number of somebody who has connected; None for others."""
        linked, _ = await self._connections.of(person)
        return None if linked is None else direct(linked.phones)

    def telephony(self, account: str) -> RingCentral:
        """Return the client of an account; it signs in when it is first needed."""
        return self.get(account).telephony

    def user_state(self, account: str) -> UserState:
        """Return an account's row; see `Clients.user_state`."""
        return self.get(account).user_state

    async def first(self, call: Call) -> Choice:
        """Return what rings first for a call that was stored without.

        As RingCentral has listed it since: two Light requests, for all calls that wait
        for them. Raises what they raise.
        """
        await self.check(call.account)
        await self._list(call.account, call.asked_at)
        caller = await self._again(call)
        return caller.choose(None, None, self._operator.region)

    async def check(self, account: str) -> None:
        """Raise `Disconnected` if it was erased meanwhile, by another process say."""
        if account != SHARED and await self._connections.get(account) is None:
            self.forget(account)
            raise Disconnected("not connected any more")

    async def refresh_phones(self, person: Person) -> Caller:
        """List a person's phones anew, because they asked: two Light; else as `of`."""
        caller = await self.of(person)
        try:
            await self._list(caller.account, self._clock.now())
        except Disconnected:
            if caller.account == SHARED:
                raise  # only who runs the bot can do something
            raise NotConnected(again=True) from None
        return await self.of(person)

    def get(self, identity: str) -> Account:
        """Return an account by its id, made when it is first asked for."""
        now = self._clock.now()
        found = self._known.get(identity)
        if found is None:
            self._let_go(now)
            telephony = self.clients.telephony(identity)
            row = self.clients.user_state(identity)
            found = self._known[identity] = Account(identity, telephony, row, now)
        found.used_at = now
        return found

    def forget(self, identity: str) -> None:
        """Let go of an account that was disconnected."""
        self._known.pop(identity, None)
        self._listings.forget(identity)

    def held(self) -> set[str]:
        """Return the ids of people's accounts whose tokens may be in memory here."""
        return set(self._known) - {SHARED}

    def budget_left(self) -> dict[str, tuple[int, int]]:
        """Return the shared account's rate groups; see `RingCentral.budget_left`."""
        return self.telephony(SHARED).budget_left()

    async def warm(self) -> None:
        """Learn the shared account's phones before the first command needs them."""
        if self._operator.is_shared:
            await self._quietly_listed(SHARED)

    def _shared_caller(self, chosen: Preferences) -> Caller:
        self._list_if_old(SHARED, self._listed_at)
        operator = self._operator
        phones = let_ring(self._listed, operator.may_ring)
        return Caller(SHARED, "", phones, chosen, operator.first, operator.anything)

    async def _again(self, call: Call) -> Caller:
        if call.account == SHARED:
            person = call.place.person
            return self._shared_caller((await self._connections.of(person))[1])
        try:
            return await self.of(call.place.person)
        except NotConnected:
            raise Disconnected("not connected any more") from None

    def _list_if_old(self, account: str, listed_at: datetime) -> None:
        if self._clock.now() - listed_at > REMEMBERED:
            self._background.start(self._quietly_listed(account), name="phones")

    async def _quietly_listed(self, account: str) -> None:
        """List an account's phones unless somebody has lately, or is at it."""
        whose = "a person's" if account else "the shared account's"
        try:
            await self._list(account, self._clock.now() - REMEMBERED)
        except BotError as error:
            log.info("%s phones can't be listed: %s", whose, error)

    async def _list(self, account: str, since: datetime) -> None:
        """List an account's phones unless that was done *since*, or is being done."""
        work = partial(self._listed_now, account)
        await self._listings.since(account, since, work)

    async def _listed_now(self, account: str) -> None:
        found = await list_phones(
            self.telephony(account).numbers, self._operator.region
        )
        now = self._clock.now()
        if account == SHARED:
            self._listed, self._listed_at = found, now
        else:
            await self._connections.list_phones(account, found, now)

    def _let_go(self, now: datetime) -> None:
        if len(self._known) < self._many:
            return
        for identity, account in list(self._known.items()):
            if identity != SHARED and now - account.used_at > IDLE:
                self.forget(identity)
