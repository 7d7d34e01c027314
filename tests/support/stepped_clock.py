"""A clock whose sleepers wake only when a test lets time pass.

Threads and PostgreSQL may do real work meanwhile, which `virtual_time` does not allow: its
loop takes whatever waits for them as a reason to jump ahead.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from fakes import FakeClock
from patience import PATIENCE


class SteppedClock(FakeClock):
    """Time stands still until `advance`, whatever the computer does meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []
        self._fell_asleep = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Sleep until a test has let *seconds* pass."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        mine = (self.now() + timedelta(seconds=seconds), woken)
        self._sleepers.append(mine)
        self._fell_asleep.set()
        try:
            await woken
        finally:
            self._sleepers.remove(mine)

    async def asleep(self, count: int) -> None:
        """Wait until *count* tasks sleep."""
        async with asyncio.timeout(PATIENCE):
            while len(self._sleepers) < count:
                self._fell_asleep.clear()
                await self._fell_asleep.wait()

    async def advance(self, seconds: float, count: int) -> None:
        """Let *seconds* pass; each time somebody wakes, wait until *count* sleep again."""
        end = self.now() + timedelta(seconds=seconds)
        await self.asleep(count)
        while (first := min(until for until, _ in self._sleepers)) <= end:
            self._now = max(first, self._now)
            for until, woken in self._sleepers:
                if until <= self._now and not woken.done():
                    woken.set_result(None)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            await self.asleep(count)
        self._now = end
