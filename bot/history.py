"""The last calls, for ``/callstatus``: the call log read seldom, kept shortly."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.calls import matching
from bot.calls.call import Call, State
from bot.calls.history import Row, recent
from bot.calls.leg import Entry, Record
from bot.clock import Clock
from bot.storage.store import Store

FRESH = timedelta(seconds=15)
"""Each read costs Heavy requests, of which a user has about ten a minute."""

LOOK_BACK = (timedelta(days=7), timedelta(days=30), timedelta(days=90))
"""How far back is looked, one window after the other, until enough is found."""


class CallLog(Protocol):
    """What the list needs of RingCentral."""

    async def recent_calls(
        self, *, since: datetime, until: datetime, limit: int, company: bool
    ) -> tuple[Record, ...]: ...


@dataclass(frozen=True, slots=True)
class Recent:
    """The newest calls. ``read_at`` says how fresh they are; ``asked`` how many."""

    rows: tuple[Row, ...]
    open_calls: tuple[Call, ...]
    read_at: datetime
    now: datetime
    asked: int
    looked_back: timedelta


@dataclass(frozen=True, slots=True)
class _Kept:
    entries: tuple[Entry, ...]
    enough_for: int
    read_at: datetime
    looked_back: timedelta


class History:
    """Reads the log for lists, at most once in `FRESH` for each kind of log."""

    def __init__(self, log: CallLog, store: Store, clock: Clock) -> None:
        self._log = log
        self._store = store
        self._clock = clock
        self._kept: dict[bool, _Kept] = {}
        self._locks = {True: asyncio.Lock(), False: asyncio.Lock()}

    async def recent(self, count: int, *, company: bool) -> Recent:
        """Return the newest *count* calls, looking back 90 days at most.

        Costs up to three reads of the call log (Heavy), or none if one was made just
        now. Raises what they raise.
        """
        async with self._locks[company]:
            kept = self._kept.get(company)
            now = self._clock.now()
            if kept is None or now - kept.read_at > FRESH or kept.enough_for < count:
                kept = await self._read(count, now, company=company)
                self._kept[company] = kept
        open_calls: list[Call] = []
        if not company:
            open_calls = await self._store.in_state(State.PLACING, State.FOLLOWING)
        logged = _not_open(kept.entries, open_calls)
        return Recent(
            rows=recent(logged, max(count - len(open_calls), 0)),
            open_calls=tuple(reversed(open_calls[-count:])),
            read_at=kept.read_at,
            now=now,
            asked=count,
            looked_back=kept.looked_back,
        )

    async def _read(self, count: int, now: datetime, *, company: bool) -> _Kept:
        entries: tuple[Entry, ...] = ()
        window = LOOK_BACK[0]
        for window in LOOK_BACK:
            records = await self._log.recent_calls(
                # Two records may be one call, and the list may begin in mid-pair.
                since=now - window, until=now, limit=2 * count + 2, company=company,
            )  # fmt: skip
            entries = matching.group(records)
            if len(entries) >= count:
                break
        return _Kept(entries, count, now, window)


def _not_open(entries: tuple[Entry, ...], open_calls: list[Call]) -> list[Entry]:
    """Leave out what is shown as in progress already."""
    ids = {call.ringout_id for call in open_calls if call.ringout_id}
    return [each for each in entries if each.record.telephony_session_id not in ids]
