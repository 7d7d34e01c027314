"""One RingCentral budget for several processes: a row that they change in turn.

Two short transactions a request, on a database that a poll needs three times anyway.
"""

from __future__ import annotations

import hashlib
import logging

from bot.clock import Clock
from bot.errors import NotSent, StoreUnavailable
from bot.ringcentral.budget import Budget, Purpose, admit, settle
from bot.ringcentral.wire import Rate
from bot.storage.credentials import Credentials

log = logging.getLogger(__name__)


def name_of(server_url: str, client_id: str, jwt: str) -> str:
    """Return what a credential is called in the database: the same in each process."""
    return hashlib.sha256(f"{server_url} {client_id} {jwt}".encode()).hexdigest()[:40]


class Shared:
    """A `bot.ringcentral.budget.Gate` whose budget is in the database."""

    def __init__(self, credentials: Credentials, clock: Clock) -> None:
        self._credentials = credentials
        self._clock = clock
        self.known = Budget()

    async def enter(self, purpose: Purpose) -> float:
        """Count a request, for all processes, or return the seconds to wait."""

        def decide(text: str) -> tuple[str, tuple[float, Budget]]:
            budget = Budget.load(text)
            wait = admit(budget, purpose, self._now())
            return (text if wait > 0 else budget.dump()), (wait, budget)

        try:
            wait, self.known = await self._credentials.exchange(decide)
        except StoreUnavailable:
            raise NotSent("the budget can't be asked: no database") from None
        return wait

    async def leave(
        self, purpose: Purpose, rate: Rate | None, penalty: tuple[float, str] | None
    ) -> None:
        """Count an answer; without a database the request stays counted for a while."""

        def decide(text: str) -> tuple[str, Budget]:
            budget = Budget.load(text)
            settle(budget, purpose, self._now(), rate, penalty)
            return budget.dump(), budget

        try:
            self.known = await self._credentials.exchange(decide)
        except StoreUnavailable:
            log.warning("RingCentral's answer could not be counted: no database")
            settle(self.known, purpose, self._now(), rate, penalty)

    def _now(self) -> float:
        return self._clock.now().timestamp()
