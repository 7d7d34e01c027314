"""Whether the bot can do its work now, for ``/readyz``; sends nothing to a vendor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.errors import StoreUnavailable
from bot.storage.calls.store import Store
from bot.storage.shared.health import probe
from bot.telemetry.measures import Measures, Reach

WRITE_EVERY = 5.0
"""Seconds between two test writes to the database, however often ``/readyz`` is asked."""

WRITE_WITHIN = 2.0
"""Seconds for such a write; a probe has a time-out of its own."""

FAILURE_COUNTS_FOR = 60.0
"""Seconds after which the last failure of a vendor no longer counts. Otherwise an idle
bot would stay unready: it gets no commands, so it never reaches the vendor again."""


class Readiness:
    """Checks the bot, Slack, the database and RingCentral.

    *link* returns whether the Socket Mode connection is alive and the seconds since its
    last sign of life, or None over HTTP. *working* returns whether the bot takes commands
    and its tasks run. *budget* returns the use and the limit of each rate group.
    """

    def __init__(
        self,
        store: Store,
        measures: Measures,
        *,
        link: Callable[[], Awaitable[tuple[bool, float | None] | None]],
        working: Callable[[], bool],
        budget: Callable[[], Mapping[str, tuple[int, int]]],
        write_every: float = WRITE_EVERY,
        write_within: float = WRITE_WITHIN,
    ) -> None:
        self._write_every = write_every
        self._write_within = write_within
        self._store = store
        self._measures = measures
        self._link = link
        self._working = working
        self._budget = budget
        self._begun = time.monotonic()
        self._looked = self._written = float("-inf")
        self._writable = False
        self._looking = asyncio.Lock()

    async def report(self) -> dict[str, Any]:
        """Return ``ok`` and each check; ages are in seconds."""
        checks = {
            "bot": _check(self._working(), time.monotonic() - self._begun),
            "slack": await self._slack(),
            "database": await self._database(),
            "ringcentral": _reached(self._measures.ringcentral),
        }
        return {"ok": all(each["ok"] for each in checks.values()), "checks": checks}

    async def figures(self) -> bytes:
        """Return the metrics, including those that are read on demand."""
        await self._look()
        self._measures.budget(self._budget())
        return self._measures.text()

    async def _slack(self) -> dict[str, Any]:
        api = _reached(self._measures.slack)
        link = await self._link()
        if link is None:
            return api
        fresh, age = link
        return _check(fresh and api["ok"], age)

    async def _database(self) -> dict[str, Any]:
        await self._look()
        age = time.monotonic() - self._written
        return _check(self._writable, None if age == float("inf") else age)

    async def _look(self) -> None:
        """Write to the database and count the calls, unless that was just done."""
        async with self._looking:
            if time.monotonic() - self._looked < self._write_every:
                return
            try:
                async with asyncio.timeout(self._write_within):
                    self._measures.counted(
                        await probe(self._store.writer, self._store.me)
                    )
            except (StoreUnavailable, TimeoutError):
                self._writable = False
            else:
                self._writable = True
                self._written = time.monotonic()
            self._looked = time.monotonic()


def _reached(party: Reach) -> dict[str, Any]:
    failed = party.failed_ago
    check = _check(failed is None or failed > FAILURE_COUNTS_FOR, party.answered_ago)
    if failed is not None:
        check["failed_age"] = round(failed, 1)
    return check


def _check(ok: bool, age: float | None) -> dict[str, Any]:  # noqa: FBT001 - the result of the check
    return {"ok": ok, "age": None if age is None else round(age, 1)}
