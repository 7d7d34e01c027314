"""Names of other parties: from address books and directories, read rarely and kept.

A book is read in the background, about once a day, with rate budget that calls don't need:
when its account is connected, when a form that suggests names is opened, or some time
after a call has begun. A call pays only one database read.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.accounts.clients import SHARED
from bot.accounts.registry import Accounts
from bot.background import Background
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.contacts import MOST_CONTACTS, BookEntry, by_number
from bot.calls.people.names import Name, NameSource, best
from bot.clock import Clock
from bot.errors import (
    BotError,
    RateLimited,
    Refused,
    StoreUnavailable,
)
from bot.ringcentral.client import RingCentral
from bot.ringcentral.contacts import READ_CONTACTS
from bot.ringcentral.transport.network import RingCentralApp
from bot.storage.people.connections import Connections
from bot.storage.people.name_books import FoundNames, NameBooks, opened, sealed
from bot.vault import Vault, derived_key

log = logging.getLogger(__name__)

MOST_PAGES = 20
"""The most pages of one book that are read."""

MOST_WAITS = 15
"""The most waits for the rate limit while one book is read."""

LONGEST_WAIT = 120.0
"""Seconds. If RingCentral asks for a longer wait, the book is given up. All waits together
fit into `NameWaits.turn`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameWaits:
    """When an account's books of names are read.

    Attributes:
        first: Seconds from a call to the first read of its account's books.
        fresh: How long a book that was read counts as up to date.
        refused: The wait before the next try, if RingCentral refused one.
        failed: The wait before the next try, if one failed otherwise.
        turn: How long a process has to read a book, before another may.
    """

    first: float = 20.0
    fresh: timedelta = timedelta(hours=24)
    refused: timedelta = timedelta(hours=6)
    failed: timedelta = timedelta(hours=1)
    turn: timedelta = timedelta(minutes=30)


USUAL_NAME_WAITS = NameWaits()


@dataclass(frozen=True, slots=True)
class NameKeys:
    """What names are encrypted with.

    *people* encrypts with `RINGOUT_SECRET_KEY`; *shared*, as the shared account's sign-in,
    with a key derived from that account's credentials.
    """

    people: Vault
    shared: Vault

    @classmethod
    def of(cls, people: Vault, jwt: str, app: RingCentralApp) -> NameKeys:
        """Return the keys; *jwt* is the shared account's, empty if there is none."""
        key = derived_key(jwt, app.client_secret, purpose="ringout shared names")
        return cls(people, Vault([key] if jwt else []))


