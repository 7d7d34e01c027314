"""The last calls, for ``/callstatus``: what the log has, with our own calls beside it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.calls.call import Call, Place, State
from bot.calls.lists.history import Row, goes_on, row_of_ours, rows_of
from bot.calls.lists.request import ListRequest
from bot.calls.lists.withheld import is_withheld
from bot.calls.lists.work_list import (
    After,
    Recent,
    Sieve,
    is_kept_from,
    may_be,
    may_be_of,
    span_of,
    visible,
)
from bot.calls.log import outcome
from bot.calls.log.leg import Entry
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.phones import Phone
from bot.clock import Clock
from bot.storage.calls.listed import ListedCalls
from bot.storage.calls.store import Store
from bot.switchboard.log_reads import ListedLog, LogRead, LogReads, LogScope

LOOK_BACK = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who reads a list, and the account whose log it is.

    Attributes:
        account: Its id; empty for the shared one.
        phones: Its phones: they tell which way a call of another program went.
        usual: Numbers of its own that need no mention.
        region: The country of the log's numbers that have no country code.
        extension: Its extension number; empty if it is not known.
    """

    place: Place
    account: str
    phones: tuple[Phone, ...]
    usual: frozenset[str]
    region: str
    extension: str = ""

    @property
    def own(self) -> tuple[PhoneNumber | str, ...]:
        """Its phones, and its extension number as text."""
        return (*(each.number for each in self.phones), self.extension)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One page that somebody asks for, at a moment."""

    asker: Asker
    request: ListRequest
    after: After | None
    now: datetime

    @property
    def is_own(self) -> bool:
        """Whether the account is the reader's own, so that nobody else's calls are in it."""
        return bool(self.asker.account) and not self.request.company


class History:
    """Makes the pages of lists, about one Heavy request for each.

    *kept_for*: how long the database keeps calls. Lists with other people's calls go back
    no further, because the database knows which calls people keep to themselves.
    """

    def __init__(
        self,
        log_of: Callable[[str], ListedLog],
        store: Store,
        clock: Clock,
        kept_for: timedelta = LOOK_BACK,
    ) -> None:
        self._reads = LogReads(log_of, clock)
        self._calls = ListedCalls(store)
        self._clock = clock
        self._kept_for = kept_for

    async def page(
        self, asker: Asker, request: ListRequest, after: After | None
    ) -> Recent:
        """Return a page of a list; *after* is where the page before ended.

        Costs one read of the call log (Heavy), or none if it is cached, and up to three
        where 250 calls start within a minute. Raises `RingCentralError` or
        `CredentialsRefused`.
        """
        scope = LogScope(asker.account, request.company, request.e164)
        async with self._reads.turn(scope):
            asked = _Asked(asker, request, after, self._clock.now())
            kept = self._reads.kept(scope)
            top = _top(request, after)
            if kept is not None:
                found = await self._made(asked, kept)
                if top is None or found.is_whole:
                    return found.page
            since = asked.now - self._look_back(asked)
            read = await self._reads.read(replace(scope, until=top), since)
            return (await self._made(asked, read)).page

    async def _made(self, asked: _Asked, read: LogRead) -> _Made:
        """Make a page of what was read."""
        request, asker = asked.request, asked.asker
        oldest = asked.now - self._look_back(asked)
        rows = await self._rows(asked, read, oldest)
        down_to = _bottom(request, read)
        sieve = Sieve(request, asker.place, asker.region)
        page, more = sieve.page(rows, asked.after, down_to)
        recent = Recent(
            request=request,
            rows=page,
            read_at=read.read_at,
            looked_back=asked.now - oldest,
            region=asker.region,
            searched_to=down_to if len(page) < request.count else None,
            own=asked.is_own,
            phones=asker.phones,
            usual=asker.usual,
            after=asked.after,
            more=more,
        )
        return _Made(recent, is_whole=len(page) == request.count or down_to is None)

    async def _rows(self, asked: _Asked, read: LogRead, oldest: datetime) -> list[Row]:
        """Return all that the reader may see: the log's calls, and ours beside it."""
        reader = asked.asker.place.person
        beside = await self._beside(asked, read.read_at)
        ours = await self._calls.adopters(
            record for entry in read.entries for record in entry.ids
        )
        ours |= _by_id(read.entries, beside)
        unfound = await self._unfound(asked, read, oldest)
        logged = [
            each
            for each in await self._not_withheld(asked, read, oldest, ours)
            if not _is_outdated(each, beside, ours)
        ]
        seen = visible(logged, ours, unfound, reader)
        others = [each for each in unfound if not each.place.person.is_also(reader)]
        nameless = {e.record.id for e in seen if may_be_of(others, e, ours)}
        rows = rows_of(seen, ours=ours, own=asked.asker.own)
        return [
            *(row.without_names if row.id in nameless else row for row in rows),
            *(
                row_of_ours(call)
                for call in beside
                if not is_kept_from(reader, call) and not _is_logged(call, seen, ours)
            ),
        ]

    async def _beside(self, asked: _Asked, read_at: datetime) -> list[Call]:
        """Return this workspace's calls that may be missing from the log as read then."""
        if asked.request.company:
            return []
        found = await self._calls.beside_log(asked.asker.account, read_at)
        return [each for each in found if each.place.is_beside(asked.asker.place)]

    async def _unfound(
        self, asked: _Asked, read: LogRead, oldest: datetime
    ) -> list[Call]:
        """Return the calls that may have a record in this log that is not identified yet."""
        near = span_of(read.entries, oldest)
        found = await self._calls.without_both_records(oldest, near)
        account = asked.asker.account
        return [e for e in found if asked.request.company or e.account == account]

    async def _not_withheld(
        self, asked: _Asked, read: LogRead, oldest: datetime, ours: Mapping[str, Call]
    ) -> list[Entry]:
        """Leave out the private calls that were erased, where others would see them."""
        if asked.is_own:
            return list(read.entries)
        erased = await self._calls.withheld(oldest)
        account = None if asked.request.company else asked.asker.account
        return [
            entry
            for entry in read.entries
            if not ours.keys().isdisjoint(entry.ids)
            or not is_withheld(entry, erased, account)
        ]

    def _look_back(self, asked: _Asked) -> timedelta:
        """Return how far back a list goes.

        Lists with other people's calls end where the database no longer knows which calls
        are private.
        """
        return LOOK_BACK if asked.is_own else min(LOOK_BACK, self._kept_for)


