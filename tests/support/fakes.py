"""Small stand-ins for unit tests; Slack and RingCentral are in `bot.sandbox`."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from bot.ringcentral.transport.bounds import AnswerBounds
from intents import NOON

AGAIN_SOON = AnswerBounds(again_after=0.02)
"""A read is hardly put off: RingCentral's double has got over its fault by then."""


class FakeClock:
    """A clock that moves only when code sleeps or a test moves it."""

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
        """Return the clock jump since *moment* that the test has set."""
        return self.lost if moment <= self._now else timedelta(0)

    def align(self, common: datetime) -> None:
        """Take the common clock's time."""
        self._now = common

    async def sleep(self, seconds: float) -> None:
        """Advance the clock by *seconds* without waiting."""
        self.pass_by(seconds)
        await asyncio.sleep(0)

    def pass_by(self, seconds: float) -> None:
        """Advance the clock by *seconds*."""
        self._now += timedelta(seconds=seconds)
