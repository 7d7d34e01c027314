"""Calls that this program can't read, set aside for one that can.

While processes are replaced one by one, an old one meets a newer one's words. Such a
row must stop nobody else's call, and must not be changed by who does not know what it
says.
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

SET_ASIDE_FOR = 600.0
"""Seconds until such a row is looked at again: somebody may have mended it."""


class Aside:
    """Reads rows one by one; only the database's thread touches it."""

    def __init__(
        self, measures: Measures, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._measures = measures
        self._monotonic = monotonic
        self._until: dict[str, float] = {}
        self._said: set[str] = set()

    def read(
        self, rows: Iterable[Row[Any]], due: Mapping[str, datetime] | None = None
    ) -> list[Call]:
        """Return the calls that *rows* hold; what can't be read is left out.

        *due*: when each was, if they were claimed.
        """
        due = due or {}
        read = (self.one(row, due.get(row.id)) for row in rows)
        return [call for call in read if call is not None]

    def one(self, row: Row[Any], due_at: datetime | None = None) -> Call | None:
        """Return the call that *row* holds, or None once it is set aside."""
        try:
            return from_row(row, due_at)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            why = f"{type(error).__name__}: {error}"
        self._until[row.id] = self._monotonic() + SET_ASIDE_FOR
        if row.id not in self._said:
            self._said.add(row.id)
            self._measures.unreadable()
            log.error("call %s: its row can't be read: %s", row.id, why)
        return None

    def ids(self) -> list[str]:
        """Return the ids of the calls that are not to be claimed just now."""
        now = self._monotonic()
        for call, until in list(self._until.items()):
            if until <= now:
                del self._until[call]
        return list(self._until)
