"""One method for each request to RingCentral; what each costs, raises, and means.

The official SDK blocks, so requests run in threads of our own: two for questions, one
kept for placing and cancelling, so that a slow log never holds up a call.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import requests

from bot.calls.call import Status
from bot.calls.leg import Record
from bot.errors import (
    CredentialsRefused,
    RateLimited,
    Refused,
    Unreachable,
)
from bot.ringcentral import wire
from bot.ringcentral.budget import Budget, Purpose
from bot.ringcentral.login import Login
from bot.ringcentral.transport import CONNECTIONS, Pooled, content, platform
from bot.ringcentral.wire import Number

ACCOUNT = "/restapi/v1.0/account/~"
EXTENSION = f"{ACCOUNT}/extension/~"
PER_PAGE = 250
"""The most that a Detailed page has been documented to hold."""

MOST_PAGES = 8
TRIES = 3
UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Placed:
    """RingCentral's answer to POST ring-out; *at* is its ``Date``, by its clock."""

    id: str
    status: Status
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Extension:
    """The RingCentral user in whose name we act."""

    id: str
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class _Answer:
    body: Any
    at: datetime | None


class RingCentral:
    """One RingCentral user and app.

    All methods raise `RingCentralError`s alone, or `CredentialsRefused`; none waits for
    a rate limit: `RateLimited` says for how long.
    """

    def __init__(
        self, server_url: str, client_id: str, client_secret: str, jwt: str
    ) -> None:
        self._client = Pooled()
        self._platform = platform(self._client, client_id, client_secret, server_url)
        self._asking = ThreadPoolExecutor(CONNECTIONS - 1, "ringcentral")
        self._placing = ThreadPoolExecutor(1, "ringcentral-place")
        self._login = Login(self._platform, jwt, self._in_thread)
        self._ahead = 0.0
        self.budget = Budget()

    async def start(self) -> None:
        """Log in, to know at once whether the credentials are accepted."""
        await self._login.ensure()

    async def close(self) -> None:
        """Drop what has not begun, close connections; a running request is left."""
        for pool in (self._asking, self._placing):
            pool.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def token_scopes(self) -> frozenset[str]:
        """Return the app permissions of the present token."""
        return self._login.scopes()

    def clock_ahead(self) -> float:
        """Return by how many seconds RingCentral's clock is ahead of ours."""
        return self._ahead

    def poll_interval(self, open_calls: int) -> float:
        """Return the seconds between polls of each of *open_calls* calls; 0: unknown."""
        return self.budget.poll_interval(open_calls)

    async def ring_out(self, caller: str, callee: str, *, before: float) -> Placed:
        """Ring *caller*; when they answer, ring *callee* and join the two.

        Returns as soon as RingCentral has accepted it: nobody has answered yet. Both
        numbers are E.164. Costs one Heavy request. Not retried, ever: a second POST
        rings the phone a second time (a 401 was not executed, and is asked once more
        with a new token).

        Raises:
            RateLimited: Not executed. Wait.
            Refused: Not executed. A number is invalid, or may not be rung.
            NotSent: Not executed: no connection, or it could not leave *before* that
                moment of ``time.monotonic()``.
            Unreachable: The phone may be ringing or may not.

        Source: POST /restapi/v1.0/account/~/extension/~/ring-out; RingCentral
        developer guide, "Making Calls Using RingOut".
        """
        answer = await self._ask(
            "POST",
            f"{EXTENSION}/ring-out",
            Purpose.PLACE,
            body=wire.ring_out_body(caller, callee),
            before=before,
        )
        identity = wire.text(answer.body, "id")
        if not identity:
            raise Unreachable("an answer without an id")
        return Placed(identity, wire.status(answer.body), answer.at)

    async def ring_out_status(self, ringout_id: str) -> Status:
        """Return the live words of a RingOut. Costs one Light request; not retried.

        Raises `NotFound` once RingCentral has forgotten it: some time after its end,
        and perhaps right after its start.
        """
        answer = await self._ask("GET", _ring_out(ringout_id), Purpose.STATUS)
        return wire.status(answer.body)

    async def cancel(self, ringout_id: str) -> None:
        """Ask RingCentral to stop a RingOut. Costs one Heavy request; not retried.

        It tears the call down until the first leg is up, perhaps a little later, and
        never once both are connected. Raises `NotFound` if it is over.
        """
        await self._ask("DELETE", _ring_out(ringout_id), Purpose.CANCEL)

    async def call_log(self, *, since: datetime) -> tuple[Record, ...]:
        """Return the user's voice calls since *since*, Detailed, newest first.

        Costs one Heavy request for each 250 records. ``dateFrom`` is always sent: the
        default window is 24 hours (API reference, "List user call records").
        """
        until = (
            datetime.now(UTC) + timedelta(seconds=self._ahead) + timedelta(minutes=5)
        )
        return await self._records(
            f"{EXTENSION}/call-log", since, until, Purpose.LOG, limit=None
        )

    async def recent_calls(
        self, *, since: datetime, until: datetime, limit: int, company: bool
    ) -> tuple[Record, ...]:
        """Return at least the newest *limit* voice calls between two moments.

        Costs one Heavy request as a rule. *company* reads all users' calls, and raises
        `Refused` where the user may not.
        """
        owner = ACCOUNT if company else EXTENSION
        return await self._records(
            f"{owner}/call-log", since, until, Purpose.HISTORY, limit=limit
        )

    async def forwarding_numbers(self) -> tuple[Number, ...]:
        """Return the phones that may ring first. Costs one Light request."""
        answer = await self._read(f"{EXTENSION}/forwarding-number", Purpose.ACCOUNT)
        return wire.numbers(answer.body)

    async def phone_numbers(self) -> tuple[Number, ...]:
        """Return the user's own numbers, and what each can do. One Light request."""
        answer = await self._read(f"{EXTENSION}/phone-number", Purpose.ACCOUNT)
        return wire.numbers(answer.body)

    async def extension(self) -> Extension:
        """Return who we are at RingCentral. Costs one Light request."""
        answer = await self._read(EXTENSION, Purpose.ACCOUNT)
        return Extension(
            wire.text(answer.body, "id"),
            wire.text(answer.body, "extensionNumber"),
            wire.text(answer.body, "name"),
        )

    async def ring_out_available(self) -> tuple[bool, str]:
        """Return whether the user has the RingOut feature, else why not. One Medium."""
        answer = await self._read(
            f"{EXTENSION}/features", Purpose.FEATURE, {"featureId": "RingOut"}
        )
        listed = answer.body.get("records") if isinstance(answer.body, dict) else None
        for each in listed or []:
            if wire.text(each, "id") == "RingOut":
                reason = each.get("reason") or {}
                return each.get("available") is True, wire.text(reason, "message")
        return False, "RingCentral does not list it"

    async def _records(
        self,
        path: str,
        since: datetime,
        until: datetime,
        purpose: Purpose,
        *,
        limit: int | None,
    ) -> tuple[Record, ...]:
        """Follow the pages; ``dateTo`` is pinned, for new calls would shift them."""
        query: dict[str, Any] = {
            "view": "Detailed",
            "type": "Voice",
            "dateFrom": wire.written(since),
            "dateTo": wire.written(until),
            "perPage": PER_PAGE,
        }
        found: dict[str, Record] = {}
        for page in range(1, MOST_PAGES + 1):
            answer = await self._read(path, purpose, {**query, "page": page})
            found |= {each.id: each for each in wire.records(answer.body)}
            if not wire.next_page(answer.body) or (limit and len(found) >= limit):
                break
        return tuple(sorted(found.values(), key=lambda r: r.started_at, reverse=True))

    async def _read(
        self, path: str, purpose: Purpose, query: dict[str, Any] | None = None
    ) -> _Answer:
        """Ask a question, which may be asked again: with back-off, three times."""
        for attempt in range(1, TRIES):
            try:
                return await self._ask("GET", path, purpose, query=query)
            except Unreachable:
                await asyncio.sleep(0.2 * 2**attempt * random.uniform(0.5, 1))  # noqa: S311
        return await self._ask("GET", path, purpose, query=query)

    async def _ask(
        self,
        method: str,
        path: str,
        purpose: Purpose,
        *,
        query: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        before: float | None = None,
    ) -> _Answer:
        """Send one request if the budget admits it; on a 401, once more."""
        for last in (False, True):
            wait = self.budget.ready_in(purpose, time.monotonic())
            if wait > 0:
                raise RateLimited(wait, purpose.group)
            generation = await self._login.ensure()
            request = requests.Request(method, path, params=query, json=body)
            try:
                return await self._once(request, purpose, before)
            except Refused as error:
                if error.status != UNAUTHORIZED:
                    raise
                if last:
                    break
            await self._login.renew(generation)
        raise CredentialsRefused("RingCentral", "401 with a new token")

    async def _once(
        self, request: requests.Request, purpose: Purpose, before: float | None
    ) -> _Answer:
        """Send in a thread; count what it cost, whatever comes of it."""
        headers: dict[str, str] = {}

        def work() -> requests.Response:
            self._client.before(before)
            try:
                answer = self._platform.send_request(request)
            finally:
                self._client.before(None)
                headers.update(getattr(self._client.last, "headers", {}))
            response: requests.Response = answer.response()
            return response

        self.budget.take(purpose)
        placing = purpose in {Purpose.PLACE, Purpose.CANCEL}
        try:
            response = await self._in_thread(work, self._placing if placing else None)
        except RateLimited as error:
            self.budget.penalty(
                purpose, time.monotonic(), error.retry_after, error.group
            )
            raise
        finally:
            rate = wire.rate(headers)
            self.budget.done(purpose, time.monotonic(), rate)
        at = self._note_date(headers)
        body = content(response)
        if body is None:
            raise Unreachable("an answer that is not JSON")
        return _Answer(body, at)

    def _note_date(self, headers: dict[str, str]) -> datetime | None:
        at = wire.date(headers.get("Date", ""))
        if at is not None:
            # Whole seconds, cut off: half of one is the best guess.
            self._ahead = (at - datetime.now(UTC)).total_seconds() + 0.5
        return at

    async def _in_thread(
        self, work: Callable[[], Any], pool: ThreadPoolExecutor | None = None
    ) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool or self._asking, work)


def _ring_out(ringout_id: str) -> str:
    return f"{EXTENSION}/ring-out/{quote(ringout_id, safe='')}"
