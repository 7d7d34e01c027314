"""The last calls, for ``/callstatus``: reads the call log, and caches it for seconds."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.calls import matching, outcome
from bot.calls.call import Call, Place, State
from bot.calls.history import row_of_open, rows_of
from bot.calls.leg import Entry, Record
from bot.calls.list_request import ListRequest
from bot.calls.phone import PhoneNumber
from bot.calls.phones import Phone
from bot.calls.work_list import (
    After,
    Recent,
    Sieve,
    is_kept_from,
    may_be,
    span_of,
    visible,
)
from bot.clock import Clock
from bot.ringcentral.call_log import LogPage
from bot.storage.calls.private import PrivateCalls
from bot.storage.calls.store import Store

FRESH = timedelta(seconds=15)
"""How long a read of the log is cached: a user has only ten Heavy requests a minute."""

LOOK_BACK = timedelta(days=90)

SEAM = timedelta(seconds=30)
"""A call may have two records that start so far apart, and a read may end between them.
RingCentral's clock, too, may be so far from ours."""

SEAMS = (SEAM, timedelta(seconds=2), timedelta(0))
"""How far above its top a page is read: less where the log has so many calls in that
time that too few of them are below the top. Usually the first is enough."""

TICK = timedelta(milliseconds=1)
"""What the log's times are rounded to."""


class ListedLog(Protocol):
    """What the list needs from RingCentral."""

    async def newest(
        self, *, since: datetime, until: datetime, company: bool, number: str = ""
    ) -> LogPage: ...


@dataclass(frozen=True, slots=True)
class Asker:
    """Who reads a list, and the account whose log it is.

    Attributes:
        account: Its id; empty for the shared one.
        phones: Its phones: they tell which way a call of another program went.
        usual: Numbers of its own that need no mention.
        region: The country of the log's numbers that have no country code.
        extension: Its extension number; empty if not known, as of the shared account.
    """

    place: Place
    account: str
    phones: tuple[Phone, ...]
    usual: frozenset[str]
    region: str
    extension: str = ""

    @property
    def own(self) -> tuple[PhoneNumber | str, ...]:
        """What the log shows of this account itself: its numbers, its extension."""
        return (*(each.number for each in self.phones), self.extension)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What one read of the log asks for; *until* None: up to now."""

    account: str
    company: bool
    number: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    entries: tuple[Entry, ...]
    read_at: datetime
    down_to: datetime | None
    """The log goes on below this moment; None if all of it was read."""


class History:
    """Reads each account's log for lists, about one Heavy request for a page.

    *kept_for* is how long our own calls are kept: for so long it is known which of them
    people keep to themselves.
    """

    def __init__(
        self,
        log_of: Callable[[str], ListedLog],
        store: Store,
        clock: Clock,
        kept_for: timedelta = LOOK_BACK,
    ) -> None:
        self._log_of = log_of
        self._store = store
        self._private = PrivateCalls(store)
        self._clock = clock
        self._kept_for = kept_for
        self._kept: dict[_Scope, _Kept] = {}
        self._locks: defaultdict[tuple[str, bool], asyncio.Lock] = defaultdict(
            asyncio.Lock
        )

    async def page(
        self, asker: Asker, request: ListRequest, after: After | None
    ) -> Recent:
        """Return a page of a list; *after* is where the page before ended.

        Costs one read of the call log (Heavy), or none if it is cached, and up to three
        where 250 calls start within a minute. Raises `RingCentralError` or
        `CredentialsRefused`.
        """
        scope = _Scope(asker.account, request.company, request.e164)
        async with self._locks[asker.account, request.company]:
            now = self._clock.now()
            self._forget_old(now)
            kept = self._kept.get(scope)
            top = _top(request, after)
            if kept is not None:
                found = await self._made(asker, request, after, kept, now)
                if top is None or found.is_whole:
                    return found.page
            scope = _Scope(scope.account, scope.company, scope.number, top)
            kept = self._kept.get(scope) or await self._read(asker, scope, now)
            self._kept[scope] = kept
            return (await self._made(asker, request, after, kept, now)).page

    async def _read(self, asker: Asker, scope: _Scope, now: datetime) -> _Kept:
        since = now - self._look_back(asker, company=scope.company)
        log = self._log_of(scope.account)
        for seam in SEAMS:
            found = await log.newest(
                since=since,
                until=(scope.until or now) + seam,
                company=scope.company,
                number=scope.number,
            )
            if found.is_last or _is_of_use(found.records, scope.until):
                break
        down_to = None
        if not found.is_last and found.records:
            down_to = _down_to(found.records, scope.until)
        return _Kept(matching.group(found.records), now, down_to)

    async def _made(
        self,
        asker: Asker,
        request: ListRequest,
        after: After | None,
        kept: _Kept,
        now: datetime,
    ) -> _Made:
        """Make a page of what was read."""
        reader = asker.place.person
        oldest = now - self._look_back(asker, company=request.company)
        open_calls = await self._open(asker, request)
        ours = await self._store.adopters(
            record for entry in kept.entries for record in entry.ids
        )
        ours |= _by_id(kept.entries, open_calls)
        unfound = await self._unfound(asker, request, kept.entries, oldest)
        logged = [each for each in kept.entries if not _goes_on(each, open_calls)]
        seen = visible(logged, ours, unfound, reader)
        rows = rows_of(seen, ours=ours, own=asker.own)
        rows += [
            row_of_open(call)
            for call in open_calls
            if not is_kept_from(reader, call) and not _is_logged(call, seen, ours)
        ]
        down_to = _bottom(request, kept)
        sieve = Sieve(request, asker.place, asker.region)
        page, more = sieve.page(rows, after, down_to)
        recent = Recent(
            request=request,
            rows=page,
            read_at=kept.read_at,
            looked_back=now - oldest,
            region=asker.region,
            searched_to=down_to if len(page) < request.count else None,
            own=bool(asker.account) and not request.company,
            phones=asker.phones,
            usual=asker.usual,
            after=after,
            more=more,
        )
        return _Made(recent, is_whole=len(page) == request.count or down_to is None)

    async def _open(self, asker: Asker, request: ListRequest) -> list[Call]:
        """Return the calls of this workspace that may have no record yet."""
        if request.company:
            return []
        states = (State.PLACING, State.FOLLOWING, State.RECORDING)
        found = await self._store.in_state(*states, account=asker.account)
        return [call for call in found if call.place.is_beside(asker.place)]

    async def _unfound(
        self,
        asker: Asker,
        request: ListRequest,
        entries: Sequence[Entry],
        oldest: datetime,
    ) -> list[Call]:
        """Return the calls that may be in this log without being known there."""
        near = span_of(entries, oldest)
        found = await self._private.without_both_records(oldest, near)
        return [
            each for each in found if request.company or each.account == asker.account
        ]

    def _look_back(self, asker: Asker, *, company: bool) -> timedelta:
        """Return how far back a list goes.

        One that may show others' calls goes no further than it is known which of them
        are private.
        """
        is_own = bool(asker.account) and not company
        return LOOK_BACK if is_own else min(LOOK_BACK, self._kept_for)

    def _forget_old(self, now: datetime) -> None:
        """Drop the logs whose cache has expired: they are people's private data."""
        for scope, kept in list(self._kept.items()):
            if now - kept.read_at > FRESH:
                del self._kept[scope]
                lock = scope.account, scope.company
                if lock in self._locks and not self._locks[lock].locked():
                    del self._locks[lock]


