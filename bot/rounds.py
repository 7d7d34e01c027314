"""Background work on rows that wait for their time in a table, a round at a time, forever.

Whose turn a row is, its lease says; what is done with a row, its user's look.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.clock import Clock
from bot.errors import StoreUnavailable

log = logging.getLogger(__name__)

SHORTEST_PAUSE = 0.05
"""Seconds; another process may have leased what is due."""

AFTER_A_FAILURE = 1.0
"""Seconds until the next round, after the database or the look itself has failed."""


def pause_until(first: datetime | None, now: datetime, longest: float) -> float:
    """Return the seconds until the next look, if the first row is due at *first*."""
    if first is None:
        return longest
    return min(max((first - now).total_seconds(), SHORTEST_PAUSE), longest)


async def work_if_due(
    first_due: Callable[[], Awaitable[datetime | None]],
    work: Callable[[datetime], Awaitable[None]],
    clock: Clock,
    longest: float,
) -> float:
    """Run *work* if the first row is due; return the seconds until the next look.

    While nothing is due, it costs one read: a lease would be a write.
    """
    first, now = await first_due(), clock.now()
    if first is not None and first <= now:
        await work(now)
        first = await first_due()
    return pause_until(first, clock.now(), longest)


class Rounds:
    """Looks at a table again and again; *doing*: what for, as the log names it."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at once: this process has stored a change."""
        self._woken.set()

    async def run(self, look: Callable[[], Awaitable[float]]) -> None:
        """Look, forever. *look* returns the seconds until the next time.

        One that fails is logged, and the next one may succeed.
        """
        while True:
            pause = AFTER_A_FAILURE
            try:
                pause = await look()
            except StoreUnavailable:
                log.info("%s waits for the database", self._doing)
            except Exception:
                log.exception("%s failed", self._doing)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._woken.wait()
            self._woken.clear()
