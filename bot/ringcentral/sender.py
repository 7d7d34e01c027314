"""Sends requests as one RingCentral user, signed in and within the rate budget.

Token requests pass the same gate as all others: RingCentral limits them too, and one that
is sent inside a penalty restarts the penalty.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from ringcentral.platform.platform import Platform

from bot import headers as header
from bot.errors import (
    CredentialsRefused,
    NotSent,
    RateLimited,
    Refused,
    SignInOutOfReach,
    Unreachable,
)
from bot.lanes import Congested, Lane
from bot.ringcentral.gate import Gate, GateOf, InMemoryGate
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.sign_in.tokens import Run
from bot.ringcentral.transport import shapes, wire
from bot.ringcentral.transport.network import Network
from bot.ringcentral.transport.pools import ReadResponse, ReadyRequest
from bot.ringcentral.transport.transport import AUTH_GROUP

ACCOUNT = "/restapi/v1.0/account/~"
EXTENSION = f"{ACCOUNT}/extension/~"

MOST_LIST_PAGES = 8
READ_TRIES = 3

SHORT_WAIT = 0.1
"""Seconds. `RateLimited` is raised if the budget asks for a longer wait than this."""

SHORT_WAITS = 20
"""`RateLimited` is also raised after this many waits in a row."""

CONGESTED_WAIT = 2.0
"""Seconds that a user is asked to wait while several of their requests lack an answer."""

READ_AGAIN_WITHIN = 10.0
"""Seconds from the first request of a read to the last that follows it: no read takes
longer than this and the deadline of one answer."""

PLAUSIBLE_OFFSET = 366 * 86_400.0
"""Seconds. A ``Date`` that is farther off says nothing about RingCentral's clock."""

PLACING = frozenset([Purpose.PLACE, Purpose.CANCEL])
"""The purposes that have threads of their own."""


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """An answer's JSON, and its ``Date``: the time by RingCentral's clock."""

    body: Any = field(repr=False)
    at: datetime | None


class SignedIn(Protocol):
    """How one user is signed in; `bot.ringcentral.sign_in.session.Session` says more."""

    @property
    def user(self) -> str:
        """The user's extension id; empty until it is known."""

    async def ensure(self) -> int: ...

    async def renew(self, version: int) -> None: ...

    def scopes(self) -> frozenset[str]: ...


Step = TypeVar("Step")

SignInOf = Callable[[Platform, Run], SignedIn]
"""Makes a `SignedIn` for the SDK's platform; its token requests go through the `Run`."""