@dataclass(frozen=True, slots=True)
class _Made:
    """A page, and whether a read that begins further down could not add to it."""

    page: Recent
    is_whole: bool


def _top(request: ListRequest, after: After | None) -> datetime | None:
    """Return the moment above which nothing is listed; None for now."""
    tops = [request.until, after.at if after else None]
    return min((each for each in tops if each is not None), default=None)


def _is_of_use(records: Sequence[Record], top: datetime | None) -> bool:
    """Return whether at least half of what was read is below *top*."""
    below = [each for each in records if top is None or each.started_at < top]
    return len(below) * 2 >= len(records)


def _down_to(records: Sequence[Record], top: datetime | None) -> datetime:
    """Return down to where calls are whole; always below *top*, so that pages go on."""
    oldest, newest = records[-1].started_at, records[0].started_at
    span = min(newest, top or newest) - oldest
    down_to = oldest + min(SEAM, max(span, timedelta(0)) / 4)
    return down_to if top is None else min(down_to, top - TICK)


def _bottom(request: ListRequest, kept: _Kept) -> datetime | None:
    """Return down to where was read, unless nothing below is asked for."""
    if kept.down_to is None or request.since is None:
        return kept.down_to
    return None if request.since >= kept.down_to else kept.down_to


def _goes_on(entry: Entry, open_calls: Collection[Call]) -> bool:
    """Return whether it is a call of ours that goes on: its live state says more."""
    going = [each for each in open_calls if each.state is not State.RECORDING]
    if any(each.ringout_id in entry.session_ids for each in going):
        return True
    return outcome.is_running(entry) and any(may_be(each, entry) for each in going)


def _is_logged(
    call: Call, entries: Collection[Entry], ours: Mapping[str, Call]
) -> bool:
    """Return whether a call that is over is listed already, or may be."""
    free = (each for each in entries if ours.keys().isdisjoint(each.ids))
    mine = any(each.id == call.id for each in ours.values())
    return call.state is State.RECORDING and (
        mine or any(may_be(call, each) for each in free)
    )


def _by_id(entries: Collection[Entry], open_calls: Collection[Call]) -> dict[str, Call]:
    """Return the call of each record that has its id: the recorder may come later."""
    of = {each.ringout_id: each for each in open_calls if each.ringout_id}
    return {
        record: of[session]
        for entry in entries
        for session in entry.session_ids & of.keys()
        for record in entry.ids
    }
