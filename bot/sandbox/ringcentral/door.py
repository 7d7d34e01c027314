"""The double's HTTP handler: records each request, limits, executes, answers it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from aiohttp import web

from bot.sandbox.drip import drip
from bot.sandbox.ledger import Ledger, Seen
from bot.sandbox.limiters import UserLimiters
from bot.sandbox.limits import Limiter
from bot.sandbox.ringcentral.answers import (
    Ask,
    Reply,
    error,
    no_permission,
    no_scope,
    not_found,
    too_many,
)
from bot.sandbox.ringcentral.clock import StoryClock
from bot.sandbox.ringcentral.faults import Fault, Faults
from bot.sandbox.ringcentral.login import Logins
from bot.sandbox.ringcentral.people import People
from bot.sandbox.ringcentral.routes import Route

OnRequest = Callable[[Seen], Awaitable[None]]
Validator = Callable[[Seen], list[str]]

COMPRESS_FROM = 1024
"""Shorter bodies are not worth compressing."""


@dataclass(slots=True, kw_only=True)
class Door:
    """Handles requests.

    Attributes:
        permissions: The users' permissions; the app's scopes are in `Logins.scopes`.
        validator: Returns what is wrong with a request, or with the double's answer.
        complaints: All that the validator has found wrong.
        on_request: Awaited before a request is executed.
        on_effect: Awaited after a request is executed, before it is answered.
        closing: Set when the double stops; ends all hangs.
    """

    clock: StoryClock
    limiters: UserLimiters
    logins: Logins
    people: People
    routes: Sequence[Route]
    faults: Faults = field(default_factory=Faults)
    ledger: Ledger = field(default_factory=Ledger)
    permissions: set[str] = field(
        default_factory=lambda: {
            "ReadCallLog",
            "ReadPersonalContacts",
            "ReadPresenceStatus",
        }
    )
    validator: Validator | None = None
    complaints: list[str] = field(default_factory=list)
    on_request: OnRequest | None = None
    on_effect: OnRequest | None = None
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def limiter(self) -> Limiter:
        """The service user's rate limits. Every user has their own."""
        return self._limiter_of(self.people.service.extension_id)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, or lose the answer on purpose."""
        seen = self._see(request, await request.read())
        try:
            reply = await self._reply(request, seen)
            if reply.loss == "drip":
                return await drip(request, reply.seconds, self.closing)
            if reply.loss:
                await self._wait(reply.seconds, reply.loss)
                return _reset(request)
            if request.transport is None:  # the client has disconnected
                return self._response(reply)
            seen.status = reply.status
            seen.answered_at = self.clock.real()
            seen.answer = reply.body
            is_json = not reply.text and reply.garbage is None
            seen.off_spec = reply.off_spec or not is_json
            return self._response(reply)
        finally:
            self._judge(seen)

    async def _reply(self, request: web.Request, seen: Seen) -> Reply:
        fault = self.faults.take(seen.method, seen.path)
        limited = fault is not None and fault.kind == "limited"
        if fault is not None and fault.before_effect and not limited:
            failed = await self._fail(fault)
            if failed is not None:
                return failed
        if self.on_request is not None:
            await self.on_request(seen)
        reply = self._decide(request, seen, limited=limited)
        if reply.then is not None:
            reply = replace(await reply.then(), headers=reply.headers)
        if self.on_effect is not None:
            await self.on_effect(seen)
        if fault is not None and fault.kind == "absurd":
            return replace(reply, headers={**reply.headers, **fault.headers})
        if fault is not None and not fault.before_effect and not limited:
            failed = await self._fail(fault)
            if failed is not None:
                return failed
        return reply

    def _decide(self, request: web.Request, seen: Seen, *, limited: bool) -> Reply:
        """Execute the request if token, limits and permissions allow; return the answer.

        *limited* refuses it as if its limit were reached.
        """
        found, ids = self._find(seen)
        if found is None:
            return error(404, "CMN-120", "Invalid URI")
        now = self.clock.real()
        authorization = request.headers.get("Authorization", "")
        seen.group = found.group
        owner = self._owner(found, seen, authorization, now)
        if isinstance(owner, Reply):
            return owner
        seen.person = self.people.by_id(owner).handle
        limiter = self._limiter_of(owner)
        let = limiter.refuse if limited else limiter.admit
        verdict = let(found.group, now)
        seen.in_penalty = verdict.in_penalty
        seen.left = self.limiter.left(found.group, now)
        if not verdict.admitted:
            return too_many(verdict.headers)
        ask = Ask(
            seen=seen,
            ids=ids,
            base=f"{request.scheme}://{request.host}",
            now=now,
            owner=owner,
            limiter=limiter,
            authorization=authorization,
        )
        reply = self._forbidden(found, ask) or found.answer(ask)
        return _with_headers(reply, verdict.headers)

    def _owner(
        self, found: Route, seen: Seen, authorization: str, now: float
    ) -> str | Reply:
        """Return the extension id of the request's user, or the error if none is known."""
        if found.is_open:
            form = seen.body if isinstance(seen.body, dict) else {}
            return self.logins.owner_of(form)
        session = self.logins.session_of(authorization, now)
        return session if isinstance(session, Reply) else session.owner

    def _limiter_of(self, owner: str) -> Limiter:
        return self.limiters.of(self.logins.client_id, owner)

    def _find(self, seen: Seen) -> tuple[Route | None, dict[str, str]]:
        for one in self.routes:
            match = one.pattern.fullmatch(seen.path)
            if match and one.method == seen.method:
                return one, match.groupdict()
        return None, {}

    def _forbidden(self, found: Route, ask: Ask) -> Reply | None:
        if found.scope and found.scope not in self.logins.scopes:
            return no_scope(found.scope)
        if found.permission and found.permission not in self.permissions:
            return no_permission(found.permission)
        ids, person = ask.ids, self.people.asking(ask)
        if not person.knows(ids.get("account", ""), ids.get("extension", "")):
            return not_found("extensionId")
        return None

    def _see(self, request: web.Request, raw: bytes) -> Seen:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if "authorization" in headers:
            headers["authorization"] = headers["authorization"].partition(" ")[0]
        seen = Seen(
            time=self.clock.real(),
            method=request.method,
            path=request.path,
            query=parse_qs(request.rel_url.raw_query_string, keep_blank_values=True),
            body=_body(raw, headers.get("content-type", "")),
            headers=headers,
            connection_id=self.ledger.connection(request.transport),
        )
        self.ledger.requests.append(seen)
        return seen

    async def _fail(self, fault: Fault) -> Reply | None:
        """Return the answer that a fault causes; None if the usual one is sent."""
        if fault.kind == "slow":
            await self._wait(fault.seconds, fault.kind)
        if fault.kind in ("slow", "absurd"):
            return None
        if fault.kind == "status":
            plain = error(fault.status, "CMN-201", "Service Temporarily Unavailable")
            return _with_headers(plain, dict(fault.headers))
        if fault.kind == "garbage":
            return Reply(garbage=fault.body, headers=fault.headers)
        return Reply(loss=fault.kind, seconds=fault.seconds)

    async def _wait(self, seconds: float, kind: str) -> None:
        """Wait *seconds*, but no longer than the double runs; 0 for a hang without end."""
        if kind == "reset":
            return
        try:
            async with asyncio.timeout(seconds or None):
                await self.closing.wait()
        except TimeoutError:
            return

    def _response(self, reply: Reply) -> web.Response:
        headers = {"Date": format_datetime(self.clock.utc(), usegmt=True)}
        headers |= reply.headers
        if reply.garbage is not None:
            headers["Content-Type"] = "application/json"
            return web.Response(body=reply.garbage, headers=headers)
        if reply.text:
            return web.Response(
                status=reply.status,
                text=reply.text,
                headers=headers,
                content_type=reply.kind,
            )
        if reply.body is None:
            return web.Response(status=reply.status, headers=headers)
        text = json.dumps(reply.body)
        response = web.json_response(text=text, status=reply.status, headers=headers)
        if len(text) >= COMPRESS_FROM:
            response.enable_compression()
        return response

    def _judge(self, seen: Seen) -> None:
        found = self._find(seen)[0]
        if self.validator is None or (found is not None and found.is_page):
            return
        where = f"{seen.method} {seen.path}"
        self.complaints.extend(f"{where}: {one}" for one in self.validator(seen))


def _with_headers(reply: Reply, headers: dict[str, str]) -> Reply:
    return replace(reply, headers={**headers, **reply.headers})


def _reset(request: web.Request) -> web.Response:
    """Break the connection. The return value is for aiohttp; nothing is sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _body(raw: bytes, content_type: str) -> Any:
    if not raw:
        return None
    try:
        if "json" in content_type:
            return json.loads(raw)
        if "x-www-form-urlencoded" in content_type:
            return dict(parse_qsl(raw.decode(), keep_blank_values=True))
    except ValueError:
        return raw
    return raw
