"""The page's server: its built files, a stream of changes, and a path for actions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from aiohttp import web

from bot.sandbox.hook import HookDouble
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.slack.double import Json, SlackDouble
from bot.sandbox.web.deeds import BadDeed, BotProcess, Deeds, stories
from bot.sandbox.web.guard import HEADERS, Guard
from bot.sandbox.web.picture import items
from bot.sandbox.web.room import Room
from bot.sandbox.web.stream import tell
from bot.sandbox.web.typed import Typed

LONGEST_BODY = 64 * 1024
CONTENT_TYPES = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "woff2": "font/woff2",
    "svg": "image/svg+xml",
    "txt": "text/plain",
}
INDEX = "index.html"


def files() -> dict[str, bytes]:
    """Return the page's files by name. The server serves no others."""
    folder = resources.files(__package__).joinpath("static")
    return {each.name: each.read_bytes() for each in folder.iterdir()}


@dataclass(slots=True, kw_only=True)
class WebServer:
    """Serves the page.

    Attributes:
        manifest: The Slack app's manifest: commands, names, tabs.
        hook: The other system that is told of calls.
        story: The story of calls until somebody chooses another.
    """

    slack: SlackDouble
    ringcentral: RingCentralDouble
    crew: BotProcess
    manifest: Mapping[str, Any]
    hook: HookDouble = field(default_factory=HookDouble)
    story: str = "driven"
    guard: Guard = field(default_factory=Guard)
    deeds: Deeds = field(init=False)
    _room: Room = field(init=False)
    _files: dict[str, bytes] = field(default_factory=files)
    _closing: asyncio.Event = field(default_factory=asyncio.Event)
    _runner: web.AppRunner | None = None

    def __post_init__(self) -> None:
        commands = self.manifest["features"]["slash_commands"]
        for person in [each for each in self.slack.workspace.users if not each.is_bot]:
            self.slack.app_dm(person.id)
        self._room = Room(self.slack, self.ringcentral, self.hook)
        self.deeds = Deeds(
            slack=self.slack,
            ringcentral=self.ringcentral,
            crew=self.crew,
            typed=Typed(self.slack, [each["command"] for each in commands]),
            story=self.story,
        )

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1; return the address of the page, token included."""
        app = web.Application(client_max_size=LONGEST_BODY)
        app.router.add_get("/{token}/events", self._events)
        app.router.add_post("/{token}/do", self._do)
        app.router.add_get("/{token}/{file:[a-z0-9.-]*}", self._file)
        app.router.add_route("*", "/{anything:.*}", _nothing)
        app.on_response_prepare.append(_add_headers)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.guard.host = f"127.0.0.1:{self._runner.addresses[0][1]}"
        return f"http://{self.guard.host}/{self.guard.token}/"

    async def close(self) -> None:
        """End the streams and stop listening."""
        self._closing.set()
        self.slack.changes.tell()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def picture(self) -> dict[str, Json]:
        """Return all that the page shows, as small items by key."""
        return {
            "app": {
                "bot": self.slack.workspace.bot.id,
                "speed": self.ringcentral.clock.speed,
                "manifest": self.manifest,
            },
            "stories": {"all": stories()},
            "story": {"name": self.deeds.story},
            "bot": self.crew.shown,
            **dict(items(self.slack)),
            **dict(self._room.items()),
        }

    async def _file(self, request: web.Request) -> web.StreamResponse:
        self.guard.check(request)
        name = request.match_info["file"] or INDEX
        found = self._files.get(name)
        if found is None:
            raise web.HTTPNotFound
        kind = CONTENT_TYPES.get(name.rpartition(".")[2], "application/octet-stream")
        charset = "utf-8" if kind.startswith("text/") else None
        return web.Response(body=found, content_type=kind, charset=charset)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        self.guard.check(request)
        return await tell(request, self.picture, self.slack.changes, self._closing)

    async def _do(self, request: web.Request) -> web.StreamResponse:
        self.guard.check(request)
        try:
            values = json.loads(await request.text())
            values = values if isinstance(values, dict) else {}
            return web.json_response(await self.deeds.do(values))
        except (ValueError, BadDeed) as error:
            return web.json_response({"problem": str(error)}, status=400)


async def _nothing(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPNotFound


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