class Sender:
    """Sends requests as the user whom *sign_in* signs in."""

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
        self.sign_in = sign_in(self._platform, self.token_request)
        own_gate = InMemoryGate()
        self._gate_of: GateOf = gate_of or (lambda _: own_gate)
        self._user, self._gate = "", self._gate_of("")
        self.now = now or _now
        self.ahead = 0.0
        """Seconds by which RingCentral's clock is ahead of ours."""

    @property
    def gate(self) -> Gate:
        """The gate of the user, shared by everything that acts as the same user."""
        user = self.sign_in.user
        if user != self._user:
            self._user, self._gate = user, self._gate_of(user)
        return self._gate

    async def read(
        self, path: str, purpose: Purpose, query: dict[str, Any] | None = None
    ) -> ApiAnswer:
        """Send a GET. If its answer is soon lost, send it again, three times in all."""
        begun, pause = time.monotonic(), self._network.bounds.again_after
        for _ in range(1, READ_TRIES):
            try:
                return await self.ask("GET", path, purpose, query=query)
            except (Unreachable, SignInOutOfReach):
                if time.monotonic() - begun > READ_AGAIN_WITHIN:
                    raise
                await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311
                pause *= 2
        return await self.ask("GET", path, purpose, query=query)

    async def pages(
        self, path: str, query: dict[str, Any], purpose: Purpose
    ) -> AsyncIterator[Any]:
        """Yield the pages of a list, one request each, eight at most.

        Raises `Unreachable` if an answer is not a page of a list.
        """
        for page in range(1, MOST_LIST_PAGES + 1):
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
        is_text: bool = False,
    ) -> ApiAnswer:
        """Send one request if the budget admits it; after a 401, once more.

        The answer is JSON; with *is_text* it is any text.

        Raises `SignInOutOfReach` if there is no token for it: then RingCentral has not
        carried it out, for it was not sent, or was answered with 401.
        """
        for last in (False, True):
            version = await _before_sending(self.sign_in.ensure())
            request = ReadyRequest(method, path, params=query, json=body)
            try:
                return await self._send(request, purpose, before, is_text=is_text)
            except Refused as error:
                if error.status != HTTPStatus.UNAUTHORIZED:
                    raise
                if last:
                    break
            await _before_sending(self.sign_in.renew(version))
        raise CredentialsRefused("RingCentral", "401 with a new token")

    async def media_text(self, path: str, purpose: Purpose) -> str:
        """Return a text that RingCentral's media server has at *path*. Asks once."""
        url = media_server(self._network.app.server_url) + path
        answer = await self.ask("GET", url, purpose, is_text=True)
        return str(answer.body)

    async def _send(
        self,
        request: ReadyRequest,
        purpose: Purpose,
        before: float | None,
        *,
        is_text: bool,
    ) -> ApiAnswer:
        def work() -> ReadResponse:
            response: ReadResponse = self._platform.send_request(request).response()
            return response

        response, headers = await self._admitted(purpose, work, before)
        at = self._note_date(headers)
        if is_text:
            return ApiAnswer(response.content.decode("utf-8", "replace"), at)
        if response.parsed is None:
            raise Unreachable("an answer that is not JSON")
        return ApiAnswer(response.parsed, at)

    async def token_request(self, work: Callable[[], Any]) -> Any:
        """Run one of the SDK's token requests.

        The user is unknown until the first answer. Until then the gate is that of an
        unknown user, so the first request is counted again on the user's own gate.
        """
        asked = self.gate
        result, headers = await self._admitted(Purpose.SIGN_IN, work)
        if self.sign_in.user and self.gate is not asked:
            await self.gate.leave(Purpose.SIGN_IN, wire.rate(headers), None)
        return result

    async def _admitted(
        self, purpose: Purpose, work: Callable[[], Any], before: float | None = None
    ) -> tuple[Any, dict[str, str]]:
        """Send once a thread is free and the budget admits it.

        In this order: a request that is admitted and then waits for a thread could leave
        inside a penalty that began meanwhile. Returns the result of *work* and the
        headers of the answer. Raises `RateLimited` if the wait is longer than
        `SHORT_WAIT`, or if several requests of this user have no answer yet.
        """
        wait = 0.0
        for _ in range(SHORT_WAITS):
            async with self._lane(purpose) as lane:
                gate = self.gate
                wait = await gate.enter(purpose)
                if wait <= 0:
                    return await self._once(gate, lane, purpose, work, before)
            if wait > SHORT_WAIT:
                break
            await asyncio.sleep(wait)
        raise RateLimited(wait, purpose.group)

    @asynccontextmanager
    async def _lane(self, purpose: Purpose) -> AsyncIterator[Lane]:
        try:
            async with self._network.lane(self, placing=purpose in PLACING) as lane:
                yield lane
        except Congested:
            raise RateLimited(CONGESTED_WAIT, purpose.group) from None

    async def _once(
        self,
        gate: Gate,
        lane: Lane,
        purpose: Purpose,
        work: Callable[[], Any],
        before: float | None,
    ) -> tuple[Any, dict[str, str]]:
        """Send in a thread; count the answer, even if it never comes."""
        headers: dict[str, str] = {}
        client = self._network.client
        rate: wire.Rate | None = None

        def in_thread() -> Any:
            nonlocal headers, rate
            client.expect(purpose.group, before)
            try:
                return work()
            finally:
                headers, rate = client.last.headers, client.last.rate
                client.expect(AUTH_GROUP, None)

        placing = purpose in PLACING
        penalty: tuple[float, str] | None = None
        try:
            return await self._network.run(in_thread, lane, placing=placing), headers
        except RateLimited as error:
            penalty = (error.retry_after, error.group)
            # Its ``Remaining: 0`` would be learned as uses of another program, and the
            # group would stay closed for a whole window instead of ``Retry-After``.
            rate = None
            raise
        finally:
            await gate.leave(purpose, rate, penalty)

    def _note_date(self, headers: dict[str, str]) -> datetime | None:
        """Compare RingCentral's clock with ours; return its time, if plausible."""
        at = header.date(headers.get("Date", ""))
        if at is None:
            return None
        off = (at - self.now()).total_seconds()
        if abs(off) > PLAUSIBLE_OFFSET:
            return None
        # ``Date`` is cut to whole seconds: half a second more is the best guess.
        self.ahead = off + 0.5
        return at


def media_server(server: str) -> str:
    """Return the address of the server that has the attachments of messages.

    RingCentral's is ``media.`` where its API is ``platform.`` (API reference, "Get Message
    Content"); what stands in for RingCentral has both in one place.
    """
    return re.sub(r"^(https://)platform\.", r"\1media.", server.rstrip("/"))


async def _before_sending(step: Awaitable[Step]) -> Step:
    try:
        return await step
    except (Unreachable, NotSent) as error:
        raise SignInOutOfReach(f"log-in: {error}") from None


def _now() -> datetime:
    return datetime.now(UTC)
