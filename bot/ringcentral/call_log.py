"""The call log, of one user or of the whole company."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.calls.log.leg import Record
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.sender import ACCOUNT, EXTENSION, Sender
from bot.ringcentral.transport import wire

RECORDS_PER_PAGE = 250
"""The largest page of Detailed records that RingCentral documents."""

CLOCK_MARGIN = timedelta(minutes=5)
"""How far past RingCentral's present time a read goes, so that no new record is missed."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Records, newest first; unless *is_last*, the log goes on below them."""

    records: tuple[Record, ...]
    is_last: bool


class CallLogApi:
    """Reads Detailed voice records, newest first."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def read(self, *, since: datetime) -> tuple[Record, ...]:
        """Return all of the user's voice calls since a moment by RingCentral's clock.

        Costs one Heavy request for every 250 records.
        """
        sender = self._sender
        their_now = sender.now() + timedelta(seconds=sender.ahead)
        until = their_now + CLOCK_MARGIN
        return await self._records(EXTENSION, since, until, Purpose.LOG)

    async def newest(
        self, *, since: datetime, until: datetime, company: bool, number: str = ""
    ) -> LogPage:
        """Return the newest voice calls between two moments; one Heavy request.

        The moments are by our clock and are converted to RingCentral's. *company* reads
        the calls of all users; it raises `Refused` where the user has no permission for
        that. *number*, in E.164, asks only for calls from or to it.
        """
        ahead = timedelta(seconds=self._sender.ahead)
        owner = ACCOUNT if company else EXTENSION
        query = _query(since + ahead, until + ahead)
        if number:
            query["phoneNumber"] = number.removeprefix("+")
        pages = self._sender.pages(f"{owner}/call-log", query, Purpose.HISTORY)
        async for body in pages:
            found = _unique(await _records_on(body))
            return LogPage(found, is_last=not wire.next_page(body))
        return LogPage((), is_last=True)

    async def _records(
        self, owner: str, since: datetime, until: datetime, purpose: Purpose
    ) -> tuple[Record, ...]:
        """Read page after page. ``dateTo`` is fixed, or new calls would shift the pages."""
        query = _query(since, until)
        pages = self._sender.pages(f"{owner}/call-log", query, purpose)
        return _unique([e async for body in pages for e in await _records_on(body)])


async def _records_on(body: Any) -> tuple[Record, ...]:
    """Return the records of a page.

    In a thread: 190,000 legs, which an answer may hold, take three seconds.
    """
    return await asyncio.to_thread(lambda: tuple(wire.records(body)))


def _query(since: datetime, until: datetime) -> dict[str, Any]:
    """Return the query of a page.

    ``dateFrom`` is always sent: without it RingCentral looks back 24 hours only (API
    reference, "List user call records").
    """
    return {
        "view": "Detailed",
        "type": "Voice",
        "dateFrom": wire.written(since),
        "dateTo": wire.written(until),
        "perPage": RECORDS_PER_PAGE,
    }


def _unique(records: Iterable[Record]) -> tuple[Record, ...]:
    """Return *records* newest first; of one that occurs twice the later version."""
    found = {each.id: each for each in records}
    return tuple(sorted(found.values(), key=lambda r: r.started_at, reverse=True))
