"""Wakes the follower when a call becomes due, and at once when something has changed."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from bot.calls.call import Call, State
from bot.calls.log_schedule import read_at
from bot.clock import Clock
from bot.follow.resting import LOOK_SPACING, Look, next_look


class WakeTimer:
    """Lets one loop rest between two looks at the database."""

    def __init__(self, clock: Clock, spacing: timedelta) -> None:
        self._clock = clock
        self._spacing = spacing
        self._by: datetime | None = None
        self._has_rung = False
        self._stirred = asyncio.Event()

    def ring(self) -> None:
        """End the rest at once, or skip the next one."""
        self._has_rung = True
        self._stirred.set()

    def by(self, moment: datetime) -> None:
        """End the rest at *moment* at the latest."""
        if self._by is None or moment < self._by:
            self._by = moment
            self._stirred.set()

    def reset(self) -> None:
        """Forget what was asked for: a look begins, which sees it for itself."""
        self._by = None
        self._has_rung = False

    async def rest(self, look: Look) -> None:
        """Rest after *look* until the next one; see `next_look`."""
        while not self._has_rung:
            until = next_look(look, self._by, self._spacing)
            left = (until - self._clock.now()).total_seconds()
            if left <= 0:
                return
            self._stirred.clear()
            await self._sleep(left)

    async def _sleep(self, seconds: float) -> None:
        """Sleep, at most until it rings or is set to another time."""
        sleep = asyncio.ensure_future(self._clock.sleep(seconds))
        stirred = asyncio.ensure_future(self._stirred.wait())
        try:
            await asyncio.wait({sleep, stirred}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            stirred.cancel()


class CallsDue:
    """The timers of the follower's two loops: the claims, and the reads of the log."""

    def __init__(self, clock: Clock, spacing: timedelta = LOOK_SPACING) -> None:
        self._clock = clock
        self.claims = WakeTimer(clock, spacing)
        self.log = WakeTimer(clock, spacing)

    def set(self) -> None:
        """Wake both: a call may be due, and nobody here knows which."""
        self.claims.ring()
        self.log.ring()

    def changed(self, call: Call) -> None:
        """Wake the loops that have something to do for *call*, when that is due."""
        if call.state is State.DONE:
            return
        if call.state is not State.RECORDING:
            self._wake(self.claims, call.next_at)
        at = read_at(call)
        if at is not None:
            self._wake(self.log, at)

    def _wake(self, timer: WakeTimer, at: datetime) -> None:
        if at <= self._clock.now():
            timer.ring()
        else:
            timer.by(at)
