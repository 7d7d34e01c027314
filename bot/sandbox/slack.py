"""A Slack of our own on 127.0.0.1: for the demo, and to test against.

An imitation of what Slack documents: slack_bolt and slack_sdk work against it as they
are. A workspace with ann, bob and carl; #sales with the bot in it, #general and the
private #deals without.

    async with SlackDouble() as slack:
        ...                                   # a bot with slack.api_url and its tokens
        ack = await slack.command("ann", "sales", "/ringout", "+14155550142")
        card = await slack.until(lambda: slack.messages("sales"))
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
from aiohttp import web

from bot.sandbox.slack_answers import Json
from bot.sandbox.slack_chat import Chat
from bot.sandbox.slack_content import Checker
from bot.sandbox.slack_conversations import Conversations
from bot.sandbox.slack_delivery import Ack, Deliveries
from bot.sandbox.slack_door import RESPONSE_URL, SlackDoor
from bot.sandbox.slack_faults import SlackFaults
from bot.sandbox.slack_ledger import Called, Changes, Complaint
from bot.sandbox.slack_limits import SlackLimiter, SlackLimits
from bot.sandbox.slack_messages import Message, Messages, Private, elements
from bot.sandbox.slack_people import Workspace
from bot.sandbox.slack_places import Places
from bot.sandbox.slack_rules import Rules
from bot.sandbox.slack_sockets import Sockets
from bot.sandbox.slack_team import Team
from bot.sandbox.slack_urls import ResponseUrls
from bot.sandbox.slack_views import Triggers, Views

T = TypeVar("T")


class SlackDouble:
    """The double: a server, and the strings to pull.

    What belongs together is an attribute: `workspace` (people, channels), `rules`
    (scopes, settings), `door` (hooks, validator), `faults`, `sockets`, `deliveries`.
    """

    def __init__(
        self, *, ack_timeout: float = 3.0, limits: SlackLimits | None = None
    ) -> None:
        self.bot_token = f"xoxb-{secrets.token_hex(8)}"
        self.app_token = f"xapp-1-{secrets.token_hex(8)}"
        self.signing_secret = secrets.token_hex(16)
        self.workspace = Workspace()
        self.rules = Rules()
        self.changes = Changes()
        self._messages = Messages(self.workspace)
        checker = Checker(self.rules)
        self.sockets = Sockets(changes=self.changes, app=self.workspace.app)
        triggers = Triggers(self.rules, self.workspace.team)
        places = Places(self.workspace, self.rules)
        self.views = Views(self.workspace, checker, triggers)
        self._urls = ResponseUrls(self._messages, checker)
        methods = (
            Team(self.workspace, self.sockets.ticket).methods()
            | Chat(self.workspace, places, checker, self._messages).methods()
            | Conversations(self.workspace, places, self._messages).methods()
            | self.views.methods()
        )
        self.door = SlackDoor(
            rules=self.rules,
            limiter=SlackLimiter(limits or SlackLimits()),
            changes=self.changes,
            bot_token=self.bot_token,
            app_token=self.app_token,
            methods=methods,
        )
        self.deliveries = Deliveries(
            workspace=self.workspace,
            messages=self._messages,
            urls=self._urls,
            triggers=triggers,
            sockets=self.sockets,
            changes=self.changes,
            complaints=self.door.complaints,
            signing_secret=self.signing_secret,
            ack_timeout=ack_timeout,
        )
        self._runner: web.AppRunner | None = None
        self.api_url = ""

    @property
    def faults(self) -> SlackFaults:
        """What is to go wrong."""
        return self.door.faults

    @property
    def calls(self) -> list[Called]:
        """Every Web API call and post to a response_url, the oldest first."""
        return self.door.calls

    @property
    def complaints(self) -> list[Complaint]:
        """What the validators found wrong."""
        return self.door.complaints

    async def start(self, port: int = 0) -> str:
        """Serve; return the Web API's address. What was known is kept over a `close`."""
        self.door.closing.clear()
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self.door.api)
        app.router.add_post("/response/{name}", self._respond)
        app.router.add_get("/link/", self.sockets.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        bound = self._runner.addresses[0][1]
        self.deliveries.base = f"http://127.0.0.1:{bound}"
        self.deliveries.session = aiohttp.ClientSession()
        self.sockets.address = f"ws://127.0.0.1:{bound}"
        self.api_url = f"http://127.0.0.1:{bound}/api/"
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

    async def command(
        self, user: str, channel: str, command: str, text: str = "", *,
        trigger_id: str | None = None,
    ) -> Ack:  # fmt: skip
        """Have *user* type a command in *channel*; return the bot's ack."""
        return await self.deliveries.bring(
            self.deliveries.command(
                self.workspace.user(user),
                self.workspace.channel(channel),
                command,
                text,
                trigger_id,
            )
        )

    async def click(
        self, user: str, message: Message, action_id: str, *,
        trigger_id: str | None = None,
    ) -> Ack:  # fmt: skip
        """Have *user* press a button of *message*; KeyError if it is not there."""
        for block_id, element in elements(message.blocks):
            if element["action_id"] == action_id:
                return await self.deliveries.bring(
                    self.deliveries.click(
                        self.workspace.user(user),
                        message,
                        block_id,
                        element,
                        trigger_id,
                    )
                )
        raise KeyError(action_id)

    async def redeliver(self, retry: int = 1) -> Ack:
        """Deliver once more what was delivered last, with the same envelope id."""
        if self.deliveries.last is None:
            raise KeyError("nothing was delivered")
        return await self.deliveries.bring(self.deliveries.last, retry=retry)

    def messages(self, channel: str) -> list[Message]:
        """Return the roots in a channel (id or name), the oldest first."""
        found = self._messages.of(self.workspace.channel(channel).id)
        return [one for one in found if not one.thread_ts]

    def thread(self, root: Message) -> list[Message]:
        """Return the replies under *root*."""
        return self._messages.replies(root.channel, root.ts)

    def dm(self, user: str) -> list[Message]:
        """Return what stands in a person's DM with the app."""
        channel, _ = self.workspace.app_dm(self.workspace.user(user))
        return [one for one in self._messages.of(channel.id) if not one.thread_ts]

    def private(self, user: str) -> list[Private]:
        """Return what *user* alone has seen."""
        person = self.workspace.user(user)
        return [
            one
            for one in self._messages.privates
            if one.user == person.id and not one.deleted
        ]

    def everything(self) -> list[Message]:
        """Return every message, private ones too."""
        return [*self._messages.all, *self._messages.privates]

    async def until(self, predicate: Callable[[], T], seconds: float = 10.0) -> T:
        """Wait until *predicate* is true; return what it returned."""
        return await self.changes.until(predicate, seconds)

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        try:
            values: Mapping[str, Any] = dict(await request.json())
        except ValueError:
            values = {}
        name = request.match_info["name"]
        called = Called(
            time=time.monotonic(),
            method=RESPONSE_URL,
            args={**values, "url": name},
            token_kind="none",  # noqa: S106 - a kind
        )
        return await self.door.serve(
            request, called, lambda args: self._urls.use(name, args)
        )


__all__ = ["Ack", "Complaint", "Json", "SlackDouble"]
