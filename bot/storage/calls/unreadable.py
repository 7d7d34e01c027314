"""Calls whose rows this program can't read are left to a newer one.

While processes are replaced one by one, an old program meets words that only the new one
knows. Such a row must not hold up any other call, and the old program must not change it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from bot.calls.call import Call
from bot.storage.calls.tables import from_row
from bot.telemetry.measures import Measures

log = logging.getLogger(__name__)

SKIPPED_FOR = 600.0
"""Seconds until such a row is read again: somebody may have repaired it."""


class UnreadableRows:
    """Reads rows, and remembers those that it couldn't; used by the database thread only."""

    def __init__(
        self, measures: Measures, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._measures = measures
        self._monotonic = monotonic
        self._until: dict[str, float] = {}
        self._logged: set[str] = set()

    def calls_in(
        self, rows: Iterable[Row[Any]], due: Mapping[str, datetime] | None = None
    ) -> list[Call]:
        """Return the calls in *rows*, without those that can't be read.

        *due*: when each call was due, by its id, if they were claimed.
        """
        due = due or {}
        read = (self.call_in(row, due.get(row.id)) for row in rows)
        return [call for call in read if call is not None]

    def call_in(self, row: Row[Any], due_at: datetime | None = None) -> Call | None:
        """Return the call in *row*; None if it can't be read, and is skipped from now on."""
        try:
            return from_row(row, due_at)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            why = f"{type(error).__name__}: {error}"
        self._until[row.id] = self._monotonic() + SKIPPED_FOR
        if row.id not in self._logged:
            self._logged.add(row.id)
            self._measures.unreadable()
            log.error("call %s: its row can't be read: %s", row.id, why)
        return None

    def skipped(self) -> list[str]:
        """Return the ids of the calls that are not to be claimed now."""
        now = self._monotonic()
        for call, until in list(self._until.items()):
            if until <= now:
                del self._until[call]
        return list(self._until)