@dataclass(frozen=True, slots=True)
class _Made:
    """A page of a list. *is_whole*: reading further back adds nothing."""

    page: Recent
    is_whole: bool


def _top(request: ListRequest, after: After | None) -> datetime | None:
    """Return the newest moment that is listed; None means the present."""
    tops = [request.until, after.at if after else None]
    return min((each for each in tops if each is not None), default=None)


def _bottom(request: ListRequest, read: LogRead) -> datetime | None:
    """Return how far back the log was read; None if nothing older is asked for."""
    if read.down_to is None or request.since is None:
        return read.down_to
    return None if request.since >= read.down_to else read.down_to


def _is_outdated(
    entry: Entry, beside: Collection[Call], ours: Mapping[str, Call]
) -> bool:
    """Return whether the database knows more of this call than the log."""
    going = [each for each in beside if goes_on(each)]
    if any(each.ringout_id in entry.session_ids for each in going):
        return True
    if not outcome.is_running(entry):
        return False
    known = {each.id for each in beside if each.outcome is not None}
    its = (ours[each].id for each in entry.ids if each in ours)
    return any(each in known for each in its) or any(
        may_be(each, entry) for each in going
    )


def _is_logged(
    call: Call, entries: Collection[Entry], ours: Mapping[str, Call]
) -> bool:
    """Return whether a call that is over is listed already, or may be."""
    if goes_on(call):
        return False
    of_entries = (ours[each] for e in entries for each in e.ids if each in ours)
    if any(each.id == call.id for each in of_entries):
        return True
    free = (each for each in entries if ours.keys().isdisjoint(each.ids))
    return call.state is State.RECORDING and any(may_be(call, each) for each in free)


def _by_id(entries: Collection[Entry], beside: Collection[Call]) -> dict[str, Call]:
    """Return the call of each record that has its id: the recorder may come later."""
    of = {each.ringout_id: each for each in beside if each.ringout_id}
    return {
        record: of[session]
        for entry in entries
        for session in entry.session_ids & of.keys()
        for record in entry.ids
    }
