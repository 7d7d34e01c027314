"""Heartbeats of a process that shares its database, and the time that all share."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.clock import Clock
from bot.errors import StoreUnavailable
from bot.storage.calls.takeover import Takeover
from bot.storage.shared.processes import Heartbeat, Processes

log = logging.getLogger(__name__)

CLOCK_WARNING = 60.0
"""Seconds between this machine's clock and the database's from which a warning is logged."""


class Heartbeats:
    """Sends heartbeats to PostgreSQL; without *processes* it only watches the clock."""

    def __init__(
        self,
        processes: Processes | None,
        clock: Clock,
        takeover: Takeover,
        *,
        on_heartbeat: Callable[[Heartbeat], None],
    ) -> None:
        self._processes = processes
        self._takeover = takeover
        self._clock = clock
        self._on_heartbeat = on_heartbeat
        self._last = 0.0

    async def set_clock(self) -> None:
        """Adopt the database's time, if processes share one.

        It has to come first: offsets of vendors' clocks that were measured against this
        machine's clock would be wrong by the correction.
        """
        if self._processes is None:
            return
        common = await self._processes.now()
        off = (common - self._clock.now()).total_seconds()
        if abs(off) > CLOCK_WARNING:
            log.warning(
                "this machine's clock is off: the database's is %+.0f s from it", off
            )
        self._clock.align(common)

    async def start(self) -> None:
        """Send the first heartbeat."""
        if self._processes is not None:
            await self._beat(self._processes)

    def is_fresh(self) -> bool:
        """Whether no other process can have taken this one for dead."""
        if self._processes is None:
            return True
        return self._clock.monotonic() - self._last < self._takeover.stale

    async def run(self) -> None:
        """Send heartbeats forever."""
        while True:
            await self._clock.sleep(self._takeover.beat)
            self._clock.lost_since(self._clock.now())  # it logs a jump, once
            if self._processes is None:
                continue
            try:
                await self._beat(self._processes)
            except StoreUnavailable:
                log.warning("no heartbeat: the database can't be reached")

    async def _beat(self, processes: Processes) -> None:
        begun = self._clock.monotonic()
        beat = await processes.beat()
        self._last = begun
        self._clock.align(beat.at)
        if beat.declared_dead:
            log.warning("others have taken this process for dead; its calls are theirs")
        self._on_heartbeat(beat)
