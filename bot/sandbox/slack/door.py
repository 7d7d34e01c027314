"""The Slack double's HTTP handler: records, limits, executes and answers each call."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.sandbox.drip import drip
from bot.sandbox.slack.answers import Args, Json, Method, Problem, Reply
from bot.sandbox.slack.app import SlackApp, scope_list
from bot.sandbox.slack.faults import SlackFault, SlackFaults
from bot.sandbox.slack.ledger import RESPONSE_URL, Called, Changes, Complaint, TokenKind
from bot.sandbox.slack.limits import SlackLimiter
from bot.sandbox.slack.space import Space

OnCall = Callable[[Called], Awaitable[None]]
CheckCall = Callable[[str, Mapping[str, Any]], list[str]]
Effect = Callable[[Args], Reply]

DECODED = ("blocks", "metadata", "view", "attachments")
TOO_MANY = 429


class Lost(Exception):
    """Break the connection instead of answering."""


class Dripping(Exception):
    """Send a byte of an answer every so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(slots=True, kw_only=True)
class SlackDoor:
    """Handles Web API calls and posts to response_urls.

    Attributes:
        methods: The methods that are about no workspace; see also `Space.methods`.
        complaints: All that the validators have found wrong.
        check_call: Returns what is wrong with the arguments of a method (or of
            ``response_url`` or ``ack``).
        on_call: Awaited before a call is executed.
        on_effect: Awaited after a call is executed, before it is answered. Both hooks
            may raise `Lost`.
        closing: Set when the double stops; ends all hangs.
        monotonic: The clock, in seconds, of calls and rate limits.
    """

    app: SlackApp
    changes: Changes
    app_token: str = field(repr=False)
    methods: Mapping[str, Method] = field(default_factory=dict)
    faults: SlackFaults = field(default_factory=SlackFaults)
    calls: list[Called] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    check_call: CheckCall | None = None
    on_call: OnCall | None = None
    on_effect: OnCall | None = None
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    monotonic: Callable[[], float] = time.monotonic

    @property
    def limiter(self) -> SlackLimiter:
        """The first workspace's rate limits."""
        return self.app.home.limiter

    async def api(self, request: web.Request) -> web.StreamResponse:
        """Answer a Web API call."""
        method = request.match_info["method"]
        values, token = await _arguments(request)
        grant = self.app.grants.get(token)
        space = self.app.space_of(grant, values)
        called = Called(
            time=self.monotonic(),
            method=method,
            args=values,
            token_kind=self._kind(token),
            team=space.workspace.team if grant else "",
        )
        return await self._serve(
            request,
            called,
            space,
            lambda args: Reply(body=self._run(called, space, args, token)),
        )

    async def respond(
        self, request: web.Request, name: str, space: Space
    ) -> web.StreamResponse:
        """Answer a post to a response_url."""
        values, _ = await _arguments(request)
        called = Called(
            time=self.monotonic(),
            method=RESPONSE_URL,
            args={**values, "url": name},
            token_kind="none",  # noqa: S106 - a kind of token
            team=space.workspace.team,
        )
        return await self._serve(
            request, called, space, lambda args: space.urls.use(name, args)
        )

    def judge(self, what: str, body: Any) -> None:
        """Add what the validator finds wrong with *body* to `complaints`."""
        if self.check_call is not None:
            for problem in self.check_call(what, body):
                self.complaints.append(Complaint(what, problem, body))

    async def _serve(
        self, request: web.Request, called: Called, space: Space, effect: Effect
    ) -> web.StreamResponse:
        """Record one call, execute it, and send or lose its answer."""
        self.calls.append(called)
        self.judge(called.method, called.args)
        self.changes.tell()
        try:
            reply = await self._reply(called, space.limiter, effect)
        except Lost:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        except Dripping as dripping:
            return await drip(request, dripping.seconds, self.closing)
        called.status, called.answer = reply.status, reply.body
        called.error = called.error or reply.error
        called.answered = True
        self.changes.tell()
        headers = dict(reply.headers)
        if reply.garbage is not None:
            return web.Response(body=reply.garbage, headers=headers)
        if reply.body is None:
            return web.Response(status=reply.status, text=reply.text, headers=headers)
        headers["x-oauth-scopes"] = scope_list(space.rules.scopes)
        return web.json_response(reply.body, status=reply.status, headers=headers)

    async def _reply(
        self, called: Called, limiter: SlackLimiter, effect: Effect
    ) -> Reply:
        """Execute the call, unless a fault or a limit prevents it; return the answer."""
        fault = self.faults.take(called.method, called.args)
        if fault is not None and fault.before_effect:
            spoiled = await self._spoil(fault)
            if spoiled is not None:
                return spoiled
        if self.on_call is not None:
            await self.on_call(called)
        place = str(called.args.get("url") or called.args.get("channel") or "")
        wait = limiter.wait(called.method, place, self.monotonic())
        called.left = limiter.left(called.method, called.time)
        reply = _limited(wait) if wait else effect(Args(called.args))
        called.ok, called.error = not reply.error, reply.error
        self.changes.tell()
        if self.on_effect is not None:
            await self.on_effect(called)
        if fault is not None and not fault.before_effect:
            return await self._spoil(fault) or reply
        return reply

    async def _spoil(self, fault: SlackFault) -> Reply | None:
        """Return the answer that a fault causes; None for a delay alone."""
        match fault.kind:
            case "slow":
                await self._pause(fault.seconds)
                return None
            case "hang":
                await self._pause(fault.seconds or None)
                raise Lost
            case "reset":
                raise Lost
            case "drip":
                raise Dripping(fault.seconds)
            case "status":
                return Reply(status=fault.status, text="upstream error")
            case "ratelimited":
                return _limited(fault.retry_after)
            case "error":
                return Reply(body={"ok": False, "error": fault.error})
            case "garbage":
                kind = {
                    "Content-Type": fault.content_type,
                    "Content-Encoding": fault.encoding,
                }
                return Reply(garbage=fault.body, headers=kind)

    async def _pause(self, seconds: float | None) -> None:
        """Wait *seconds* (None: without end), but no longer than the double runs."""
        try:
            async with asyncio.timeout(seconds):
                await self.closing.wait()
        except TimeoutError:
            return

    def _run(self, called: Called, space: Space, args: Args, token: str) -> Json:
        """Run the method if token and scopes allow it; return its JSON or error."""
        try:
            method = self._admitted(called, space, token)
            return method.answer(Args(args.values, token))
        except Problem as problem:
            return problem.body

    def _admitted(self, called: Called, space: Space, token: str) -> Method:
        method = self.methods.get(called.method) or space.methods.get(called.method)
        if method is None:
            raise Problem("unknown_method", req_method=called.method)
        if method.token == "any":  # noqa: S105 - a kind of token
            return method
        if called.token_kind == "none":  # noqa: S105 - a kind of token
            raise Problem("not_authed")
        if called.token_kind == "other":  # noqa: S105 - a kind of token
            raise Problem("invalid_auth")
        grant = self.app.grants.get(token)
        if grant is not None and grant.refusal:
            raise Problem(grant.refusal)
        if space.rules.revoked:
            raise Problem("token_revoked")
        if method.token != called.token_kind:
            raise Problem("not_allowed_token_type")
        self.app.check_access(grant, called.args)
        space.rules.need(method.scope)
        return method

    def _kind(self, token: str) -> TokenKind:
        if not token:
            return "none"
        if token in self.app.grants:
            return "bot"
        return "app" if token == self.app_token else "other"


