"""Socket Mode: receives Slack's payloads over a WebSocket, without a public address."""

from __future__ import annotations

import asyncio
import logging
import time

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.slack.entrances import bad_payload
from bot.slack.entrances.payload import ENVELOPE_HEADER, kind_of
from bot.telemetry.measures import Measures

log = logging.getLogger(__name__)

PING_EVERY = 5.0
"""Seconds. slack_sdk replaces a connection after four pings without an answer."""

SILENT_FOR = 30.0
"""Seconds without a connection after which we make a new one: the SDK's own monitor can
die together with its connection (python-slack-sdk, issue 1922)."""


class Socket(AsyncSocketModeHandler):
    """Bolt's handler, with each envelope's id for the listeners and a monitor of our own."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        measures: Measures,
        *,
        ping_interval: float = PING_EVERY,
    ) -> None:
        super().__init__(
            app, app_token, web_client=app.client, ping_interval=ping_interval
        )
        self._silent_for = SILENT_FOR * ping_interval / PING_EVERY
        self._measures = measures
        self._watch: asyncio.Task[None] | None = None
        self.connected_at = 0.0

    async def handle(  # type: ignore[override]  # as the handler it extends
        self, client: SocketModeClient, req: SocketModeRequest
    ) -> None:
        """Dispatch one envelope to Bolt, with its id in a header."""
        started = time.time()
        headers = dict(build_headers(req) or {}) | {ENVELOPE_HEADER: [req.envelope_id]}
        try:
            request = AsyncBoltRequest(
                mode="socket_mode", body=req.payload, headers=headers
            )
            response = await self.app.async_dispatch(request)
        except bad_payload.BOLT_ERRORS as error:
            bad_payload.note(error)
            return
        await send_async_response(client, req, response, started)
        self._measures.acked(kind_of(req.payload), time.time() - started)

    async def open(self) -> None:
        """Connect; return when Slack can send payloads."""
        await self.client.connect()  # type: ignore[no-untyped-call]
        self.connected_at = time.time()
        self._watch = asyncio.create_task(self._keep_alive(), name="socket watch")

    async def fresh(self) -> tuple[bool, float | None]:
        """Return whether the connection is alive, and the seconds since its last sign of life."""
        heard = max(self.client.last_ping_pong_time or 0.0, self.connected_at)
        age = time.time() - heard
        alive = await self.client.is_connected() and age < self._silent_for
        return alive, age

    async def shut(self) -> None:
        """Disconnect for good."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self.client.close()  # type: ignore[no-untyped-call]
        if self.client.current_session is not None:
            # aiohttp starts its heartbeat again when Slack answers our close.
            self.client.current_session._cancel_heartbeat()  # noqa: SLF001
        for task in (self.client.message_processor, self.client.message_receiver):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _keep_alive(self) -> None:
        """Make a new connection if there was none for `SILENT_FOR` seconds."""
        bad_since: float | None = None
        while True:
            await asyncio.sleep(self.client.ping_interval)
            if await self.client.is_connected():
                bad_since = None
                continue
            now = time.monotonic()
            bad_since = bad_since or now
            if now - bad_since < self._silent_for:
                continue
            log.warning("the connection to Slack is down; making a new one")
            bad_since = None
            try:
                await self.client.connect_to_new_endpoint(force=True)
            except Exception as error:  # noqa: BLE001 - the next round tries again
                log.warning("Slack can't be reached: %s", type(error).__name__)
