"""Signed HTTP: answers the requests that Slack sends to a public address.

Bolt's own check of signatures answers 500 to a timestamp that is not a number, and logs
the body of what it refuses. So it is switched off, and this one is used.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import Clock, SignatureVerifier

from bot.slack.entrances import bad_payload
from bot.slack.entrances.payload import EVENTS_PATH, kind_of
from bot.telemetry.measures import Measures

log = logging.getLogger(__name__)

OLDEST_REQUEST = 300
"""Seconds. An older request is a replay, or a clock is wrong."""

SECONDS_SINCE_EPOCH = re.compile(r"[0-9]{1,12}")
"""The form of ``X-Slack-Request-Timestamp``: `int` raises on thousands of digits."""


class SlackTime(Clock):
    """Slack's time, for slack_sdk: this machine's clock may be wrong."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def now(self) -> float:
        """Return seconds since the epoch."""
        return self._now().timestamp()


class Endpoint:
    """Answers Slack's POST requests, which `bot.serving.server` receives."""

    def __init__(self, signing_secret: str, measures: Measures) -> None:
        self._app: AsyncApp | None = None
        self._secret = signing_secret
        self._measures = measures
        self.address = ""

    def serve(
        self, app: AsyncApp, address: str, *, now: Callable[[], datetime]
    ) -> None:
        """Let *app* answer from now on. *address* is the server's; *now* is Slack's time."""
        self._now = now
        self._verifier = SignatureVerifier(self._secret, SlackTime(now))
        self.address = f"{address}{EVENTS_PATH}"
        self._app = app

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Answer one request; with 503 until `serve` was called."""
        if self._app is None:
            return web.Response(status=503, text="starting")
        begun = time.monotonic()
        if not self._is_signed(request, await request.read()):
            log.warning(
                "a request without Slack's valid signature was refused%s",
                self._age(request),
            )
            return web.Response(status=401, text="invalid signature")
        try:
            bolt_request = await to_bolt_request(request)
            response = await self._app.async_dispatch(bolt_request)
        except bad_payload.BOLT_ERRORS as error:
            bad_payload.note(error)
            return web.Response(status=HTTPStatus.BAD_REQUEST, text="not a payload")
        kind = kind_of(bolt_request.body)
        self._measures.acked(kind, time.monotonic() - begun)
        return await to_aiohttp_response(response)

    def _age(self, request: web.Request) -> str:
        """Return the age of a refused request for the log, if it is too old."""
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        if not SECONDS_SINCE_EPOCH.fullmatch(timestamp):
            return ""
        age = self._now().timestamp() - int(timestamp)
        return f": {age:.0f} s old" if abs(age) > OLDEST_REQUEST else ""

    def _is_signed(self, request: web.Request, body: bytes) -> bool:
        """Return whether the signature is Slack's and not older than five minutes.

        Source: Slack docs, "Verifying requests from Slack".
        """
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not (SECONDS_SINCE_EPOCH.fullmatch(timestamp) and signature.isascii()):
            return False
        try:
            return bool(self._verifier.is_valid(body, timestamp, signature))
        except UnicodeDecodeError:  # Slack's bodies are UTF-8
            return False
