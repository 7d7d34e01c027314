"""What is new in a user's call log since the last look: the missed calls of it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from bot.calls.log.leg import Record
from bot.errors import Refused, Unreachable
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.sender import EXTENSION, Sender
from bot.ringcentral.transport import shapes, wire

MOST_SYNCED = 250
"""The most records that RingCentral returns at once (API reference, "Sync User Call Log")."""

SYNCED_BACK = timedelta(days=29)
"""How far back a full sync may go; RingCentral's limit is 30 days."""

STALE_TOKEN = re.compile(r"CLG-10[1-5]")
"""RingCentral's codes for a token with which it can't go on."""

MISSED_IN_DETAIL = {"statusGroup": "Missed", "view": "Detailed"}
"""Asked for by each sync: RingCentral's documents disagree on what a token keeps. Without
its legs, a call that somebody took at another phone looks missed."""


@dataclass(frozen=True, slots=True)
class LogChanges:
    """Records that are new or have changed, and the token for the next look.

    *has_older*: there may be more of them, which only a look for older ones returns.
    """

    records: tuple[Record, ...]
    token: str = field(repr=False)
    has_older: bool = False


class CallLogSyncApi:
    """Reads the missed calls of a user's log; each method costs one Heavy request."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def missed_since(self, since: datetime) -> LogChanges:
        """Return the newest missed calls since a moment by our clock."""
        ahead = timedelta(seconds=self._sender.ahead)
        first = max(since, self._sender.now() - SYNCED_BACK) + ahead
        query = {
            **MISSED_IN_DETAIL,
            "syncType": "FSync",
            "recordCount": MOST_SYNCED,
            "dateFrom": wire.written(first),
        }
        return await self._changes(query)

    async def missed_after(
        self, token: str, *, older: bool = False
    ) -> LogChanges | None:
        """Return what has changed since the look that returned *token*.

        With *older* also the newest of what is older than all that was returned before.
        None if RingCentral does not know the token any more.
        """
        query = {**MISSED_IN_DETAIL, "syncType": "ISync", "syncToken": token}
        if older:
            query["recordCount"] = str(MOST_SYNCED)
        try:
            return await self._changes(query)
        except Refused as error:
            is_about_token = error.status == HTTPStatus.BAD_REQUEST
            if is_about_token and STALE_TOKEN.fullmatch(error.code):
                return None
            raise

    async def _changes(self, query: dict[str, Any]) -> LogChanges:
        path = f"{EXTENSION}/call-log-sync"
        body = (await self._sender.read(path, Purpose.MISSED, query)).body
        token = shapes.inner(body, "syncInfo", "syncToken")
        if not shapes.has_list(body) or not token:
            raise Unreachable("a sync without records or token")
        records = await asyncio.to_thread(lambda: tuple(wire.records(body)))
        is_full = len(shapes.listed(body, "records")) >= MOST_SYNCED
        says_so = shapes.get(shapes.get(body, "syncInfo"), "olderRecordsExist") is True
        asked_for = "recordCount" in query
        return LogChanges(records, token, is_full or (says_so and asked_for))
