"""The Slack double's parts, put together, and the address where they listen."""

from __future__ import annotations

import secrets
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from bot.sandbox.slack_chat import Chat
from bot.sandbox.slack_content import Checker
from bot.sandbox.slack_conversations import Conversations
from bot.sandbox.slack_delivery import CheckPayload, Deliveries
from bot.sandbox.slack_door import CheckCall, SlackDoor
from bot.sandbox.slack_ledger import Changes
from bot.sandbox.slack_limits import SlackLimiter, SlackLimits
from bot.sandbox.slack_messages import Messages
from bot.sandbox.slack_payloads import Payloads
from bot.sandbox.slack_people import Workspace
from bot.sandbox.slack_places import Places
from bot.sandbox.slack_rules import Rules
from bot.sandbox.slack_sockets import Sockets
from bot.sandbox.slack_team import Team
from bot.sandbox.slack_urls import LIFETIME, ResponseUrls
from bot.sandbox.slack_views import Triggers, Views


class SlackServer:
    """The server and its parts; `bot.sandbox.slack.SlackDouble` adds the strings."""

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
    ) -> None:
        self.bot_token = bot_token or f"xoxb-{secrets.token_hex(8)}"
        self.app_token = app_token or f"xapp-1-{secrets.token_hex(8)}"
        self.signing_secret = signing_secret or secrets.token_hex(16)
        self.api_url = ""
        self.changes = Changes()
        self.workspace = Workspace()
        self.rules = Rules()
        self._messages = Messages(self.workspace)
        self._checker = Checker(self.rules)
        triggers = Triggers(self.rules, self.workspace.team)
        self.sockets = Sockets(changes=self.changes, app=self.workspace.app)
        self.views = Views(self.workspace, self._checker, triggers)
        self.urls = ResponseUrls(self._messages, self._checker, LIFETIME / speed)
        payloads = Payloads(
            self.workspace, self._messages, self.urls, triggers, self.views
        )
        self.door = self._door(limits or SlackLimits.faster(speed), check_call)
        self.deliveries = self._deliveries(payloads, ack_timeout, check_payload)
        self._runner: web.AppRunner | None = None

    def _door(self, limits: SlackLimits, check_call: CheckCall | None) -> SlackDoor:
        places = Places(self.workspace, self.rules)
        chat = Chat(self.workspace, places, self._checker, self._messages)
        conversations = Conversations(self.workspace, places, self._messages)
        return SlackDoor(
            rules=self.rules,
            limiter=SlackLimiter(limits),
            changes=self.changes,
            bot_token=self.bot_token,
            app_token=self.app_token,
            methods={
                **Team(self.workspace, self.sockets.ticket).methods(),
                **chat.methods(),
                **conversations.methods(),
                **self.views.methods(),
            },
            check_call=check_call,
        )

    def _deliveries(
        self,
        payloads: Payloads,
        ack_timeout: float,
        check_payload: CheckPayload | None,
    ) -> Deliveries:
        return Deliveries(
            payloads=payloads,
            messages=self._messages,
            urls=self.urls,
            checker=self._checker,
            sockets=self.sockets,
            changes=self.changes,
            complaints=self.door.complaints,
            judge=self.door.judge,
            signing_secret=self.signing_secret,
            ack_timeout=ack_timeout,
            check_payload=check_payload,
        )

    async def start(self, port: int = 0) -> str:
        """Serve; return the Web API's address. What was known is kept over a `close`."""
        self.door.closing.clear()
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self.door.api)
        app.router.add_post("/response/{name:.+}", self._respond)
        app.router.add_get("/link/", self.sockets.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        bound = f"127.0.0.1:{self._runner.addresses[0][1]}"
        self.deliveries.session = aiohttp.ClientSession()
        self.urls.base = f"http://{bound}/response"
        self.sockets.address = f"ws://{bound}"
        self.api_url = f"http://{bound}/api/"
        return self.api_url

    async def close(self) -> None:
        """Stop serving; calls that hang are cut off."""
        self.door.closing.set()
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
        return await self.door.respond(
            request, name, lambda args: self.urls.use(name, args)
        )
