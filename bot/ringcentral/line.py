"""The line to RingCentral: budget, log-in, threads, one answer or one of our errors.

The official SDK blocks, so requests run in threads of our own: two for questions, one
kept for placing and cancelling, so that a slow log never holds up a call.
"""

from __future__ import annotations

import asyncio
import contextvars
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.errors import CredentialsRefused, RateLimited, Refused, Unreachable
from bot.measures import Measures
from bot.ringcentral import wire
from bot.ringcentral.budget import Gate, Private, Purpose
from bot.ringcentral.login import Login
from bot.ringcentral.pools import CONNECTIONS, Question
from bot.ringcentral.pools import Answer as Response
from bot.ringcentral.transport import AUTH, Pooled, platform

TRIES = 3
MOMENT = 0.1
"""Seconds that are waited for here: less than a call's card could tell of."""

LOOKS = 20
UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's JSON, and its ``Date``: RingCentral's clock."""

    body: Any
    at: datetime | None


class Line:
    """Sends requests as one RingCentral user and app."""

    def __init__(
        self,
        server_url: str,
        client_id: str,
        client_secret: str,
        jwt: str,
        *,
        gate: Gate | None = None,
        now: Callable[[], datetime] | None = None,
        measures: Measures | None = None,
    ) -> None:
        self._client = Pooled(measures)
        self._platform = platform(self._client, client_id, client_secret, server_url)
        self._asking = ThreadPoolExecutor(CONNECTIONS - 1, "ringcentral")
        self._placing = ThreadPoolExecutor(1, "ringcentral-place")
        self.login = Login(self._platform, jwt, self._in_thread)
        self.gate = gate or Private()
        self.now = now or _now
        self.ahead = 0.0
        """Seconds by which RingCentral's clock is ahead of ours."""

    def close(self) -> None:
        """Drop what has not begun, close connections; a running request is left."""
        for pool in (self._asking, self._placing):
            pool.shutdown(wait=False, cancel_futures=True)
        self._client.close()

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
            wait = await self._enter(purpose)
            if wait > 0:
                raise RateLimited(wait, purpose.group)
            request = Question(method, path, params=query, json=body)
            try:
                return await self._once(request, purpose, before)
            except Refused as error:
                if error.status != UNAUTHORIZED:
                    raise
                if last:
                    break
            await self.login.renew(generation)
        raise CredentialsRefused("RingCentral", "401 with a new token")

    async def _enter(self, purpose: Purpose) -> float:
        """Pass the gate, or return the seconds to wait; a moment is waited here."""
        wait = await self.gate.enter(purpose)
        for _ in range(LOOKS):
            if not 0 < wait <= MOMENT:
                break
            await asyncio.sleep(wait)
            wait = await self.gate.enter(purpose)
        return wait

    async def _once(
        self, request: Question, purpose: Purpose, before: float | None
    ) -> Answer:
        """Send in a thread; count what it cost, whatever comes of it."""
        headers: dict[str, str] = {}
        rate: wire.Rate | None = None

        def work() -> Response:
            nonlocal headers, rate
            self._client.expect(purpose.group, before)
            try:
                answer = self._platform.send_request(request)
            finally:
                self._client.expect(AUTH, None)
                headers, rate = self._client.last.headers, self._client.last.rate
            response: Response = answer.response()
            return response

        placing = purpose in {Purpose.PLACE, Purpose.CANCEL}
        penalty: tuple[float, str] | None = None
        try:
            response = await self._in_thread(work, self._placing if placing else None)
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
        if at is not None:
            # Whole seconds, cut off: half of one is the best guess.
            self.ahead = (at - self.now()).total_seconds() + 0.5
        return at

    async def _in_thread(
        self, work: Callable[[], Any], pool: ThreadPoolExecutor | None = None
    ) -> Any:
        loop = asyncio.get_running_loop()
        about_this = contextvars.copy_context()  # for log lines and spans
        return await loop.run_in_executor(pool or self._asking, about_this.run, work)


def _now() -> datetime:
    return datetime.now(UTC)
