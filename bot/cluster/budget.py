"""One RingCentral user's rate budget for all processes: a row that they change in turn.

It costs two short transactions a request, where a poll needs three anyway.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.clock import Clock
from bot.errors import NotSent, StoreUnavailable
from bot.ringcentral.budget import UNANSWERED_AFTER, Budget
from bot.ringcentral.gate import Gate, InMemoryGate, admit
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.transport.transport import AUTH_GROUP
from bot.ringcentral.transport.wire import Rate
from bot.storage.shared.user_state import UserState

log = logging.getLogger(__name__)

CLOCKS_DIFFER_BY = 0.25
"""Seconds by which the clocks of two processes may differ, although both follow the
database's: windows and penalties, usually 60 s, are taken to last this much longer."""


def name_of(server_url: str, client_id: str, what: str) -> str:
    """Return the name in the database of a RingCentral user or account.

    It is the same in every process, and can't be used to sign in.
    """
    return hashlib.sha256(f"{server_url} {client_id} {what}".encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer of RingCentral that is not counted yet."""

    purpose: Purpose
    at: float
    rate: Rate | None
    penalty: tuple[float, str] | None


class StoredGate:
    """A `bot.ringcentral.gate.Gate` whose budget is in the database."""

    def __init__(
        self,
        user_state: UserState,
        clock: Clock,
        unanswered_after: float = UNANSWERED_AFTER,
    ) -> None:
        self._user_state = user_state
        self._clock = clock
        self._unanswered_after = unanswered_after
        self._uncounted: list[_Answer] = []
        """Answers that no exchange has taken yet."""
        self._penalties: list[_Answer] = []
        """Answers with a penalty, until the penalty is known to be stored."""
        self.known = Budget()

    async def enter(self, purpose: Purpose) -> float:
        """Count a request against the shared budget, or return the seconds to wait."""
        try:
            return await self._exchange(lambda b: admit(b, purpose, self._now()))
        except StoreUnavailable:
            raise NotSent("the budget can't be asked: no database") from None

    async def leave(
        self, purpose: Purpose, rate: Rate | None, penalty: tuple[float, str] | None
    ) -> None:
        """Count an answer; if the database is gone, once it is back."""
        answer = _Answer(purpose, self._now(), rate, penalty)
        self._uncounted.append(answer)
        if penalty is not None:
            self._penalties.append(answer)
        try:
            await self._exchange(lambda _: 0.0)
        except StoreUnavailable:
            log.warning("RingCentral's answer could not be counted: no database")

    async def _exchange(self, decide: Callable[[Budget], float]) -> float:
        """Count the answers that are not counted yet, then *decide* on the budget.

        Each answer is counted by one exchange, even if several run at once. A penalty is
        part of every exchange until one has stored it: storing it twice does no harm.
        """
        uncounted, self._uncounted = self._uncounted, []
        penalties = tuple(self._penalties)

        def work(text: str) -> tuple[str, tuple[float, Budget]]:
            budget = Budget.load(text, self._unanswered_after)
            for each in uncounted:
                budget.done(each.purpose, self._now(), _longer(each.rate))
            for each in penalties:
                seconds, group = each.penalty or (0.0, "")
                left = each.at + seconds + CLOCKS_DIFFER_BY - self._now()
                budget.penalty(each.purpose, self._now(), left, group)
            answer = decide(budget)
            return budget.dump(), (answer, budget)

        try:
            answer, self.known = await self._user_state.exchange(
                work, self._clock.now(), what="budget"
            )
        except BaseException:
            self._uncounted = uncounted + self._uncounted
            raise
        self._penalties = [each for each in self._penalties if each not in penalties]
        return answer

    def left(self) -> dict[str, tuple[int, int]]:
        """Return how many requests of each group were used, and its limit, as last read."""
        return self.known.left(self._now())

    def log_spacing(self, horizon: float) -> float:
        """See `Gate`; by what this process last read."""
        return self.known.spacing(Purpose.LOG, self._now(), horizon)

    def _now(self) -> float:
        return self._clock.now().timestamp()


class LoneGate:
    """The `Gate` of a process that is alone on its database.

    It counts Auth requests in the database, so that a process that is killed and restarted
    again and again keeps to their limit and waits out penalties. It counts the rest in
    memory, which needs no transaction.
    """

    def __init__(
        self,
        user_state: UserState,
        clock: Clock,
        unanswered_after: float = UNANSWERED_AFTER,
    ) -> None:
        self._stored = StoredGate(user_state, clock, unanswered_after)
        self._in_memory = InMemoryGate(clock.monotonic)

    async def enter(self, purpose: Purpose) -> float:
        """See `Gate`."""
        return await self._of(purpose).enter(purpose)

    async def leave(
        self, purpose: Purpose, rate: Rate | None, penalty: tuple[float, str] | None
    ) -> None:
        """See `Gate`."""
        await self._of(purpose).leave(purpose, rate, penalty)

    @property
    def known(self) -> Budget:
        """The budget of all requests but those to Auth."""
        return self._in_memory.known

    def left(self) -> dict[str, tuple[int, int]]:
        """See `Gate`."""
        return self._stored.left() | self._in_memory.left()

    def log_spacing(self, horizon: float) -> float:
        """See `Gate`."""
        return self._in_memory.log_spacing(horizon)

    def _of(self, purpose: Purpose) -> Gate:
        return self._stored if purpose.group == AUTH_GROUP else self._in_memory


def _longer(rate: Rate | None) -> Rate | None:
    return rate and replace(rate, window=rate.window + CLOCKS_DIFFER_BY)
