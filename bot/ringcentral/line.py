"""The line to RingCentral: budget, log-in, one answer or one of our errors."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from ringcentral.platform.platform import Platform

from bot.errors import CredentialsRefused, RateLimited, Refused, Unreachable
from bot.ringcentral import wire
from bot.ringcentral.budget import Gate, Private, Purpose
from bot.ringcentral.login import Run
from bot.ringcentral.network import Network
from bot.ringcentral.pools import Answer as Response
from bot.ringcentral.pools import Question
from bot.ringcentral.transport import AUTH

TRIES = 3
MOMENT = 0.1
"""Seconds that are waited for here: less than a call's card could tell of."""

YEAR = 366 * 86_400.0
"""Seconds; a ``Date`` that is farther off says nothing of RingCentral's clock."""

LOOKS = 20
UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's JSON, and its ``Date``: RingCentral's clock."""

    body: Any
    at: datetime | None


class SignedIn(Protocol):
    """How one user is signed in; raises as `bot.ringcentral.login.Login` does."""

    async def ensure(self) -> int: ...

    async def renew(self, generation: int) -> None: ...

    def scopes(self) -> frozenset[str]: ...


LoginOf = Callable[[Platform, Run], SignedIn]


class Line:
    """Sends requests as one RingCentral user and app, who signs in by *login*."""

    def __init__(
        self,
        network: Network,
        login: LoginOf,
        *,
        gate: Gate | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._network = network
        self._platform = network.platform()
        self.login = login(self._platform, network.run)
        self.gate = gate or Private()
        self.now = now or _now
        self.ahead = 0.0
        """Seconds by which RingCentral's clock is ahead of ours."""

    async def read(
        self, path: str, purpose: Purpose, query: dict[str, Any] | None = None
    ) -> Answer:
        """Ask a question, which may be asked again: with back-off, three times."""
        for attempt in range(1, TRIES):
            try:
                return await self.ask("GET", path, purpose, query=query)
            except Unreachable:
                await asyncio.sleep(0.2 * 2**attempt * random.uniform(0.5, 1))  # noqa: S311
        return await self.ask("GET", path, purpose, query=query)

    async def ask(
        self,
        method: str,
        path: str,
        purpose: Purpose,
        *,
        query: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        before: float | None = None,
    ) -> Answer:
        """Send one request if the budget admits it; on a 401, once more."""
        for last in (False, True):
            generation = await self.login.ensure()
            request = Question(method, path, params=query, json=body)
            try:
                return await self._in_turn(request, purpose, before)
            except Refused as error:
                if error.status != UNAUTHORIZED:
                    raise
                if last:
                    break
            await self.login.renew(generation)
        raise CredentialsRefused("RingCentral", "401 with a new token")

    async def _in_turn(
        self, request: Question, purpose: Purpose, before: float | None
    ) -> Answer:
        """Send once a thread is free and the budget admits it; a moment is waited here.

        In this order: what was admitted and then queued behind a request that hangs
        would leave inside a penalty that had begun meanwhile.
        """
        placing = purpose in {Purpose.PLACE, Purpose.CANCEL}
        wait = 0.0
        for _ in range(LOOKS):
            async with self._network.thread(placing=placing):
                wait = await self.gate.enter(purpose)
                if wait <= 0:
                    return await self._once(request, purpose, before, placing=placing)
            if wait > MOMENT:
                break
            await asyncio.sleep(wait)
        raise RateLimited(wait, purpose.group)

    async def _once(
        self,
        request: Question,
        purpose: Purpose,
        before: float | None,
        *,
        placing: bool,
    ) -> Answer:
        """Send in a thread; count what it cost, whatever comes of it."""
        headers: dict[str, str] = {}
        client = self._network.client
        rate: wire.Rate | None = None

        def work() -> Response:
            nonlocal headers, rate
            client.expect(purpose.group, before)
            try:
                answer = self._platform.send_request(request)
            finally:
                client.expect(AUTH, None)
                headers, rate = client.last.headers, client.last.rate
            response: Response = answer.response()
            return response

        penalty: tuple[float, str] | None = None
        try:
            response = await self._network.run(work, placing=placing)
        except RateLimited as error:
            penalty = (error.retry_after, error.group)
            raise
        finally:
            await self.gate.leave(purpose, rate, penalty)
        at = self._note_date(headers)
        if response.parsed is None:
            raise Unreachable("an answer that is not JSON")
        return Answer(response.parsed, at)

    def _note_date(self, headers: dict[str, str]) -> datetime | None:
        at = wire.date(headers.get("Date", ""))
        if at is None:
            return None
        off = (at - self.now()).total_seconds()
        if abs(off) > YEAR:
            return None
        # Whole seconds, cut off: half of one is the best guess.
        self.ahead = off + 0.5
        return at


def _now() -> datetime:
    return datetime.now(UTC)
