"""The Slack double's HTTP side: each call is seen, let in or not, answered or lost."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.sandbox.slack_answers import Args, Json, Method, Problem, Reply
from bot.sandbox.slack_faults import SlackFault, SlackFaults
from bot.sandbox.slack_ledger import RESPONSE_URL, Called, Changes, Complaint, TokenKind
from bot.sandbox.slack_limits import SlackLimiter
from bot.sandbox.slack_rules import Rules

Hook = Callable[[Called], Awaitable[None]]
CheckCall = Callable[[str, Mapping[str, Any]], list[str]]
DECODED = ("blocks", "metadata", "view", "attachments")
Effect = Callable[[Args], Reply]


class Lost(Exception):
    """The answer is not to leave: the connection is cut."""


@dataclass(slots=True, kw_only=True)
class SlackDoor:
    """Lets calls in, one by one.

    Attributes:
        on_call: Awaited before a call has its effect.
        on_effect: Awaited when it had it, before the answer leaves.
        check_call: Names what is wrong with a call's arguments.
    """

    rules: Rules
    limiter: SlackLimiter
    changes: Changes
    bot_token: str
    app_token: str
    methods: Mapping[str, Method]
    faults: SlackFaults = field(default_factory=SlackFaults)
    calls: list[Called] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    check_call: CheckCall | None = None
    on_call: Hook | None = None
    on_effect: Hook | None = None
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def api(self, request: web.Request) -> web.StreamResponse:
        """Answer a Web API call."""
        method = request.match_info["method"]
        values, token = await _arguments(request)
        called = Called(
            time=time.monotonic(), method=method, args=values,
            token_kind=self._kind(token),
        )  # fmt: skip
        if self.check_call is not None:
            for problem in self.check_call(method, values):
                self.complaints.append(Complaint(method, problem, values))
        return await self.serve(
            request, called, lambda args: Reply(body=self._run(called, args))
        )

    async def serve(
        self, request: web.Request, called: Called, effect: Effect
    ) -> web.StreamResponse:
        """Let one call in: hooks, limits, faults, effect, answer."""
        self.calls.append(called)
        if self.on_call is not None:
            await self.on_call(called)
        fault = self.faults.take(called.method, called.args)
        try:
            reply = await self._reply(called, effect, fault)
        except Lost:
            if request.transport is not None:
                request.transport.abort()
            self.changes.tell()
            return web.Response()
        called.status, called.error = reply.status, reply.error
        called.answer = reply.body
        self.changes.tell()
        called.answered = True
        if reply.body is not None:
            headers = {"x-oauth-scopes": ",".join(sorted(self.rules.scopes))}
            return web.json_response(
                reply.body, status=reply.status, headers=headers | dict(reply.headers)
            )
        return web.Response(
            status=reply.status, text=reply.text, headers=dict(reply.headers)
        )

    async def _reply(
        self, called: Called, effect: Effect, fault: SlackFault | None
    ) -> Reply:
        """Have the effect, unless a limit or a fault comes before it."""
        if fault is not None and fault.before_effect and fault.kind != "slow":
            return await self._spoiled(fault)
        place = str(called.args.get("channel") or called.args.get("url") or "")
        wait = self.limiter.wait(called.method, place, time.monotonic())
        if wait:
            return _limited(wait)
        reply = effect(Args(called.args))
        called.ok = not reply.error
        self.changes.tell()
        if self.on_effect is not None:
            await self.on_effect(called)
        if fault is not None:
            if fault.kind == "slow":
                await self._pause(fault.seconds)
            else:
                return await self._spoiled(fault)
        return reply

    async def _spoiled(self, fault: SlackFault) -> Reply:
        match fault.kind:
            case "hang":
                await self._pause(fault.seconds or 3600)
                raise Lost
            case "reset":
                raise Lost
            case "status":
                return Reply(status=fault.status, text="upstream error")
            case "ratelimited":
                return _limited(fault.retry_after)
            case _:
                return Reply(body={"ok": False, "error": fault.error})

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.closing.wait(), timeout=seconds)
        except TimeoutError:
            return

    def _run(self, called: Called, args: Args) -> Json:
        """Run the method, if the caller may."""
        method = self.methods.get(called.method)
        try:
            return self._admitted(called, method).answer(args)
        except Problem as problem:
            return problem.body

    def _admitted(self, called: Called, method: Method | None) -> Method:
        if method is None:
            raise Problem("unknown_method", req_method=called.method)
        if called.token_kind == "none":  # noqa: S105 - a kind
            raise Problem("not_authed")
        if self.rules.revoked:
            raise Problem("token_revoked")
        if called.token_kind == "other":  # noqa: S105 - a kind
            raise Problem("invalid_auth")
        if method.token not in ("any", called.token_kind):
            raise Problem("not_allowed_token_type")
        self.rules.need(method.scope)
        return method

    def _kind(self, token: str) -> TokenKind:
        if not token:
            return "none"
        return {self.bot_token: "bot", self.app_token: "app"}.get(token, "other")  # type: ignore[return-value]


def _limited(wait: int) -> Reply:
    return Reply(
        status=429,
        body={"ok": False, "error": "ratelimited"},
        headers={"Retry-After": str(wait)},
    )


async def _arguments(request: web.Request) -> tuple[dict[str, Any], str]:
    """Return a call's decoded arguments, and its token."""
    values: dict[str, Any] = {}
    if request.content_type == "application/json":
        try:
            values = dict(await request.json())
        except ValueError:
            values = {}
    else:
        values = {name: str(value) for name, value in (await request.post()).items()}
    values = dict(request.query) | values
    for name in DECODED:
        if isinstance(values.get(name), str):
            try:
                values[name] = json.loads(values[name])
            except ValueError:
                continue
    token = str(values.pop("token", "") or "")
    header = request.headers.get("Authorization", "")
    return values, token or header.removeprefix("Bearer ").strip()


__all__ = ["RESPONSE_URL", "SlackDoor"]
