"""Assembles the Slack double's parts and serves them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from bot.sandbox.slack import page
from bot.sandbox.slack.app import SlackApp
from bot.sandbox.slack.app_events import AppEvents
from bot.sandbox.slack.auth import Auth
from bot.sandbox.slack.delivery import CheckPayload, Deliveries
from bot.sandbox.slack.door import CheckCall, SlackDoor
from bot.sandbox.slack.grants import Grant
from bot.sandbox.slack.ledger import Changes
from bot.sandbox.slack.limits import SlackLimits
from bot.sandbox.slack.oauth import OAuth
from bot.sandbox.slack.rules import SCOPES
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.space import Space
from bot.sandbox.slack.workspace import Workspace


class SlackServer:
    """The server and its parts. `SlackDouble` adds what tests call."""

    def __init__(
        self,
        *,
        bot_token: str = "",
        app_token: str = "",
        signing_secret: str = "",
        ack_timeout: float = 3.0,
        speed: float = 1.0,
        limits: SlackLimits | None = None,
        check_call: CheckCall | None = None,
        check_payload: CheckPayload | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app_token = app_token or f"xapp-1-{secrets.token_hex(8)}"
        self.signing_secret = signing_secret or secrets.token_hex(16)
        self.api_url = ""
        self.authorize_url = ""
        self.changes = Changes()
        self.app = SlackApp()
        self.oauth = OAuth(app=self.app)
        self.sockets = Sockets(changes=self.changes, app=self.app.id)
        self.door = SlackDoor(
            app=self.app,
            changes=self.changes,
            app_token=self.app_token,
            check_call=check_call,
            monotonic=monotonic,
        )
        self.deliveries = Deliveries(
            app=self.app,
            sockets=self.sockets,
            changes=self.changes,
            complaints=self.door.complaints,
            judge=self.door.judge,
            signing_secret=self.signing_secret,
            ack_timeout=ack_timeout,
            check_payload=check_payload,
        )
        self.app_events = AppEvents(self.app, self.deliveries)
        self.door.methods = Auth(
            self.app, self.sockets.ticket, self.oauth.exchange, self.app_events.end
        ).methods()
        self._limits = limits or SlackLimits.faster(speed)
        self._speed = speed
        self._base = ""
        self._runner: web.AppRunner | None = None
        self.bot_token = bot_token or f"xoxb-{secrets.token_hex(8)}"
        self.space = self._open(Workspace())
        bot, team = self.space.workspace.bot.id, self.space.workspace.team
        first = Grant(token=self.bot_token, bot=bot, team=team)
        self.app.hold(first, [self.space], SCOPES)

    def _open(self, workspace: Workspace) -> Space:
        """Add a workspace."""
        space = Space.of(workspace, self._limits, self._speed)
        space.urls.base = self._base
        self.app.spaces[workspace.team] = space
        return space

    async def start(self, port: int = 0) -> str:
        """Listen; return the Web API's URL. State survives `close` and a new `start`."""
        self.door.closing.clear()
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self.door.api)
        app.router.add_post("/response/{name:.+}", self._respond)
        app.router.add_get("/link/", self.sockets.serve)
        app.router.add_get("/oauth/v2/authorize", self._show)
        app.router.add_post("/oauth/v2/authorize", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        bound = f"127.0.0.1:{self._runner.addresses[0][1]}"
        self.deliveries.session = aiohttp.ClientSession()
        self._base = f"http://{bound}/response"
        for space in self.app.spaces.values():
            space.urls.base = self._base
        self.sockets.address = f"ws://{bound}"
        self.authorize_url = f"http://{bound}/oauth/v2/authorize"
        self.api_url = f"http://{bound}/api/"
        return self.api_url

    async def close(self) -> None:
        """Stop listening; cut off calls that hang."""
        self.door.closing.set()
        await self.app_events.settle()
        await self.sockets.cut()
        if self.deliveries.session is not None:
            await self.deliveries.session.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        return await self.door.respond(request, name, self.app.space_of_url(name))

    async def _show(self, request: web.Request) -> web.StreamResponse:
        return await page.show(self.oauth, request)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        answer = await page.answer(self.oauth, request)
        self.changes.tell()
        return answer