def _limited(wait: int | str) -> Reply:
    return Reply(
        status=TOO_MANY,
        body={"ok": False, "error": "ratelimited"},
        headers={"Retry-After": str(wait)},
    )


async def _arguments(request: web.Request) -> tuple[dict[str, Any], str]:
    """Return a call's arguments, decoded, and its token."""
    values: dict[str, Any] = {**request.query}
    if request.content_type == "application/json":
        values |= _object(await request.text())
    else:
        form = await request.post()
        values |= {
            name: value for name, value in form.items() if isinstance(value, str)
        }
    for name in DECODED:
        if isinstance(values.get(name), str):
            values[name] = _decoded(values[name])
    token = str(values.pop("token", "") or "")
    kind, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        return {**values, **_client(credentials)}, token
    return values, token or credentials.strip()


def _client(credentials: str) -> dict[str, str]:
    """Return client ID and secret from HTTP Basic authentication."""
    try:
        text = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return {}
    client_id, _, client_secret = text.partition(":")
    return {"client_id": client_id, "client_secret": client_secret}


def _object(text: str) -> Json:
    """Return the object in a JSON text; empty for anything else."""
    value = _decoded(text)
    return value if isinstance(value, dict) else {}


def _decoded(text: str) -> Any:
    """Return the value of a JSON text; the text itself if it is not JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


__all__ = ["RESPONSE_URL", "SlackDoor"]