class Names:
    """Finds the names of other parties, and keeps the books in which they stand.

    *region* is used for people who have chosen none.
    """

    def __init__(
        self,
        books: NameBooks,
        connections: Connections,
        accounts: Accounts,
        keys: NameKeys,
        clock: Clock,
        *,
        region: str,
        waits: NameWaits = USUAL_NAME_WAITS,
    ) -> None:
        self._books = books
        self._connections = connections
        self._accounts = accounts
        self._keys = keys
        self._clock = clock
        self._region = region
        self._waits = waits
        self._background = Background()
        self._reading: set[tuple[str, NameSource]] = set()

    async def of(self, account: str, number: PhoneNumber) -> Name | None:
        """Return the best name that the books of *account* have for *number*.

        One database read; a book that is due is read later, in the background. Never
        raises: a call does without a name.
        """
        return (await self.of_all(account, [number])).get(number)

    async def of_all(
        self, account: str, numbers: Collection[PhoneNumber]
    ) -> dict[PhoneNumber, Name]:
        """Return the best name of each of *numbers* that has one; see `of`."""
        e164s = {number.e164: number for number in numbers}
        try:
            found = await self._books.find(
                self._key(account), e164s, self._vault(account)
            )
        except StoreUnavailable:
            return {}
        self._read_due(account, found, self._waits.first)
        names = {number: best(each) for number, each in found.names.items()}
        return {e164s[number]: name for number, name in names.items() if name}

    async def books(self, account: str) -> dict[NameSource, dict[str, str]]:
        """Return all names that are kept for *account*, by book and by number in E.164.

        One database read; they are decrypted in a thread. Raises `StoreUnavailable`.
        """
        pages = await self._books.pages(self._key(account), _sources(account))
        return await asyncio.to_thread(opened, pages, self._vault(account))

    async def stamp(self, account: str) -> str:
        """Return another text than before if a book of *account* was read meanwhile.

        One small database read. Raises `StoreUnavailable`.
        """
        found = await self._found(account)
        return " ".join(f"{each} {found.due[each]}" for each in sorted(found.due))

    async def refresh(self, account: str) -> None:
        """Have the books of *account* read now, in the background, if they are due.

        Never raises.
        """
        with contextlib.suppress(StoreUnavailable):
            self._read_due(account, await self._found(account), 0)

    async def _found(self, account: str) -> FoundNames:
        return await self._books.find(self._key(account), (), self._vault(account))

    async def stop(self) -> None:
        """Stop reading; what is not read is due again at the next start."""
        await self._background.settle(0)

    async def read(self, account: str, source: NameSource) -> None:
        """Read a book at RingCentral, if it is due and no other process does."""
        key, now = self._key(account), self._clock.now()
        try:
            if await self._books.claim(key, source, now, now + self._waits.turn):
                await self._read(account, source)
        except StoreUnavailable:
            log.info("names can't be stored: the database failed")

    async def _read_later(self, account: str, source: NameSource, wait: float) -> None:
        """Read a book after *wait* seconds: a call that asks may need the rate limit."""
        try:
            if wait:
                await self._clock.sleep(wait)
            await self.read(account, source)
        finally:
            self._reading.discard((account, source))

    async def _read(self, account: str, source: NameSource) -> None:
        key, waits = self._key(account), self._waits
        try:
            contacts = await self._contacts(account, source)
        except Refused as error:
            log.info("no names from the %s: %s", source, error)
            trouble = error.permission or error.feature or error.code or "refused"
            until = self._clock.now() + waits.refused
            await self._books.postpone(key, source, until, trouble)
        except BotError as error:
            log.info("no names from the %s: %s", source, error)
            until = self._clock.now() + waits.failed
            await self._books.postpone(key, source, until)
        else:
            await self._store(account, source, contacts)

    async def _store(
        self, account: str, source: NameSource, contacts: Sequence[BookEntry]
    ) -> None:
        vault, region = self._vault(account), await self._region_of(account)

        def work() -> dict[int, str]:
            return sealed(by_number(contacts, source, region), vault)

        # In a thread: thousands of numbers take a second to parse.
        pages = await asyncio.to_thread(work)
        now = self._clock.now()
        await self._books.store(
            self._key(account),
            source,
            pages,
            now,
            now + self._waits.fresh,
            connected=account != SHARED,
        )
        log.info("names from the %s: %d contacts", source, len(contacts))

    async def _contacts(self, account: str, source: NameSource) -> list[BookEntry]:
        """Return the contacts of a book, page after page, as the rate limit allows."""
        telephony = self._accounts.telephony(account)
        await _check_permission(telephony, source)
        found: list[BookEntry] = []
        page, waits = 1, 0
        while page <= MOST_PAGES and len(found) < MOST_CONTACTS:
            try:
                if source is NameSource.ADDRESS_BOOK:
                    answer = await telephony.contacts.address_book(page)
                else:
                    answer = await telephony.contacts.directory(page)
            except RateLimited as error:
                waits += 1
                if waits > MOST_WAITS or error.retry_after > LONGEST_WAIT:
                    raise
                await self._clock.sleep(error.retry_after)
                continue
            found += answer.contacts
            page += 1
            if not answer.has_more:
                break
        return found[:MOST_CONTACTS]

    def _read_due(self, account: str, found: FoundNames, wait: float) -> None:
        now = self._clock.now()
        for source in _sources(account):
            due = found.due.get(source)
            if (due is None or due <= now) and (account, source) not in self._reading:
                self._reading.add((account, source))
                work = self._read_later(account, source, wait)
                self._background.start(work, name="names")

    async def _region_of(self, account: str) -> str:
        """Return the home by which numbers without a country code are read."""
        linked = None
        if account != SHARED:
            linked = await self._connections.get(account)
        if linked is None:
            return self._region
        _, chosen = await self._connections.of(linked.person)
        return chosen.region or self._region

    def _key(self, account: str) -> str:
        return self._accounts.clients.key(account)

    def _vault(self, account: str) -> Vault:
        return self._keys.shared if account == SHARED else self._keys.people


def _sources(account: str) -> tuple[NameSource, ...]:
    """Return the books of an account; the shared one's address book is personal."""
    if account == SHARED:
        return (NameSource.DIRECTORY,)
    return (NameSource.DIRECTORY, NameSource.ADDRESS_BOOK)


async def _check_permission(telephony: RingCentral, source: NameSource) -> None:
    """Raise `Refused` if the app surely may not read it: that saves a Heavy request."""
    if source is not NameSource.ADDRESS_BOOK:
        return
    await telephony.start()
    scopes = telephony.token_scopes()
    if scopes and READ_CONTACTS not in scopes:
        raise Refused(403, "CMN-401", permission=READ_CONTACTS)
