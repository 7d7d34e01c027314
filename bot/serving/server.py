"""The bot's HTTP server: health, metrics, and the handlers that others add."""

from __future__ import annotations

import asyncio
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from bot.serving.connections import (
    MOST_HELD,
    USUAL_PATIENCE,
    Connection,
    Crowd,
    Patience,
    follow_phases,
    most_connections,
)
from bot.serving.readiness import Readiness

LARGEST_BODY = 1_000_000
"""Bytes of the largest request body; Slack's payloads are far smaller."""

HEALTH, READY, METRICS = "/healthz", "/readyz", "/metrics"
ANSWER_WITHIN = 2.0
"""Seconds for the requests in flight when the server stops."""

ACCEPT_PART = 32
"""One turn of the event loop accepts at most the permitted connections divided by this. A
surplus connection takes about four turns to close."""

ACCEPT_QUEUE = 1024
"""Connections that the kernel keeps until they are accepted."""


class Server:
    """Listens on *host* and *port* from `open` to `shut`.

    *most* connections may be open, by default as many as the process has room for, and
    hold *most_bytes* of requests.
    """

    def __init__(
        self,
        host: str,
        port: int,
        readiness: Readiness,
        *,
        patience: Patience = USUAL_PATIENCE,
        most: int | None = None,
        most_bytes: int = MOST_HELD,
    ) -> None:
        self._host = host
        self._port = port
        self._readiness = readiness
        self._patience = patience
        self._most = most_connections() if most is None else most
        self._most_bytes = most_bytes
        self._application = web.Application(
            client_max_size=LARGEST_BODY, middlewares=[follow_phases]
        )
        self._application.router.add_get(HEALTH, self._alive)
        self._application.router.add_get(READY, self._ready)
        self._application.router.add_get(METRICS, self._metrics)
        self._runner: web.AppRunner | None = None
        self._listening: asyncio.Server | None = None
        self.address = ""

    def post(self, path: str, handler: Handler) -> None:
        """Have *handler* answer POSTs to *path*; call it before `open`."""
        self._application.router.add_post(path, handler)

    def get(self, path: str, handler: Handler) -> None:
        """Have *handler* answer GETs to *path*; call it before `open`."""
        self._application.router.add_get(path, handler)

    async def open(self) -> None:
        """Listen, and set ``address``. Raises OSError if the port is taken."""
        self._runner = web.AppRunner(self._application, shutdown_timeout=ANSWER_WITHIN)
        await self._runner.setup()
        self._listening = await self._listen(self._runner)
        host, port = self._listening.sockets[0].getsockname()[:2]
        name = f"[{host}]" if ":" in host else host
        self.address = f"http://{name}:{port}"

    async def shut(self) -> None:
        """Stop listening, and let the requests in flight end."""
        if self._listening is not None:
            self._listening.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> asyncio.Server:
        """Accept connections a few at a time, since each holds a descriptor at once.

        asyncio's backlog is the length of that step as well as of the kernel's queue,
        which has to be longer.
        """
        loop = asyncio.get_running_loop()
        crowd = Crowd[Connection](self._most, self._most_bytes)
        server = cast("web.Server", runner.server)
        listening = await loop.create_server(
            lambda: Connection(server, crowd, self._patience, loop),
            self._host,
            self._port,
            backlog=max(1, self._most // ACCEPT_PART),
        )
        for each in listening.sockets:
            with each.dup() as same:
                same.listen(ACCEPT_QUEUE)
        return listening

    async def _alive(self, _request: web.Request) -> web.StreamResponse:
        """Answer at all, which proves that the event loop runs."""
        return web.json_response({"ok": True})

    async def _ready(self, _request: web.Request) -> web.StreamResponse:
        report = await self._readiness.report()
        return web.json_response(report, status=200 if report["ok"] else 503)

    async def _metrics(self, _request: web.Request) -> web.StreamResponse:
        text = await self._readiness.figures()
        headers = {"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}
        return web.Response(body=text, headers=headers)
