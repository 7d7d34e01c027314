"""Reads of call logs for lists, cached for seconds."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.calls.log.leg import Entry, Record
from bot.calls.matching import matching
from bot.clock import Clock
from bot.ringcentral.call_log import LogPage

CACHED_FOR = timedelta(seconds=15)
"""How long a read of the log is cached: a user has only ten Heavy requests a minute."""

LONGEST_SEAM = timedelta(seconds=30)
"""A call may have two records that start so far apart, and a read may end between them.
RingCentral's clock, too, may be so far from ours."""

SEAMS = (LONGEST_SEAM, timedelta(seconds=2), timedelta(0))
"""How far above its top a page is read: less where the log has so many calls in that
time that too few of them are below the top. Usually the first is enough."""

LOG_ROUNDING = timedelta(milliseconds=1)
"""What the log's times are rounded to."""


class ListedLog(Protocol):
    """What the list needs from RingCentral."""

    async def newest(
        self, *, since: datetime, until: datetime, company: bool, number: str = ""
    ) -> LogPage: ...


@dataclass(frozen=True, slots=True)
class LogScope:
    """What one read of the log asks for; *until* None: up to now."""

    account: str
    company: bool
    number: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogRead:
    """What was read.

    Attributes:
        down_to: The log goes on below this moment; None if all of it was read.
    """

    entries: tuple[Entry, ...]
    read_at: datetime
    down_to: datetime | None


class LogReads:
    """Reads each account's log, one read at a time, and remembers what it read."""

    def __init__(self, log_of: Callable[[str], ListedLog], clock: Clock) -> None:
        self._log_of = log_of
        self._clock = clock
        self._kept: dict[LogScope, LogRead] = {}
        self._locks: defaultdict[tuple[str, bool], asyncio.Lock] = defaultdict(
            asyncio.Lock
        )

    def turn(self, scope: LogScope) -> asyncio.Lock:
        """Return what is held while the log of *scope* is looked at."""
        return self._locks[scope.account, scope.company]

    def kept(self, scope: LogScope) -> LogRead | None:
        """Return what was read within `CACHED_FOR`; drop all that is older."""
        self._forget_old(self._clock.now())
        return self._kept.get(scope)

    async def read(self, scope: LogScope, since: datetime) -> LogRead:
        """Read the log from *since*, unless that is kept.

        Costs one Heavy request, and up to three where 250 calls start within a minute.
        """
        found = self.kept(scope)
        if found is None:
            found = self._kept[scope] = await self._read(scope, since)
        return found

    async def _read(self, scope: LogScope, since: datetime) -> LogRead:
        now = self._clock.now()
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
        return LogRead(matching.group(found.records), now, down_to)

    def _forget_old(self, now: datetime) -> None:
        """Drop the logs whose cache has expired: they are people's private data."""
        for scope, kept in list(self._kept.items()):
            if now - kept.read_at > CACHED_FOR:
                del self._kept[scope]
                lock = scope.account, scope.company
                if lock in self._locks and not self._locks[lock].locked():
                    del self._locks[lock]


def _is_of_use(records: Sequence[Record], top: datetime | None) -> bool:
    """Return whether at least half of what was read is below *top*."""
    below = [each for each in records if top is None or each.started_at < top]
    return len(below) * 2 >= len(records)


def _down_to(records: Sequence[Record], top: datetime | None) -> datetime:
    """Return down to where calls are whole; always below *top*, so that pages go on."""
    oldest, newest = records[-1].started_at, records[0].started_at
    span = min(newest, top or newest) - oldest
    down_to = oldest + min(LONGEST_SEAM, max(span, timedelta(0)) / 4)
    return down_to if top is None else min(down_to, top - LOG_ROUNDING)
