"""Time, handed in: the real clock, and what the shell needs of any clock."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the time is, and waiting."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class RealClock:
    """The machine's own clock, in UTC."""

    def now(self) -> datetime:
        """Return the time of day; it may jump."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never jump, from no particular start."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
