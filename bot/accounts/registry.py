"""Whose RingCentral account a call uses: the person's own, or the shared one."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.accounts.callers import Caller, Operator
from bot.accounts.clients import SHARED, Clients
from bot.accounts.listings import Listings
from bot.accounts.phone_lists import list_phones
from bot.accounts.shared_account import SharedAccount
from bot.background import Background
from bot.calls.call import Call
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Person, Preferences
from bot.calls.people.phones import Choice, direct, let_ring
from bot.clock import Clock
from bot.cluster.member import Member
from bot.errors import BotError, Disconnected, NotConnected
from bot.ringcentral.client import RingCentral
from bot.ringcentral.sign_in.session import USUAL_SIGN_IN_WAITS, SignInWaits
from bot.ringcentral.transport.network import Network
from bot.storage.people.connections import Connections
from bot.storage.shared.log_lags import LogLag
from bot.storage.shared.user_state import UserState

log = logging.getLogger(__name__)

PHONES_FRESH_FOR = timedelta(minutes=10)
"""How long a list of phones is used before it is read again. Forty calls a day then cost
few Light requests, and a new phone is found within the hour."""

MANY_ACCOUNTS, IDLE_AFTER = 500, timedelta(minutes=15)
"""With so many accounts in memory, those that were not used for so long are dropped. That
is longer than any rate window, so no request is left uncounted."""


@dataclass(slots=True)
class Account:
    """An account in this process's memory: its client, and its state in the database."""

    id: str
    telephony: RingCentral
    user_state: UserState
    used_at: datetime


class Accounts:
    """The accounts that calls use.

    What Slack's acks wait for reads the database and never waits for RingCentral.
    """

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
        many: int = MANY_ACCOUNTS,
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
        self._shared = SharedAccount()

    async def of(self, person: Person) -> Caller:
        """Return the account and phones this person calls with. One database read.

        Raises:
            NotConnected: They have no account to call with, and must connect one.
            StoreUnavailable: The database can't be read.
        """
        linked, chosen = await self._connections.of(person)
        if linked is not None:
            if linked.broken_at is not None:
                raise NotConnected(again=True, code=linked.broken_why)
            self._list_if_old(linked.id, linked.phones_at)
            name = linked.extension.name or f"extension {linked.extension.number}"
            extension = linked.extension.number
            return Caller(linked.id, name, linked.phones, chosen, extension=extension)
        if not self._operator.is_shared:
            raise NotConnected
        return self._shared_caller(chosen)

    async def direct_number(self, person: Person) -> PhoneNumber | None:
        """Return a person's direct number; None if they have not connected or have none."""
        linked, _ = await self._connections.of(person)
        return None if linked is None else direct(linked.phones)

    def telephony(self, account: str) -> RingCentral:
        """Return the client of an account; it signs in with its first request."""
        return self.get(account).telephony

    def user_state(self, account: str) -> UserState:
        """Return an account's state in the database; see `Clients.user_state`."""
        return self.get(account).user_state

    def log_lag(self, account: str) -> LogLag:
        """Return how soon an account's call log shows a call."""
        return self.clients.log_lag(account)

    async def first(self, call: Call) -> Choice:
        """Return the phone that rings first, for a call that was stored without one.

        Chooses from a list that RingCentral gave after the call was stored. The list
        costs two Light requests, shared by all calls that wait for it. Raises what they
        raise.
        """
        await self.check(call.account)
        await self._list(call.account, call.asked_at)
        caller = await self._present_caller(call)
        return caller.choose(None, None, self._operator.region)

    async def check(self, account: str) -> None:
        """Raise `Disconnected` if an account was erased, perhaps by another process."""
        if account != SHARED and await self._connections.get(account) is None:
            self.forget(account)
            raise Disconnected("not connected any more")

    async def refresh_phones(self, person: Person) -> Caller:
        """List a person's phones again, because they asked. Otherwise like `of`.

        Costs two Light requests.
        """
        caller = await self.of(person)
        try:
            await self._list(caller.account, self._clock.now())
        except Disconnected as error:
            if caller.account == SHARED:
                raise  # only the operator can connect the shared account
            raise NotConnected(again=True, code=error.code) from None
        return await self.of(person)

    def get(self, identity: str) -> Account:
        """Return an account by its id; make it if it is not in memory."""
        now = self._clock.now()
        found = self._known.get(identity)
        if found is None:
            self._drop_idle(now)
            telephony = self.clients.telephony(identity)
            row = self.clients.user_state(identity)
            found = self._known[identity] = Account(identity, telephony, row, now)
        found.used_at = now
        return found

    def forget(self, identity: str) -> None:
        """Drop an account from memory, with its tokens."""
        self._known.pop(identity, None)
        self._listings.forget(identity)

    def in_memory(self) -> set[str]:
        """Return the ids of people's accounts whose tokens may be in memory."""
        return set(self._known) - {SHARED}

    def budget_left(self) -> dict[str, tuple[int, int]]:
        """Return the shared account's rate groups; see `RingCentral.budget_left`."""
        return self.telephony(SHARED).budget_left()

    async def list_shared_phones(self) -> None:
        """List the shared account's phones, before the first command needs them."""
        if self._operator.is_shared:
            await self._try_to_list(SHARED)

    def _shared_caller(self, chosen: Preferences) -> Caller:
        shared, operator = self._shared, self._operator
        self._list_if_old(SHARED, shared.listed_at)
        return Caller(
            account=SHARED,
            name="",
            phones=let_ring(shared.phones, operator.may_ring),
            chosen=chosen,
            default=operator.first,
            any_phone=operator.any_phone,
            extension=shared.extension,
        )

    async def _present_caller(self, call: Call) -> Caller:
        if call.account == SHARED:
            person = call.place.person
            return self._shared_caller((await self._connections.of(person))[1])
        try:
            return await self.of(call.place.person)
        except NotConnected:
            raise Disconnected("not connected any more") from None

    def _list_if_old(self, account: str, listed_at: datetime) -> None:
        if self._clock.now() - listed_at > PHONES_FRESH_FOR:
            self._background.start(self._try_to_list(account), name="phones")

    async def _try_to_list(self, account: str) -> None:
        """List an account's phones unless the list is fresh; log an error."""
        whose = "a person's" if account else "the shared account's"
        try:
            await self._list(account, self._clock.now() - PHONES_FRESH_FOR)
        except BotError as error:
            log.info("%s phones can't be listed: %s", whose, error)

    async def _list(self, account: str, since: datetime) -> None:
        """List an account's phones, unless a listing began after *since*."""
        work = partial(self._list_now, account)
        await self._listings.since(account, since, work)

    async def _list_now(self, account: str) -> None:
        found = await list_phones(
            self.telephony(account).numbers, self._operator.region
        )
        now = self._clock.now()
        if account == SHARED:
            self._shared.phones, self._shared.listed_at = found, now
            reading = self._shared.read_extension(self.telephony(SHARED))
            self._background.start(reading, name="extension")
        else:
            await self._connections.store_phones(account, found, now)

    def _drop_idle(self, now: datetime) -> None:
        if len(self._known) < self._many:
            return
        for identity, account in list(self._known.items()):
            if identity != SHARED and now - account.used_at > IDLE_AFTER:
                self.forget(identity)
