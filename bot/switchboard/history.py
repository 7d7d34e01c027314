"""The last calls, for ``/callstatus``: reads the call log, and caches it for seconds."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.calls import matching
from bot.calls.call import Call, Place, State
from bot.calls.history import Recent, recent
from bot.calls.leg import Entry, Record
from bot.calls.phone import PhoneNumber
from bot.clock import Clock
from bot.storage.calls.store import Store

FRESH = timedelta(seconds=15)
"""How long a read of the log is cached: a user has only ten Heavy requests a minute."""

LIST_WINDOWS = (timedelta(days=7), timedelta(days=30), timedelta(days=90))
"""How far back to read: a longer window if the shorter one has too few calls."""


class ListedLog(Protocol):
    """What the list needs from RingCentral."""

    async def newest(
        self, *, since: datetime, until: datetime, limit: int, company: bool
    ) -> tuple[Record, ...]: ...


@dataclass(frozen=True, slots=True)
class _Kept:
    entries: tuple[Entry, ...]
    enough_for: int
    read_at: datetime
    looked_back: timedelta


class History:
    """Reads each account's log for lists, at most once in `FRESH`."""

    def __init__(
        self, log_of: Callable[[str], ListedLog], store: Store, clock: Clock
    ) -> None:
        self._log_of = log_of
        self._store = store
        self._clock = clock
        self._kept: dict[tuple[str, bool], _Kept] = {}
        self._locks: defaultdict[tuple[str, bool], asyncio.Lock] = defaultdict(
            asyncio.Lock
        )

    async def recent(
        self,
        account: str,
        place: Place,
        count: int,
        *,
        company: bool,
        own: Collection[PhoneNumber] = (),
    ) -> Recent:
        """Return the newest *count* calls of *account*, from 90 days at most.

        *own* are the account's phones: they tell who placed a call of another program.
        Open calls of the same workspace come first. Costs up to three reads of the call
        log (Heavy), or none if it is cached, and raises `RingCentralError` or
        `CredentialsRefused`.
        """
        kind = (account, company)
        async with self._locks[kind]:
            kept = self._kept.get(kind)
            now = self._clock.now()
            if kept is None or now - kept.read_at > FRESH or kept.enough_for < count:
                log = self._log_of(account)
                kept = await self._read(log, count, now, company=company)
                self._forget_old(now)
                self._kept[kind] = kept
        open_calls: list[Call] = []
        if not company:
            states = (State.PLACING, State.FOLLOWING)
            found = await self._store.in_state(*states, account=account)
            open_calls = [call for call in found if call.place.is_beside(place)]
        logged = _not_open(kept.entries, open_calls)
        ours = await self._store.adopters(
            record for entry in logged for record in entry.ids
        )
        return Recent(
            rows=recent(logged, max(count - len(open_calls), 0), ours=ours, own=own),
            open_calls=tuple(reversed(open_calls[-count:])),
            read_at=kept.read_at,
            now=now,
            asked=count,
            looked_back=kept.looked_back,
            own=bool(account),
        )

    def _forget_old(self, now: datetime) -> None:
        """Drop the logs whose cache has expired: they are people's private data."""
        for kind, kept in list(self._kept.items()):
            if now - kept.read_at > FRESH:
                del self._kept[kind]
                if not self._locks[kind].locked():
                    del self._locks[kind]

    async def _read(
        self, log: ListedLog, count: int, now: datetime, *, company: bool
    ) -> _Kept:
        entries: tuple[Entry, ...] = ()
        window = LIST_WINDOWS[0]
        for window in LIST_WINDOWS:
            records = await log.newest(
                # A call may have two records, and the list may begin between them.
                since=now - window,
                until=now,
                limit=2 * count + 2,
                company=company,
            )
            entries = matching.group(records)
            if len(entries) >= count:
                break
        return _Kept(entries, count, now, window)


def _not_open(entries: tuple[Entry, ...], open_calls: list[Call]) -> list[Entry]:
    """Leave out the calls that are already listed as in progress."""
    ids = {call.ringout_id for call in open_calls if call.ringout_id}
    return [each for each in entries if each.record.telephony_session_id not in ids]
