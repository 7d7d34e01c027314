"""The part of the assembly for people's own accounts: connecting, upkeep, notices."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime

from bot.accounts.connecting import Connecting
from bot.accounts.disconnecting import Disconnecting
from bot.accounts.names import Names
from bot.accounts.pages import ConnectPages
from bot.accounts.registry import Accounts
from bot.accounts.upkeep import Upkeep
from bot.app.tempo import Tempo
from bot.background import Background
from bot.calls.call import Place
from bot.calls.overview import DisconnectResult
from bot.calls.people.person import Person
from bot.clock import Clock
from bot.errors import BotError, ChatBusy
from bot.ringcentral.transport.network import Network
from bot.serving.server import Server
from bot.settings.settings import Settings
from bot.slack.posting.board import Board
from bot.slack.posting.homes import Homes
from bot.slack.posting.marks import Mark, Marks
from bot.slack.posting.views import Views
from bot.slack.texts import account, forms
from bot.slack.texts.contact import Contact
from bot.slack.texts.text import Message
from bot.storage.people.connections import Connections
from bot.storage.people.linked import Linked
from bot.storage.people.notices import Notice
from bot.storage.people.pending_sign_ins import PendingSignIns
from bot.switchboard.policy import Policy
from bot.user_errors import StandingUnknown

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Slack:
    """The ways to tell people something; there once the bot has reached Slack."""

    board: Board
    marks: Marks
    homes: Homes
    views: Views


class People:
    """Connects people's accounts; does nothing without ``RINGOUT_SECRET_KEY``."""

    def __init__(
        self,
        settings: Settings,
        network: Network,
        connections: Connections,
        sign_ins: PendingSignIns,
        accounts: Accounts,
        disconnecting: Disconnecting,
        names: Names,
        clock: Clock,
        background: Background,
        *,
        policy: Policy,
        sign_in_ended: asyncio.Event,
        tempo: Tempo,
    ) -> None:
        self._settings = settings
        self._policy = policy
        self._region = settings.ringout_region
        self._accounts = accounts
        self._names = names
        self._background = background
        self._slack: _Slack | None = None
        self._admit: Callable[[Place], Awaitable[None]] | None = None
        self.connecting: Connecting | None = None
        self._upkeep: Upkeep | None = None
        if not settings.lets_connect:
            return
        self.connecting = Connecting(
            network,
            connections,
            sign_ins,
            accounts,
            disconnecting,
            clock,
            public_url=settings.public_url,
            region=settings.ringout_region,
            admit=self._check,
            connected=self._connected,
            moved=self._moved,
        )
        self._upkeep = Upkeep(
            connections,
            sign_ins,
            accounts,
            disconnecting,
            clock,
            self,
            sign_in_ended=sign_in_ended,
            every=tempo.upkeep,
            look_after=tempo.waits.look,
        )

    def admit_by(self, admit: Callable[[Place], Awaitable[None]]) -> None:
        """Have *admit* raise `UserError` for whoever may not use the bot."""
        self._admit = admit

    def add_to(self, server: Server) -> None:
        """Add the pages for connecting an account to *server*."""
        if self.connecting is not None and self.connecting.by_browser:
            ConnectPages(
                self.connecting,
                public_url=self._settings.public_url,
                server=self._settings.rc_server_url,
                contact=Contact(self._settings.ringout_admin_contact),
            ).add_to(server)

    def tell_by(self, board: Board, marks: Marks, homes: Homes, views: Views) -> None:
        """Use these from now on to tell people about their sign-ins."""
        self._slack = _Slack(board, marks, homes, views)

    def tasks(self) -> dict[str, Coroutine[None, None, None]]:
        """Return the tasks to run until the bot stops, by name."""
        return {} if self._upkeep is None else {"sign-ins": self._upkeep.run()}

    async def _check(self, person: Person) -> None:
        """Raise `UserError` unless *person* may connect now; see `Connecting`."""
        self._policy.check_user(_dm(person))
        if self._admit is None:
            raise StandingUnknown
        await self._admit(_dm(person))

    async def _connected(self, linked: Linked) -> None:
        await self._names.refresh(linked.id)
        caller = await self._accounts.of(linked.person)
        first = caller.choose(None, None, self._region).caller
        named = next((p.name for p in caller.phones if p.number == first), "")
        extension = linked.extension
        await self._tell(
            linked.person, account.connected(extension.name, extension.number, named)
        )

    def _moved(self, person: Person, form: str, then: str) -> None:
        """Have the form show that its link was used; see `Connecting`."""
        self._background.start(self._show(person, form, then), name="sign-in form")

    async def _show(self, person: Person, form: str, then: str) -> None:
        if self._slack is None:
            return
        view = forms.sign_in(account.in_browser(), then)
        if not then:
            view = forms.note(account.CONNECTED_FORM, account.NOW_CONNECTED)
        try:
            await self._slack.views.replace(_dm(person), form, view)
        except BotError as error:  # the person is told by a message too
            log.info("a sign-in's form was not changed: %s", type(error).__name__)

    async def disconnected(
        self, person: Person, by: str, ended: DisconnectResult
    ) -> None:
        """Tell somebody that the admin *by* has disconnected them; never raises."""
        message = account.disconnected(
            is_revoked=ended.is_revoked,
            is_retried=ended.is_retried,
            by_credential=ended.by_credential,
            by=by,
        )
        await self._tell(person, message)

    async def tell(self, linked: Linked, notice: Notice, *, before: float) -> None:
        """Post a notice to the person's DM; see `bot.accounts.upkeep.Teller`."""
        if self._slack is None:
            raise ChatBusy(1)
        self._slack.homes.changed(linked.person)
        message = account.ended(linked.broken_why)
        if notice is Notice.ENDING and linked.ends_at is not None:
            message = account.ending(linked.ends_at)
        place, mark = _dm(linked.person), _mark(linked, notice)
        await self._slack.marks.post(place, place.user, message, mark, before=before)
        if notice is Notice.ENDED:
            team = linked.person.team
            log.warning("a sign-in of team %s has ended: told once", team)

    async def is_told(self, linked: Linked, notice: Notice, since: datetime) -> bool:
        """Look for a notice in the DM; see `bot.accounts.upkeep.Teller`."""
        if self._slack is None:
            raise ChatBusy(1)
        marks, place = self._slack.marks, _dm(linked.person)
        channel = await marks.open_dm(place)
        mark = _mark(linked, notice)
        return await marks.find(place, channel, mark, since=since) is not None

    async def _tell(self, person: Person, message: Message) -> None:
        """Post *message* to the person's DM, where nobody else reads it."""
        if self._slack is None:
            return
        await self._slack.board.whisper(_dm(person), message)
        self._slack.homes.changed(person)


def _dm(person: Person) -> Place:
    return Place(person.team, "", person.user, person.enterprise)


def _mark(linked: Linked, notice: Notice) -> Mark:
    """Return a mark that differs from that of the person's next sign-in."""
    at = notice.about(linked)
    which = f"{linked.id} {at.timestamp():.0f}" if at else ""
    return Mark(f"ringout_sign_in_{notice}", "which", which)
