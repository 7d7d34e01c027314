"""Runs asyncio in virtual time: whenever everything waits, the clock jumps ahead.

Where something runs in threads, `stepped_clock` is the one to take.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from intents import NOON

T = TypeVar("T")


class _Jumping(selectors.DefaultSelector):
    """Never waits: what the loop would wait for has come."""

    passed = 0.0

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        """Let *timeout* pass."""
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("everything waits for something that never comes")
        if not ready and timeout is not None:
            self.passed += max(timeout, 0)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is virtual. Nothing may run in threads."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the seconds that have passed."""
        return self._jumping.passed


class VirtualClock:
    """A `bot.clock.Clock` that follows the running loop's time, from noon on."""

    def now(self) -> datetime:
        """Return the time of day."""
        return NOON + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Return the seconds that have passed."""
        return asyncio.get_running_loop().time()

    def lost_since(self, moment: datetime) -> timedelta:
        """Return zero: this clock never jumps."""
        del moment
        return timedelta(0)

    def align(self, common: datetime) -> None:
        """Do nothing: it is the only clock."""

    async def sleep(self, seconds: float) -> None:
        """Let *seconds* pass."""
        await asyncio.sleep(seconds)


def in_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    """Run *work* to its end; return its result."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
