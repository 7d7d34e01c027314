"""Signed HTTP: the one path that Slack may call, and its signature check.

Bolt's own check answers 500 to a timestamp that is no number and logs the body of
what it refuses, so it is switched off and this one is used.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import Clock, SignatureVerifier

log = logging.getLogger(__name__)

PATH = "/slack/events"
LARGEST = 1_000_000
"""Bytes; Slack's payloads are far smaller."""

OLDEST = 300
"""Seconds; older is a replay, or a clock that is wrong."""

TIMESTAMP = re.compile(r"[0-9]{1,12}")
"""More digits than Python reads as a number would be a fault of ours, not a refusal."""


class SlackTime(Clock):
    """Slack's time, as far as we know it: this machine's clock may be wrong."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def now(self) -> float:
        """Return seconds since the epoch."""
        return self._now().timestamp()


class Door:
    """The bot's own HTTP server."""

    def __init__(
        self, app: AsyncApp, signing_secret: str, host: str, port: int, *,
        now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._app = app
        self._now = now
        self._verifier = SignatureVerifier(signing_secret, SlackTime(now))
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None
        self.address = ""

    async def open(self) -> None:
        """Listen; ``address`` then holds where. Raises OSError if the port is taken."""
        server = web.Application(client_max_size=LARGEST)
        server.router.add_post(PATH, self._receive)
        self._runner = web.AppRunner(server, access_log=None, shutdown_timeout=2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"http://{host}:{port}{PATH}"

    async def shut(self) -> None:
        """Stop listening once what came in is answered."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        if not self._is_signed(request, await request.read()):
            log.warning(
                "a request without Slack's valid signature was refused%s",
                self._age(request),
            )
            return web.Response(status=401, text="invalid signature")
        bolt_request = await to_bolt_request(request)
        return await to_aiohttp_response(await self._app.async_dispatch(bolt_request))

    def _age(self, request: web.Request) -> str:
        """Say how old it is, if that is what is wrong."""
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        if not TIMESTAMP.fullmatch(timestamp):
            return ""
        age = self._now().timestamp() - int(timestamp)
        return f": {age:.0f} s old" if abs(age) > OLDEST else ""

    def _is_signed(self, request: web.Request, body: bytes) -> bool:
        """Check Slack's signature and that it is younger than five minutes.

        Source: Slack docs, "Verifying requests from Slack".
        """
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not (TIMESTAMP.fullmatch(timestamp) and signature.isascii()):
            return False
        try:
            return bool(self._verifier.is_valid(body, timestamp, signature))
        except UnicodeDecodeError:  # Slack's bodies are UTF-8
            return False
