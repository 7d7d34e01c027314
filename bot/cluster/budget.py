"""One RingCentral user's budget for several processes: a row that they change in turn.

Two short transactions a request, on a database that a poll needs three times anyway.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.clock import Clock
from bot.errors import NotSent, StoreUnavailable
from bot.ringcentral.budget import (
    UNANSWERED_AFTER,
    Budget,
    Gate,
    InMemoryGate,
    Purpose,
    admit,
)
from bot.ringcentral.transport.wire import Rate
from bot.storage.shared.user_state import UserState

log = logging.getLogger(__name__)

APART = 0.25
"""Seconds by which the clocks of two processes may differ, each being moved towards the
database's by little steps: so much longer is what a window or a penalty is taken for,
60 s as a rule."""


def name_of(server_url: str, client_id: str, what: str) -> str:
    """Return what a user or a credential is called in the database.

    The same in each process, and nothing by which one could sign in.
    """
    return hashlib.sha256(f"{server_url} {client_id} {what}".encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer that is to be counted."""

    purpose: Purpose
    at: float
    rate: Rate | None
    penalty: tuple[float, str] | None


class StoredGate:
    """A `bot.ringcentral.budget.Gate` whose budget is in the database."""

    def __init__(
        self,
        user_state: UserState,
        clock: Clock,
        unanswered_after: float = UNANSWERED_AFTER,
    ) -> None:
        self._user_state = user_state
        self._clock = clock
        self._unanswered_after = unanswered_after
        self._owed: list[_Answer] = []
        """Answers that nobody has begun to write down."""
        self._penal: list[_Answer] = []
        """Those with a penalty, until it is known to be written down."""
        self.known = Budget()

    async def enter(self, purpose: Purpose) -> float:
        """Count a request, for all processes, or return the seconds to wait."""
        try:
            return await self._exchange(lambda b: admit(b, purpose, self._now()))
        except StoreUnavailable:
            raise NotSent("the budget can't be asked: no database") from None

    async def leave(
        self, purpose: Purpose, rate: Rate | None, penalty: tuple[float, str] | None
    ) -> None:
        """Count an answer; without a database it is counted once that is back."""
        answer = _Answer(purpose, self._now(), rate, penalty)
        self._owed.append(answer)
        if penalty is not None:
            self._penal.append(answer)
        try:
            await self._exchange(lambda _: 0.0)
        except StoreUnavailable:
            log.warning("RingCentral's answer could not be counted: no database")

    async def _exchange(self, decide: Callable[[Budget], float]) -> float:
        """Count what is owed, then *decide*; return what that returns.

        Each answer is counted by one exchange, however many are under way. A penalty
        goes with all of them until one has written it down: it may be said again.
        """
        owed, self._owed = self._owed, []
        penal = tuple(self._penal)

        def work(text: str) -> tuple[str, tuple[float, Budget]]:
            budget = Budget.load(text, self._unanswered_after)
            for each in owed:
                budget.done(each.purpose, self._now(), _longer(each.rate))
            for each in penal:
                seconds, group = each.penalty or (0.0, "")
                left = each.at + seconds + APART - self._now()
                budget.penalty(each.purpose, self._now(), left, group)
            answer = decide(budget)
            return budget.dump(), (answer, budget)

        try:
            answer, self.known = await self._user_state.exchange(
                work, self._clock.now(), what="budget"
            )
        except BaseException:
            self._owed = owed + self._owed
            raise
        self._penal = [each for each in self._penal if each not in penal]
        return answer

    def left(self) -> dict[str, tuple[int, int]]:
        """Return each group's uses and limit, as this process last saw them."""
        return self.known.left(self._now())

    def _now(self) -> float:
        return self._clock.now().timestamp()


class LoneGate:
    """The `Gate` of a process that is alone on its database.

    Auth requests are counted in the database, so that a process that is killed and
    restarted over and over neither exceeds their limit nor asks inside a penalty. The
    rest is counted in memory, which costs no transaction.
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
        """The budget of what is asked most."""
        return self._in_memory.known

    def left(self) -> dict[str, tuple[int, int]]:
        """See `Gate`."""
        return self._stored.left() | self._in_memory.left()

    def _of(self, purpose: Purpose) -> Gate:
        return self._stored if purpose is Purpose.SIGN_IN else self._in_memory


def _longer(rate: Rate | None) -> Rate | None:
    return rate and replace(rate, window=rate.window + APART)
