"""How commands come in, by Socket Mode or signed HTTP, and what operators can ask."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from slack_bolt.async_app import AsyncApp

from bot.clock import Clock
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
"""Seconds for each at a stop, whose ten are shared with much else."""


class Listener:
    """The door or the socket, and the HTTP server where there is one.

    The server listens from the start, so that a bot that still waits for Slack is not
    taken for dead; the door is served, or the socket made, once there is an app.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        measures: Measures,
        *,
        ping_interval: float,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._measures = measures
        self._ping_interval = ping_interval
        self._door: Endpoint | None = None
        self._socket: Socket | None = None
        self.server: Server | None = None

    async def listen(
        self, readiness: Readiness, *pages: Callable[[Server], None]
    ) -> None:
        """Answer operators and browsers, if a port is set; *pages* add what the latter see.

        Raises OSError if it is taken.
        """
        settings = self._settings
        if settings.port is None:
            return
        self.server = Server(settings.host, settings.port, readiness)
        if not settings.is_socket_mode:
            self._door = Endpoint(settings.slack_signing_secret, self._measures)
            self.server.post(EVENTS_PATH, self._door.receive)
        for add in pages:
            add(self.server)
        await self.server.open()

    async def open(self, app: AsyncApp, spaces: Spaces) -> Endpoint | Socket:
        """Let *app* answer Slack; return what it comes in by."""
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
        """Return whether Socket Mode's connection is fresh, and its age.

        None with signed HTTP, which has no connection of its own.
        """
        if not self._settings.is_socket_mode:
            return None
        return (False, None) if self._socket is None else await self._socket.fresh()

    async def shut(self) -> None:
        """Let nothing more in; nothing may keep a stop from ending."""
        for each in (self._socket, self.server):
            if each is not None:
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(each.shut(), timeout=SHUT_WITHIN)
