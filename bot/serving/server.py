"""The bot's HTTP server: health, metrics, and the handlers that others add."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from bot.serving.readiness import Readiness

LARGEST_BODY = 1_000_000
"""Bytes of the largest request body; Slack's payloads are far smaller."""

HEALTH, READY, METRICS = "/healthz", "/readyz", "/metrics"
ANSWER_WITHIN = 2.0
"""Seconds for the requests in flight when the server stops."""


class Server:
    """Listens on *host* and *port* from `open` to `shut`."""

    def __init__(self, host: str, port: int, readiness: Readiness) -> None:
        self._host = host
        self._port = port
        self._readiness = readiness
        self._application = web.Application(client_max_size=LARGEST_BODY)
        self._application.router.add_get(HEALTH, self._alive)
        self._application.router.add_get(READY, self._ready)
        self._application.router.add_get(METRICS, self._metrics)
        self._runner: web.AppRunner | None = None
        self.address = ""

    def post(self, path: str, handler: Handler) -> None:
        """Have *handler* answer POSTs to *path*; call it before `open`."""
        self._application.router.add_post(path, handler)

    def get(self, path: str, handler: Handler) -> None:
        """Have *handler* answer GETs to *path*; call it before `open`."""
        self._application.router.add_get(path, handler)

    async def open(self) -> None:
        """Listen, and set ``address``. Raises OSError if the port is taken."""
        self._runner = web.AppRunner(
            self._application, access_log=None, shutdown_timeout=ANSWER_WITHIN
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        name = f"[{host}]" if ":" in host else host
        self.address = f"http://{name}:{port}"

    async def shut(self) -> None:
        """Stop listening, and let the requests in flight end."""
        if self._runner is not None:
            await self._runner.cleanup()

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
