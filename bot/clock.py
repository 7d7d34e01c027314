"""The clock that the rest of the program is given: the real one, or a test's."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Protocol

log = logging.getLogger(__name__)

JUMP_SECONDS = 5.0
"""A change of the machine's time of day by less than this is taken for ordinary drift."""

SLEW_SECONDS = 0.05
"""`align` moves the clock by at most this much at a time, so that time never jumps."""

JUMPS_KEPT = 100


class Clock(Protocol):
    """Tells the time, and waits. `RealClock` says what each method promises."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    def lost_since(self, moment: datetime) -> timedelta: ...

    def align(self, common: datetime) -> None: ...

    async def sleep(self, seconds: float) -> None: ...


class RealClock:
    """A time of day that never jumps, even if somebody sets the machine's clock.

    It starts at the machine's time, or at the time that the first `align` gives (the
    database's, which several processes share). From there it follows the kernel's count
    of seconds since boot, which includes the time that the machine was suspended. So no
    call is forgotten or given up because a clock was set.
    """

    def __init__(self) -> None:
        self._started = self._elapsed()
        self._base = datetime.now(UTC)
        self._wall = time.time() - self._started
        self._aligned = False
        self._jumps: deque[tuple[datetime, float]] = deque(maxlen=JUMPS_KEPT)

    def now(self) -> datetime:
        """Return the time of day, in UTC."""
        return self._base + timedelta(seconds=self._elapsed() - self._started)

    def monotonic(self) -> float:
        """Return seconds for measuring intervals, as `time.monotonic` does."""
        return time.monotonic()

    def lost_since(self, moment: datetime) -> timedelta:
        """Return how far the machine's time of day has jumped ahead since *moment*.

        Either somebody set the clock, or the machine was paused and its count of seconds
        stood still. Code that must not act too late adds this to the time that it sees.
        """
        self._look()
        return timedelta(seconds=sum(by for at, by in self._jumps if at >= moment))

    def align(self, common: datetime) -> None:
        """Follow *common*, the time by a clock that other processes follow too.

        The first call sets the clock; later ones move it by little steps.
        """
        off = (common - self.now()).total_seconds()
        step = max(-SLEW_SECONDS, min(off, SLEW_SECONDS)) if self._aligned else off
        self._aligned = True
        self._base += timedelta(seconds=step)

    async def sleep(self, seconds: float) -> None:
        """Sleep; time for which the machine is suspended does not count."""
        await asyncio.sleep(seconds)

    def _look(self) -> None:
        """Notice a jump: the time of day and the count of seconds disagree."""
        wall = time.time() - self._elapsed()
        by, self._wall = wall - self._wall, wall
        if abs(by) < JUMP_SECONDS:
            return
        log.warning("this machine's clock has jumped by %+.0f s", by)
        if by > 0:
            self._jumps.append((self.now(), by))

    @staticmethod
    def _elapsed() -> float:
        """Return the kernel's count of seconds; on Linux it includes suspended time."""
        boot = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if boot is None else time.clock_gettime(boot)
