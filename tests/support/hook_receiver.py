"""A double of the hook's receiver: speaks real HTTP on 127.0.0.1, and misbehaves on order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

from bot.hooks.receiver import Target
from bot.sandbox.drip import drip

HOOK_SECRET = f"whsec_{'bmV3' * 8}"


@dataclass
class HookReceiver:
    """Verifies and keeps what it is sent.

    Attributes:
        answers: What to do with the next ones, in their order; 204 after the last. A
            number is a status; ``hangs``, ``drips`` and ``closes`` give no whole answer.
        events: The body of each event that was taken, by `webhook-id`, as often as it came.
        asked: How many requests came.
        taken: Called when an event was taken, before its answer.
    """

    url: str = ""
    answers: list[int | str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    asked: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    taken: Callable[[], None] = lambda: None

    @property
    def target(self) -> Target:
        """Where events are sent to reach it."""
        return Target(url=self.url, secrets=(HOOK_SECRET,), allow_private=True)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Take an event, or do as ordered."""
        self.asked += 1
        text = await request.text()
        event = Webhook(HOOK_SECRET).verify(text, dict(request.headers))
        order = self.answers.pop(0) if self.answers else 204
        if order == 204:
            self.events.append((request.headers["webhook-id"], event))
            self.taken()
        self.came.set()
        if order == "drips":
            return await drip(request, 0.01, self.closing)
        if order == "hangs":
            await self.closing.wait()
        if isinstance(order, str) and request.transport is not None:
            request.transport.abort()
        return web.Response(
            status=order if isinstance(order, int) else 200, headers=self.headers
        )


@asynccontextmanager
async def a_receiver() -> AsyncIterator[HookReceiver]:
    """Run one on 127.0.0.1."""
    made = HookReceiver()
    app = web.Application()
    app.router.add_post("/calls", made.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    made.url = f"http://127.0.0.1:{port}/calls?token=not-to-be-logged"
    try:
        yield made
    finally:
        made.closing.set()
        await runner.cleanup()
