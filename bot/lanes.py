"""Lets a few requests run at a time, and more once some of them turn out to be slow."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Hashable
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """How many requests run at a time.

    Attributes:
        at_once: The most that have begun within the last *slow_after* seconds.
        slow: The most that have run for longer.
        slow_of_one: The most of one person or account that have run for longer.
    """

    at_once: int
    slow: int
    slow_of_one: int
    slow_after: float = 1.0

    @property
    def most(self) -> int:
        """The most requests that ever run."""
        return self.at_once + self.slow


class Congested(Exception):
    """Too many requests of this person or account have had no answer for long."""


class Lane:
    """A lane that is held."""

    work: Future[Any] | None = None
    """What runs in a thread; the lane is held until its end, even if nobody waits for it."""


class Lanes:
    """Admits requests in turn. One that takes long goes on beside them, in nobody's way."""

    def __init__(self, limits: LaneLimits) -> None:
        self._limits = limits
        self._free = asyncio.Semaphore(limits.at_once)
        self._slow: Counter[Hashable] = Counter()

    @asynccontextmanager
    async def lane(self, whose: Hashable) -> AsyncIterator[Lane]:
        """Wait for a lane, and hold it for one request of the person or account *whose*.

        Raises `Congested` if `slow_of_one` requests of theirs have no answer yet.
        """
        self._check(whose)
        async with self._free_lane(whose) as lane:
            self._check(whose)
            yield lane

    @asynccontextmanager
    async def _free_lane(self, whose: Hashable) -> AsyncIterator[Lane]:
        await self._free.acquire()
        is_slow = False
        timer: asyncio.TimerHandle
        loop, wait = asyncio.get_running_loop(), self._limits.slow_after

        def move_over() -> None:
            nonlocal is_slow, timer
            if self._slow.total() >= self._limits.slow:
                timer = loop.call_later(wait, move_over)
                return
            is_slow = True
            self._slow[whose] += 1
            self._free.release()

        def leave() -> None:
            timer.cancel()
            if is_slow:
                self._slow -= Counter({whose: 1})
            else:
                self._free.release()

        timer = loop.call_later(wait, move_over)
        lane = Lane()
        try:
            yield lane
        finally:
            _after(lane.work, leave, loop)

    def _check(self, whose: Hashable) -> None:
        if self._slow[whose] >= self._limits.slow_of_one:
            raise Congested


def _after(
    work: Future[Any] | None, leave: Callable[[], None], loop: asyncio.AbstractEventLoop
) -> None:
    """Call *leave* in *loop* when *work* is done; at once if it is, or if there is none."""
    if work is None or work.done():
        leave()
        return

    def tell(_: Future[Any]) -> None:
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(leave)

    work.add_done_callback(tell)
