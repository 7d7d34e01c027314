"""The line to RingCentral: log-in, budget, one answer or one of our errors.

Log-ins pass the same gate as everything else: they have a limit of their own, and a
request inside its penalty restarts it like any other.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from ringcentral.platform.platform import Platform

from bot.errors import CredentialsRefused, RateLimited, Refused, Unreachable
from bot.ringcentral.budget import Gate, GateOf, InMemoryGate, Purpose
from bot.ringcentral.sign_in.tokens import Run
from bot.ringcentral.transport import shapes, wire
from bot.ringcentral.transport.network import Network
from bot.ringcentral.transport.pools import Answer as Response
from bot.ringcentral.transport.pools import Question
from bot.ringcentral.transport.transport import AUTH

ACCOUNT = "/restapi/v1.0/account/~"
EXTENSION = f"{ACCOUNT}/extension/~"

MOST_PAGES = 8
TRIES = 3
MOMENT = 0.1
"""Seconds that are waited for here: less than a call's card could tell of."""

YEAR = 366 * 86_400.0
"""Seconds; a ``Date`` that is farther off says nothing of RingCentral's clock."""

LOOKS = 20
PLACING = frozenset([Purpose.PLACE, Purpose.CANCEL])
"""What has threads of its own."""

UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's JSON, and its ``Date``: RingCentral's clock."""

    body: Any
    at: datetime | None


class SignedIn(Protocol):
    """How one user is signed in; raises as `bot.ringcentral.sign_in.session.Session` does."""

    @property
    def user(self) -> str:
        """The user's extension id; nothing as long as it is not known."""

    async def ensure(self) -> int: ...

    async def renew(self, generation: int) -> None: ...

    def scopes(self) -> frozenset[str]: ...


SignInOf = Callable[[Platform, Run], SignedIn]


class Sender:
    """Sends requests as one RingCentral user and app, who signs in by *sign_in*."""

    def __init__(
        self,
        network: Network,
        sign_in: SignInOf,
        *,
        gate_of: GateOf | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._network = network
        self._platform = network.platform()
        self.sign_in = sign_in(self._platform, self._sign_in)
        alone = InMemoryGate()
        self._gate_of: GateOf = gate_of or (lambda _: alone)
        self._user, self._gate = "", self._gate_of("")
        self.now = now or _now
        self.ahead = 0.0
        """Seconds by which RingCentral's clock is ahead of ours."""

    @property
    def gate(self) -> Gate:
        """What lets requests pass: one for all who act as the same user."""
        user = self.sign_in.user
        if user != self._user:
            self._user, self._gate = user, self._gate_of(user)
        return self._gate

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

    async def pages(
        self, path: str, query: dict[str, Any], purpose: Purpose
    ) -> AsyncIterator[Any]:
        """Yield the pages of a list, one request each, `MOST_PAGES` at most.

        Raises `Unreachable` where an answer is not a list.
        """
        for page in range(1, MOST_PAGES + 1):
            answer = await self.read(path, purpose, {**query, "page": page})
            if not shapes.has_list(answer.body):
                raise Unreachable("a list without records")
            yield answer.body
            if not wire.next_page(answer.body):
                return

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
            generation = await self.sign_in.ensure()
            request = Question(method, path, params=query, json=body)
            try:
                return await self._send(request, purpose, before)
            except Refused as error:
                if error.status != UNAUTHORIZED:
                    raise
                if last:
                    break
            await self.sign_in.renew(generation)
        raise CredentialsRefused("RingCentral", "401 with a new token")

    async def _send(
        self, request: Question, purpose: Purpose, before: float | None
    ) -> Answer:
        """Send one request of ours; return what it was answered."""

        def work() -> Response:
            response: Response = self._platform.send_request(request).response()
            return response

        response, headers = await self._in_turn(purpose, work, before)
        at = self._note_date(headers)
        if response.parsed is None:
            raise Unreachable("an answer that is not JSON")
        return Answer(response.parsed, at)

    async def _sign_in(self, work: Callable[[], Any]) -> Any:
        """Run one of the SDK's log-ins, which are single requests.

        The first one tells whose budget it has been of.
        """
        asked = self.gate
        result, headers = await self._in_turn(Purpose.SIGN_IN, work)
        if self.sign_in.user and self.gate is not asked:
            await self.gate.leave(Purpose.SIGN_IN, wire.rate(headers), None)
        return result

    async def _in_turn(
        self, purpose: Purpose, work: Callable[[], Any], before: float | None = None
    ) -> tuple[Any, dict[str, str]]:
        """Send once a thread is free and the budget admits it; a moment is waited here.

        In this order: what was admitted and then queued behind a request that hangs
        would leave inside a penalty that had begun meanwhile. Returns what *work* does,
        and the headers of its answer.
        """
        placing = purpose in PLACING
        wait = 0.0
        for _ in range(LOOKS):
            async with self._network.thread(placing=placing):
                gate = self.gate
                wait = await gate.enter(purpose)
                if wait <= 0:
                    return await self._once(gate, purpose, work, before)
            if wait > MOMENT:
                break
            await asyncio.sleep(wait)
        raise RateLimited(wait, purpose.group)

    async def _once(
        self,
        gate: Gate,
        purpose: Purpose,
        work: Callable[[], Any],
        before: float | None,
    ) -> tuple[Any, dict[str, str]]:
        """Send in a thread; count what it cost, whatever comes of it."""
        headers: dict[str, str] = {}
        client = self._network.client
        rate: wire.Rate | None = None

        def heard() -> Any:
            nonlocal headers, rate
            client.expect(purpose.group, before)
            try:
                return work()
            finally:
                headers, rate = client.last.headers, client.last.rate
                client.expect(AUTH, None)

        placing = purpose in PLACING
        penalty: tuple[float, str] | None = None
        try:
            return await self._network.run(heard, placing=placing), headers
        except RateLimited as error:
            penalty = (error.retry_after, error.group)
            raise
        finally:
            await gate.leave(purpose, rate, penalty)

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
