"""The call log, of one user or of the whole company."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.calls.leg import Record
from bot.ringcentral.budget import Purpose
from bot.ringcentral.sender import ACCOUNT, EXTENSION, Sender
from bot.ringcentral.transport import wire

RECORDS_PER_PAGE = 250
"""The largest page of Detailed records that RingCentral documents."""

CLOCK_MARGIN = timedelta(minutes=5)
"""How far past RingCentral's present time a read goes, so that no new record is missed."""


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
        return await self._records(EXTENSION, since, until, Purpose.LOG, limit=None)

    async def newest(
        self, *, since: datetime, until: datetime, limit: int, company: bool
    ) -> tuple[Record, ...]:
        """Return at least the newest *limit* voice calls between two moments.

        The moments are by our clock and are converted to RingCentral's. Costs one Heavy
        request as a rule. *company* reads the calls of all users; it raises `Refused`
        where the user has no permission for that.
        """
        ahead = timedelta(seconds=self._sender.ahead)
        owner = ACCOUNT if company else EXTENSION
        since, until = since + ahead, until + ahead
        return await self._records(owner, since, until, Purpose.HISTORY, limit=limit)

    async def _records(
        self,
        owner: str,
        since: datetime,
        until: datetime,
        purpose: Purpose,
        *,
        limit: int | None,
    ) -> tuple[Record, ...]:
        """Read page after page. ``dateTo`` is fixed, or new calls would shift the pages.

        ``dateFrom`` is always sent: without it RingCentral looks back 24 hours only (API
        reference, "List user call records").
        """
        query: dict[str, Any] = {
            "view": "Detailed",
            "type": "Voice",
            "dateFrom": wire.written(since),
            "dateTo": wire.written(until),
            "perPage": RECORDS_PER_PAGE,
        }
        found: dict[str, Record] = {}
        async for body in self._sender.pages(f"{owner}/call-log", query, purpose):
            found |= {each.id: each for each in wire.records(body)}
            if limit and len(found) >= limit:
                break
        return tuple(sorted(found.values(), key=lambda r: r.started_at, reverse=True))
