"""One method for each request to RingCentral; what each costs, raises, and means."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from bot.calls.call import Status
from bot.calls.leg import Record
from bot.errors import (
    Unreachable,
)
from bot.ringcentral.budget import Budget, GateOf, Purpose
from bot.ringcentral.line import Line, LoginOf
from bot.ringcentral.sign_in.login import Login
from bot.ringcentral.transport import shapes, wire
from bot.ringcentral.transport.network import Network
from bot.ringcentral.transport.wire import Number

ACCOUNT = "/restapi/v1.0/account/~"
EXTENSION = f"{ACCOUNT}/extension/~"
PER_PAGE = 250
"""The most that a Detailed page has been documented to hold."""

LISTED_PER_PAGE = 1000
"""The most that lists of numbers hold on a page; what asks for more is given as many
(API reference, "List Forwarding Numbers")."""

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
    account: str = ""


class RingCentral:
    """One RingCentral user and app.

    All methods raise `RingCentralError`s alone, or `CredentialsRefused`; none waits for
    a rate limit: `RateLimited` says for how long.
    """

    def __init__(
        self,
        network: Network,
        login: LoginOf,
        *,
        gate_of: GateOf | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._line = Line(network, login, gate_of=gate_of, now=now)

    async def start(self) -> None:
        """Log in, to know at once whether the credentials are accepted."""
        await self._line.login.ensure()

    def token_scopes(self) -> frozenset[str]:
        """Return the app permissions of the present token."""
        return self._line.login.scopes()

    def clock_ahead(self) -> float:
        """Return by how many seconds RingCentral's clock is ahead of ours."""
        return self._line.ahead

    def poll_interval(self, open_calls: int) -> float:
        """Return the seconds between polls of each of *open_calls* calls; 0: unknown."""
        return self.budget.poll_interval(open_calls)

    @property
    def budget(self) -> Budget:
        """What the user may still ask, as far as it is known here."""
        return self._line.gate.known

    def budget_left(self) -> dict[str, tuple[int, int]]:
        """Return each known rate group's uses and limit, as far as known here."""
        return self._line.gate.left()

    async def ring_out(
        self,
        caller: str,
        callee: str,
        *,
        before: float,
        caller_id: str = "",
        prompt: bool = False,
    ) -> Placed:
        """Ring *caller*; when they answer, ring *callee* and join the two.

        Returns as soon as RingCentral has accepted it: nobody has answered yet. All
        numbers are E.164. *caller_id* is what the callee sees: one of the user's own
        numbers that can, or none for RingCentral's choice. With *prompt* the caller
        presses 1 before the callee is rung, so that no voicemail greets them. Costs one Heavy request. Not retried, ever: a second POST
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
        answer = await self._line.ask(
            "POST",
            f"{EXTENSION}/ring-out",
            Purpose.PLACE,
            body=_ring_out_body(caller, callee, caller_id, prompt=prompt),
            before=before,
        )
        identity = shapes.named(answer.body)
        if not identity:
            raise Unreachable("an answer without an id")
        return Placed(identity, wire.status(answer.body), answer.at)

    async def ring_out_status(self, ringout_id: str) -> Status:
        """Return the live words of a RingOut. Costs one Light request; not retried.

        Raises `NotFound` once RingCentral has forgotten it: some time after its end,
        and perhaps right after its start.
        """
        answer = await self._line.ask("GET", _ring_out(ringout_id), Purpose.STATUS)
        return wire.status(answer.body)

    async def cancel(self, ringout_id: str) -> None:
        """Ask RingCentral to stop a RingOut. Costs one Heavy request; not retried.

        It tears the call down until the first leg is up, perhaps a little later, and
        never once both are connected. Raises `NotFound` if it is over.
        """
        await self._line.ask("DELETE", _ring_out(ringout_id), Purpose.CANCEL)

    async def call_log(self, *, since: datetime) -> tuple[Record, ...]:
        """Return the user's voice calls since *since*, Detailed, newest first.

        Costs one Heavy request for each 250 records. ``dateFrom`` is always sent: the
        default window is 24 hours (API reference, "List user call records").
        """
        until = self._their_now() + timedelta(minutes=5)
        return await self._records(
            f"{EXTENSION}/call-log", since, until, Purpose.LOG, limit=None
        )

    async def recent_calls(
        self, *, since: datetime, until: datetime, limit: int, company: bool
    ) -> tuple[Record, ...]:
        """Return at least the newest *limit* voice calls between two moments.

        The moments are by our clock; RingCentral is asked by its own. Costs one Heavy
        request as a rule. *company* reads all users' calls, and raises `Refused` where
        the user may not.
        """
        owner = ACCOUNT if company else EXTENSION
        ahead = timedelta(seconds=self._line.ahead)
        return await self._records(
            f"{owner}/call-log",
            since + ahead,
            until + ahead,
            Purpose.HISTORY,
            limit=limit,
        )

    async def forwarding_numbers(self) -> tuple[Number, ...]:
        """Return the phones that may ring first.

        Costs one Light request as a rule: one for each page of 1,000, eight at most.
        """
        return await self._numbers(f"{EXTENSION}/forwarding-number")

    async def phone_numbers(self) -> tuple[Number, ...]:
        """Return the user's own numbers and the company's, and what each can do.

        Costs as much as `forwarding_numbers`; a company may have thousands.
        """
        return await self._numbers(f"{EXTENSION}/phone-number")

    async def extension(self) -> Extension:
        """Return who we are at RingCentral. Costs one Light request."""
        answer = await self._line.read(EXTENSION, Purpose.ACCOUNT)
        identity = shapes.named(answer.body)
        if not identity:
            raise Unreachable("an answer without an id")
        return Extension(
            identity,
            shapes.text(answer.body, "extensionNumber"),
            shapes.text(answer.body, "name"),
            shapes.inner(answer.body, "account", "id"),
        )

    async def ring_out_available(self) -> tuple[bool, str]:
        """Return whether the user has the RingOut feature, else why not. One Medium."""
        answer = await self._line.read(
            f"{EXTENSION}/features", Purpose.FEATURE, {"featureId": "RingOut"}
        )
        if not shapes.has_list(answer.body):
            raise Unreachable("a list without records")
        for each in answer.body["records"]:
            if shapes.text(each, "id") == "RingOut":
                reason = shapes.inner(each, "reason", "message")
                return each.get("available") is True, reason
        return False, "RingCentral does not list it"

    def _their_now(self) -> datetime:
        """Return the time by RingCentral's clock."""
        return self._line.now() + timedelta(seconds=self._line.ahead)

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
        async for body in self._pages(path, query, purpose):
            found |= {each.id: each for each in wire.records(body)}
            if limit and len(found) >= limit:
                break
        return tuple(sorted(found.values(), key=lambda r: r.started_at, reverse=True))

    async def _numbers(self, path: str) -> tuple[Number, ...]:
        query = {"perPage": LISTED_PER_PAGE}
        return tuple([
            number
            async for body in self._pages(path, query, Purpose.ACCOUNT)
            for number in wire.numbers(body)
        ])  # fmt: skip

    async def _pages(
        self, path: str, query: dict[str, Any], purpose: Purpose
    ) -> AsyncIterator[Any]:
        """Yield the pages of a list, one request each, as long as it has a next one."""
        for page in range(1, MOST_PAGES + 1):
            answer = await self._line.read(path, purpose, {**query, "page": page})
            if not shapes.has_list(answer.body):
                raise Unreachable("a list without records")
            yield answer.body
            if not wire.next_page(answer.body):
                return


def by_jwt(jwt: str) -> LoginOf:
    """Sign in with a JWT credential, again and again, as often as it takes."""
    return lambda platform, run: Login(platform, jwt, run)


def _ring_out(ringout_id: str) -> str:
    return f"{EXTENSION}/ring-out/{quote(ringout_id, safe='')}"


def _ring_out_body(
    caller: str, callee: str, caller_id: str = "", *, prompt: bool = False
) -> dict[str, Any]:
    """Return the body of POST ring-out; all numbers are objects, in E.164."""
    body: dict[str, Any] = {
        "from": {"phoneNumber": caller},
        "to": {"phoneNumber": callee},
        "playPrompt": prompt,
    }
    if caller_id:
        body["callerId"] = {"phoneNumber": caller_id}
    return body
