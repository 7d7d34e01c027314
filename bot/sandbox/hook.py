"""A double of another system, which the hook tells of calls: it checks and keeps its events."""

from __future__ import annotations

import base64
import contextlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

PATH = "/calls"
UNAUTHORIZED = 401


def new_hook_secret() -> str:
    """Return a secret as Standard Webhooks has them."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """A request that came.

    Attributes:
        time: When, in seconds of `time.monotonic`.
        message: Its ``webhook-id``, the same if it comes again.
        event: Its JSON; None if its signature is not good.
    """

    time: float
    message: str
    event: dict[str, Any] | None = field(repr=False)


@dataclass(slots=True)
class HookDouble:
    """Takes events at `url` while it is open.

    Attributes:
        received: All that came, the oldest first.
    """

    secret: str = field(default_factory=new_hook_secret, repr=False)
    url: str = field(default="", repr=False)
    received: list[ReceivedEvent] = field(default_factory=list)
    _runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen on 127.0.0.1."""
        app = web.Application()
        app.router.add_post(PATH, self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}{PATH}"

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _take(self, request: web.Request) -> web.Response:
        text = await request.text()
        event: dict[str, Any] | None = None
        with contextlib.suppress(WebhookVerificationError):
            event = Webhook(self.secret).verify(text, dict(request.headers))
        message = request.headers.get("webhook-id", "")
        self.received.append(ReceivedEvent(time.monotonic(), message, event))
        return web.Response(status=UNAUTHORIZED if event is None else 204)
