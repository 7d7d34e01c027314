"""Admits requests of one user, as far as the budget goes.

`InMemoryGate` holds the budget in this process; those in `bot.cluster.budget` hold it over
restarts and for several processes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from bot.ringcentral.budget import Budget
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.transport.wire import Rate


class Gate(Protocol):
    """Admits the requests of one user, as far as the budget goes."""

    async def enter(self, purpose: Purpose) -> float:
        """Count a request and return 0, or return the seconds until it may be sent.

        Raises `NotSent` if the budget can't be read.
        """
        ...

    async def leave(
        self, purpose: Purpose, rate: Rate | None, penalty: tuple[float, str] | None
    ) -> None:
        """Count the answer to a request that was admitted. Never raises.

        *penalty* holds the seconds and the group of a 429.
        """
        ...

    @property
    def known(self) -> Budget:
        """The budget as this process last saw it."""
        ...

    def left(self) -> dict[str, tuple[int, int]]:
        """Return each known group's requests and limit, as of now."""
        ...

    def log_spacing(self, horizon: float) -> float:
        """Return `Budget.spacing` of reads of the call log, as of now."""
        ...


GateOf = Callable[[str], Gate]
"""Returns the gate of a user by extension id; ``""`` until that is known."""


class InMemoryGate:
    """A gate whose budget this process keeps in memory; *now* never jumps."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self.known = Budget()

    async def enter(self, purpose: Purpose) -> float:
        """See `Gate`."""
        return admit(self.known, purpose, self._now())

    async def leave(
        self, purpose: Purpose, rate: Rate | None, penalty: tuple[float, str] | None
    ) -> None:
        """See `Gate`."""
        self.known.done(purpose, self._now(), rate)
        if penalty is not None:
            self.known.penalty(purpose, self._now(), *penalty)

    def left(self) -> dict[str, tuple[int, int]]:
        """See `Gate`."""
        return self.known.left(self._now())

    def log_spacing(self, horizon: float) -> float:
        """See `Gate`."""
        return self.known.spacing(Purpose.LOG, self._now(), horizon)


def admit(budget: Budget, purpose: Purpose, now: float) -> float:
    """Count a request and return 0, or return the seconds until it may be sent."""
    wait = budget.ready_in(purpose, now)
    if wait <= 0:
        budget.take(purpose, now)
    return wait
