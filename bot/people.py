"""The people's side of the assembly: sign-ins made, kept alive, told of, ended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from bot.accounts import Accounts
from bot.calls.call import Place
from bot.calls.person import Person
from bot.care import Care
from bot.clock import Clock
from bot.connecting import Connecting
from bot.pages import Pages
from bot.server import Server
from bot.settings import Settings
from bot.slack import connect
from bot.slack.board import Board
from bot.slack.home import Homes
from bot.slack.text import Message
from bot.storage.connections import Connections, Linked
from bot.storage.signins import SignIns

log = logging.getLogger(__name__)

Make = Callable[..., Connecting]
"""Makes a `Connecting`; given ``signins`` and ``connected``, as that names them."""


@dataclass(slots=True)
class _Slack:
    """What people are told by; there from the start of the bot on."""

    board: Board
    homes: Homes


class People:
    """Nothing of it is there where the operator has set no ``RINGOUT_SECRET_KEY``."""

    def __init__(
        self,
        settings: Settings,
        connections: Connections,
        signins: SignIns,
        accounts: Accounts,
        clock: Clock,
        make: Make,
    ) -> None:
        self._settings = settings
        self._region = settings.ringout_region
        self._accounts = accounts
        self._slack: _Slack | None = None
        self.connecting: Connecting | None = None
        self._care: Care | None = None
        if not settings.lets_connect:
            return
        self.connecting = make(signins=signins, connected=self._connected)
        self._care = Care(
            connections, signins, accounts, clock,
            ended=self._ended, ending=self._ending,
        )  # fmt: skip

    def add_to(self, server: Server) -> None:
        """Let *server* answer the browsers of those who sign in."""
        if self.connecting is not None and self.connecting.by_browser:
            Pages(
                self.connecting,
                public_url=self._settings.public_url,
                server=self._settings.rc_server_url,
            ).add_to(server)

    def tell_by(self, board: Board, homes: Homes) -> None:
        """Tell people of their sign-ins by these from now on."""
        self._slack = _Slack(board, homes)

    def tasks(self) -> dict[str, Coroutine[None, None, None]]:
        """Return what runs for as long as the bot does, by name."""
        return {} if self._care is None else {"sign-ins": self._care.run()}

    def broke(self) -> None:
        """See to it that somebody is told that their sign-in has ended."""
        if self._care is not None:
            self._care.hurry()

    async def _connected(self, linked: Linked) -> None:
        caller = await self._accounts.of(linked.person)
        first = caller.choose(None, None, self._region).caller
        named = next((p.name for p in caller.phones if p.number == first), "")
        extension = linked.extension
        await self._tell(
            linked.person, connect.connected(extension.name, extension.number, named)
        )

    async def _ended(self, linked: Linked) -> None:
        log.warning("a sign-in of team %s has ended: told once", linked.person.team)
        await self._tell(linked.person, connect.ended())

    async def _ending(self, linked: Linked) -> None:
        if linked.ends_at is not None:
            await self._tell(linked.person, connect.ending(linked.ends_at))

    async def _tell(self, person: Person, message: Message) -> None:
        """Say it in the person's DM: they may be anywhere, and nobody else reads it."""
        if self._slack is None:
            return
        place = Place(person.team, "", person.user, person.enterprise)
        await self._slack.board.whisper(place, message)
        self._slack.homes.changed(person)
