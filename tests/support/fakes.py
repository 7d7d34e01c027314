"""Small stand-ins for what unit tests hand in; the outside world is `bot.sandbox`."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from intents import NOON


class FakeClock:
    """Time passes only when somebody sleeps, or a test says so."""

    def __init__(self, start: datetime = NOON) -> None:
        self._start = self._now = start
        self.lost = timedelta(0)

    def now(self) -> datetime:
        """Return the time as it was last set."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds that have passed."""
        return (self._now - self._start).total_seconds()

    def lost_since(self, moment: datetime) -> timedelta:
        """Return what a test says that the machine's clock has jumped since."""
        return self.lost if moment <= self._now else timedelta(0)

    def align(self, common: datetime) -> None:
        """Take the common clock's time."""
        self._now = common

    async def sleep(self, seconds: float) -> None:
        """Let *seconds* pass at once."""
        self.pass_by(seconds)
        await asyncio.sleep(0)

    def pass_by(self, seconds: float) -> None:
        """Let *seconds* pass."""
        self._now += timedelta(seconds=seconds)
