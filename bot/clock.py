"""Time, handed in: the real clock, and what the shell needs of any clock."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Protocol

log = logging.getLogger(__name__)

JUMP = 5.0
"""Seconds by which the machine's time of day must run away to be called a jump."""

SLEW = 0.05
"""Seconds by which one look at the common clock moves ours: a step would be a jump."""

KEPT = 100


class Clock(Protocol):
    """What the time is, and waiting."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    def lost_since(self, moment: datetime) -> timedelta: ...

    def align(self, common: datetime) -> None: ...

    async def sleep(self, seconds: float) -> None: ...


class RealClock:
    """A time of day that never jumps, whatever becomes of the machine's own.

    It begins at the machine's time, or at the one that `align` is told first (a
    database's, which several processes share), and goes on by the kernel's count of
    seconds, sleep included. So a call is neither forgotten nor given up because
    somebody set a clock.
    """

    def __init__(self) -> None:
        self._started = self._elapsed()
        self._base = datetime.now(UTC)
        self._wall = time.time() - self._started
        self._aligned = False
        self._jumps: deque[tuple[datetime, float]] = deque(maxlen=KEPT)

    def now(self) -> datetime:
        """Return the time, in UTC; it never jumps."""
        return self._base + timedelta(seconds=self._elapsed() - self._started)

    def monotonic(self) -> float:
        """Return seconds that never jump, from no particular start."""
        return time.monotonic()

    def lost_since(self, moment: datetime) -> timedelta:
        """Return how far the machine's time of day has jumped ahead since *moment*.

        Perhaps somebody set it; perhaps the machine stood still, and its count of
        seconds with it. What must not be done late asks this too.
        """
        self._look()
        return timedelta(seconds=sum(by for at, by in self._jumps if at >= moment))

    def align(self, common: datetime) -> None:
        """Follow *common*, the time by a clock that others follow too.

        At once the first time; later by little steps, as two clocks drift apart.
        """
        off = (common - self.now()).total_seconds()
        step = max(-SLEW, min(off, SLEW)) if self._aligned else off
        self._aligned = True
        self._base += timedelta(seconds=step)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def _look(self) -> None:
        """Compare the machine's time of day with the seconds that went by."""
        wall = time.time() - self._elapsed()
        by, self._wall = wall - self._wall, wall
        if abs(by) < JUMP:
            return
        log.warning("this machine's clock has jumped by %+.0f s", by)
        if by > 0:
            self._jumps.append((self.now(), by))

    @staticmethod
    def _elapsed() -> float:
        """Return the kernel's count of seconds, with those that the machine slept."""
        boot = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if boot is None else time.clock_gettime(boot)
