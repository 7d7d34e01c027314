"""How requests come in: Socket Mode or signed HTTP for Slack, HTTP for operators."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from slack_bolt.async_app import AsyncApp

from bot.clock import Clock
from bot.serving.connections import USUAL_PATIENCE, Patience
from bot.serving.readiness import Readiness
from bot.serving.server import Server
from bot.settings.settings import Settings
from bot.slack.entrances.http import Endpoint
from bot.slack.entrances.payload import EVENTS_PATH
from bot.slack.entrances.socket import Socket
from bot.slack.posting import arrival
from bot.slack.posting.spaces import Spaces
from bot.telemetry.measures import Measures

SHUT_WITHIN = 2.0
"""Seconds to close each of the two; a whole stop has ten."""


class Listener:
    """The Socket Mode connection or the HTTP endpoint, and the HTTP server if a port is set.

    The server listens from the start, so that a bot that waits for Slack does not look
    dead. Slack's requests are taken once there is an app.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        measures: Measures,
        *,
        ping_interval: float,
        patience: Patience = USUAL_PATIENCE,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._measures = measures
        self._ping_interval = ping_interval
        self._patience = patience
        self._door: Endpoint | None = None
        self._socket: Socket | None = None
        self.server: Server | None = None

    async def listen(
        self, readiness: Readiness, *pages: Callable[[Server], None]
    ) -> None:
        """Answer operators and browsers, if a port is set; *pages* add routes for browsers.

        Raises:
            OSError: The port is taken.
        """
        settings = self._settings
        if settings.port is None:
            return
        self.server = Server(
            settings.host, settings.port, readiness, patience=self._patience
        )
        if not settings.is_socket_mode:
            self._door = Endpoint(settings.slack_signing_secret, self._measures)
            self.server.post(EVENTS_PATH, self._door.receive)
        for add in pages:
            add(self.server)
        await self.server.open()

    async def open(self, app: AsyncApp, spaces: Spaces) -> Endpoint | Socket:
        """Let *app* answer Slack; return the endpoint or the socket."""
        if self._door is not None and self.server is not None:
            now = self._clock.now
            self._door.serve(app, self.server.address, now=lambda: now() + spaces.ahead)
            return self._door
        token = self._settings.slack_app_token
        socket = Socket(app, token, self._measures, ping_interval=self._ping_interval)
        socket.client.wss_uri = await arrival.socket_address(
            spaces.plain, token, self._clock
        )
        self._socket = socket
        await socket.open()
        return socket

    async def link(self) -> tuple[bool, float | None] | None:
        """Return whether the Socket Mode connection works, and seconds since its last pong.

        None with signed HTTP, which keeps no connection.
        """
        if not self._settings.is_socket_mode:
            return None
        return (False, None) if self._socket is None else await self._socket.fresh()

    async def shut(self) -> None:
        """Close both. Whatever goes wrong must not hold up the stop."""
        for each in (self._socket, self.server):
            if each is not None:
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(SHUT_WITHIN):
                        await each.shut()
