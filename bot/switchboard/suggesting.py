"""What the dialer suggests to one person, from what is kept here: it asks nobody.

A name that stands in somebody's own address book is suggested to that person alone, for
the book is found by the account that they call with. What was read is used for half a
minute, so that each letter that is typed does not read and decrypt it again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain, islice
from typing import Generic, TypeVar

from bot.accounts.names import Names
from bot.accounts.registry import Accounts
from bot.background import Background
from bot.calls.call import Place
from bot.calls.doubt import doubt_of
from bot.calls.numbers.refusal import NotAPhoneNumber
from bot.calls.people.names import NameSource
from bot.calls.people.person import Person
from bot.calls.suggestions import (
    Suggested,
    Suggestion,
    SuggestionSource,
    Typed,
    UnknownName,
    is_name,
    matching,
)
from bot.clock import Clock
from bot.errors import StoreUnavailable, UserError
from bot.storage.calls.store import Store
from bot.storage.people.colleagues import Colleagues
from bot.switchboard.policy import Policy

READ_WITHIN = 0.7
"""Seconds that a suggestion waits for what is kept; the person sees all within one."""

USED_FOR = 30.0
"""Seconds that what was read is used for; a person types a name in less."""

MOST_BOOKS, MOST_TEAMS = 8, 32
"""People's names, and workspaces, in memory: 10,000 names take some MB."""

MOST_CALLS = 50
"""The newest calls of a person that are looked at."""

MOST_SUGGESTED = 99
"""Slack takes a hundred options; what was typed is one more."""

SOURCE_OF_BOOK = {
    NameSource.ADDRESS_BOOK: SuggestionSource.ADDRESS_BOOK,
    NameSource.DIRECTORY: SuggestionSource.DIRECTORY,
}

Key = TypeVar("Key")
Kept = TypeVar("Kept")


class Suggesting:
    """Answers queries of the dialer. Raises `UserError` and `NotConnected`."""

    def __init__(
        self,
        *,
        store: Store,
        accounts: Accounts,
        names: Names,
        policy: Policy,
        clock: Clock,
        background: Background,
        read_within: float = READ_WITHIN,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._names = names
        self._policy = policy
        self._background = background
        self._read_within = read_within
        self._colleagues = Colleagues(store.writer)
        self._books: _Cache[str, Sequence[Suggestion]] = _Cache(clock, MOST_BOOKS)
        self._teams: _Cache[Person, Sequence[tuple[str, Suggestion]]] = _Cache(
            clock, MOST_TEAMS
        )

    async def prepare(self, place: Place) -> None:
        """Have the person's books read now if they are due; raises what `of` does."""
        self._policy.check_user(place)
        caller = await self._accounts.of(place.person)
        await self._names.refresh(caller.account)

    async def of(self, place: Place, typed: str) -> Suggested:
        """Return what *typed* would dial, and the known numbers that it may mean.

        Lists that can't be read in time are left out.
        """
        self._policy.check_user(place)
        caller = await self._accounts.of(place.person)
        region = caller.chosen.region or self._policy.region
        lists = await self._in_time(
            self._called(place.person),
            self._connected(place.person),
            self._named(caller.account),
        )
        return await asyncio.to_thread(suggested, self._policy, typed, region, lists)

    async def _in_time(
        self, *reads: Awaitable[Sequence[Suggestion]]
    ) -> list[Suggestion]:
        """Return what is read in time; the rest is read on, for the next letter."""
        found: list[Sequence[Suggestion]] = [[] for _ in reads]

        async def fill(n: int, read: Awaitable[Sequence[Suggestion]]) -> None:
            with contextlib.suppress(StoreUnavailable):
                found[n] = await read

        begin, within = self._background.begin, self._read_within
        works = [fill(n, read) for n, read in enumerate(reads)]
        await asyncio.gather(*(begin(e, within, name="suggestions") for e in works))
        return list(chain.from_iterable(found))

    async def _called(self, person: Person) -> Sequence[Suggestion]:
        calls = await self._store.of_person(person, MOST_CALLS)
        return [
            Suggestion.of(
                each.callee.e164,
                each.callee_name.text if each.callee_name else "",
                SuggestionSource.CALLED,
            )
            for each in calls
        ]

    async def _connected(self, person: Person) -> Sequence[Suggestion]:
        async def read() -> Sequence[tuple[str, Suggestion]]:
            found = await self._colleagues.of(person)
            made = (
                (
                    each.user,
                    Suggestion.of(
                        each.number.e164, each.name, SuggestionSource.COLLEAGUE
                    ),
                )
                for each in found
            )
            return sorted(made, key=lambda pair: pair[1].folded)

        team = Person(person.enterprise, person.team, "")
        found = await self._teams.get(team, read)
        return [each for user, each in found if user != person.user]

    async def _named(self, account: str) -> Sequence[Suggestion]:
        async def read() -> Sequence[Suggestion]:
            return await asyncio.to_thread(_sorted, await self._names.books(account))

        # What is read anew, here or by another process, is suggested at once.
        stamp = await self._names.stamp(account)
        return await self._books.get(f"{account} {stamp}", read)


def suggested(
    policy: Policy, typed: str, region: str, known: Sequence[Suggestion]
) -> Suggested:
    """Return what *typed* would dial, and those of *known* that it may mean.

    A name that leads to numbers is not refused. If none of them may be called, it is
    refused for the reason of the first.
    """
    meant = matching(typed, known)
    own = _read(policy, typed, region, meant) if typed.strip() else None
    same = own.number.e164 if own and own.number else ""
    allowed = (e for e in meant if e.e164 != same and not _refused(policy, e))
    found = tuple(islice(allowed, MOST_SUGGESTED))
    if own is not None and is_name(typed):
        why = _refused(policy, meant[0]) if meant else own.refused
        own = None if found else Typed(typed, refused=why)
    return Suggested(own, found)


def _read(
    policy: Policy, typed: str, region: str, meant: Sequence[Suggestion]
) -> Typed:
    try:
        number = policy.number(typed, region)
    except NotAPhoneNumber as error:
        return Typed(typed, refused=UnknownName(typed) if is_name(typed) else error)
    except UserError as error:
        return Typed(typed, refused=error)
    names = (each.name for each in meant if each.e164 == number.e164)
    return Typed(typed, number, next(names, ""), doubt_of(number))


def _refused(policy: Policy, each: Suggestion) -> UserError | None:
    """Return why the number may not be called; None if it may."""
    try:
        is_same = policy.number(each.e164) == each.number
    except UserError as error:
        return error
    return None if is_same else UnknownName(each.name)


def _sorted(books: dict[NameSource, dict[str, str]]) -> Sequence[Suggestion]:
    """Return the names of all books, each book by name."""
    return [
        each
        for book, source in SOURCE_OF_BOOK.items()
        for each in sorted(
            (Suggestion.of(*pair, source) for pair in books.get(book, {}).items()),
            key=lambda one: one.folded,
        )
    ]


class _Cache(Generic[Key, Kept]):
    """Keeps what was read for `USED_FOR`, and of that the *most* that were used last."""

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[Key, tuple[float, Kept]] = OrderedDict()

    async def get(self, key: Key, read: Callable[[], Awaitable[Kept]]) -> Kept:
        """Return what is kept for *key*, or what *read* returns."""
        self._forget_old()
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found[1]
        at, kept = self._clock.monotonic(), await read()
        self._kept[key] = at, kept
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return kept

    def _forget_old(self) -> None:
        oldest = self._clock.monotonic() - USED_FOR
        old = [key for key, (at, _) in self._kept.items() if at < oldest]
        for key in old:
            del self._kept[key]
