"""The Slack workspaces that the bot serves: one, by its token, or all that installed it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Protocol

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.background import Background
from bot.calls.people.installation import Installation
from bot.calls.people.person import Person
from bot.calls.people.standing import ADMITTED
from bot.clock import Clock
from bot.errors import BotError, ChatBusy, ChatError, StoreUnavailable
from bot.serving.server import Server
from bot.settings.settings import Settings
from bot.slack.entrances.adapter import ACK_WITHIN
from bot.slack.entrances.event import SlackEvent
from bot.slack.entrances.events import AfterAck, EventHandler, Events
from bot.slack.posting import web
from bot.slack.posting.admission import ASK_WITHIN, Admission
from bot.slack.posting.arrival import SLACK_CLOCK_SKEW
from bot.slack.posting.channels import Channels
from bot.slack.posting.facts import SlackFacts
from bot.slack.posting.profiles import Profiles
from bot.slack.posting.spaces import LOOKUP_RETRY, ManySpaces, OneSpace, Spaces
from bot.slack.texts.contact import Contact
from bot.storage.database.writer import Writer
from bot.storage.people.installations import Installations
from bot.storage.people.pending_sign_ins import PendingSignIns
from bot.telemetry.measures import Measures
from bot.vault import Undecryptable, Vault
from bot.workspaces.installing import Installing
from bot.workspaces.pages import INSTALL_PATH, InstallPages

log = logging.getLogger(__name__)

RETRY_REMOVAL_AFTER = 10.0
"""Seconds between tries to erase a workspace's data while the database is away."""


class PeopleLeft(Protocol):
    """Disconnects people who have left: everybody in a workspace, or one *user*.

    An empty *team* means the whole organization. Everything is stored when this returns,
    so that the event can be acked. It may be called again for the same people.
    """

    async def __call__(self, enterprise: str, team: str, user: str = "") -> object: ...


class Workspaces:
    """Serves workspaces: makes their clients, installs the app, removes it.

    Attributes:
        profiles: What people have written into their profiles there.
        admission: Who is let in, and who is a guest.
        facts: What rules on calls have to ask Slack.
    """

    def __init__(
        self,
        settings: Settings,
        session: aiohttp.ClientSession,
        writer: Writer,
        clock: Clock,
        background: Background,
        measures: Measures | None = None,
        *,
        people_left: PeopleLeft,
        tell_of: Callable[[Person], Awaitable[None]],
        ask_within: float = ASK_WITHIN,
    ) -> None:
        self._settings = settings
        self._session = session
        self._clock = clock
        self._background = background
        self._measures = measures
        self._people_left = people_left
        self._tell_of = tell_of
        vault = Vault(settings.ringout_secret_key)
        self.installations = Installations(writer, vault)
        self._sign_ins = PendingSignIns(writer, vault)
        self._spaces: OneSpace | ManySpaces
        if settings.is_for_any_workspace:
            self._spaces = ManySpaces(
                self.installations.find, self.client, self._token_revoked
            )
        else:
            self._spaces = OneSpace(self.client(settings.slack_bot_token))
        self.profiles = Profiles(self._spaces, clock)
        self.admission = Admission(
            self._spaces,
            self.profiles,
            clock,
            background,
            guests=settings.ringout_guests,
            ask_within=ask_within,
        )
        self.facts = SlackFacts(
            self.admission,
            Channels(self._spaces, clock, within=ask_within),
            self.profiles,
            within=ask_within,
        )

    def client(
        self, token: str, on_revoked: Callable[[], Awaitable[None]] | None = None
    ) -> AsyncWebClient:
        """Return a client; *on_revoked* is called when Slack says its token is revoked."""
        api_url = self._settings.slack_api_url
        return web.client(token, api_url, self._session, self._measures, on_revoked)

    @property
    def spaces(self) -> Spaces:
        """The workspaces as the rest of the bot sees them."""
        return self._spaces

    async def space_named(self, workspace: str) -> tuple[str, str] | None:
        """Return the enterprise and team of a workspace; None if the bot does not serve it.

        *workspace* is its id or its organization's; empty for the bot's one workspace.

        Raises:
            ChatBusy: That can't be read at the moment.
        """
        if isinstance(self._spaces, OneSpace):
            return self._spaces.space_named(workspace)
        try:
            return await self.installations.space_named(workspace)
        except StoreUnavailable:
            raise ChatBusy(LOOKUP_RETRY) from None

    async def teams(self) -> list[tuple[str, str]]:
        """Return the workspaces that the bot serves, each after its organization.

        Those of an organization that has installed the app as a whole are not listed.

        Raises:
            ChatBusy, StoreUnavailable: They can't be read at the moment.
        """
        if isinstance(self._spaces, OneSpace):
            mine = self._spaces.space_named("")
            return [mine] if mine is not None and mine[1] else []
        return await self.installations.teams()

    @property
    def install_url(self) -> str:
        """Where people install the app in a browser; empty if the bot serves one workspace."""
        many = self._settings.is_for_any_workspace
        return f"{self._settings.public_url}{INSTALL_PATH}" if many else ""

    def add_to(self, server: Server) -> None:
        """Serve the pages that install the app, if the bot serves any workspace."""
        if not self._settings.is_for_any_workspace:
            return
        installing = Installing(
            self._settings,
            self._spaces.plain,
            self.client,
            self.installations,
            self._sign_ins,
            self._clock,
        )
        contact = Contact(self._settings.ringout_admin_contact)
        InstallPages(installing, self._settings.public_url, contact).add_to(server)

    async def arrive(self) -> None:
        """Reach Slack; finish removals that a process began before it died.

        Raises `errors.CredentialsRefused`.
        """
        await self._spaces.arrive(self._clock)
        for enterprise, team in await self.installations.left():
            self._start_removal(enterprise, team)

    def events(
        self, more: Mapping[str, EventHandler], ack_within: float = ACK_WITHIN
    ) -> Events:
        """Return the dispatcher of events; *more* are the handlers of other parts."""
        mine: dict[str, EventHandler] = {
            "app_uninstalled": self._uninstalled,
            "tokens_revoked": self._revoked,
            "team_access_revoked": self._access_revoked,
            "user_change": self._user_changed,
        }
        return Events(self._background, mine | dict(more), ack_within)

    async def _uninstalled(self, event: SlackEvent) -> AfterAck | None:
        """Mark the workspace's token as unusable, for all processes at once."""
        if not self._settings.is_for_any_workspace:
            if await self._is_good(self._settings.slack_bot_token):
                return None
            await self._people_left(event.enterprise, event.team)
            return None
        for enterprise, team in _places(event):
            if await self._is_newer(event, enterprise, team):
                log.info("an old event of an uninstall has no effect any more")
                return None
            if await self.installations.leave(enterprise, team, self._clock.now()):
                return partial(self._remove, enterprise, team)
        return None

    async def _revoked(self, event: SlackEvent) -> AfterAck | None:
        """Do the same for the bot's token; disconnect people whose tokens were revoked."""
        if event.bots:
            return await self._uninstalled(event)
        left = self._people_left
        await asyncio.gather(
            *(left(event.enterprise, event.team, each) for each in event.people)
        )
        return None

    async def _user_changed(self, event: SlackEvent) -> AfterAck | None:
        """Learn who is a guest now; disconnect a person who was deactivated.

        An organization deactivates people in all its workspaces at once. Slack reports
        every change of a profile, so the other processes are told only of who is no
        member: whoever is one again is believed by them within `STANDING_KEPT_FOR`.
        """
        person, profile = event.place.person, event.profile
        self.admission.changed(person, profile)
        if profile is not None and profile.standing not in ADMITTED:
            await self._tell_of(person)
        if event.deleted and event.user:
            team = "" if event.enterprise else event.team
            await self._people_left(event.enterprise, team, event.user)
        return None

    async def _access_revoked(self, event: SlackEvent) -> AfterAck | None:
        """Disconnect the people of workspaces that left an organization."""
        left = self._people_left
        await asyncio.gather(*(left(event.enterprise, each) for each in event.teams))
        return None

    async def _is_newer(self, event: SlackEvent, enterprise: str, team: str) -> bool:
        """Return whether the app was installed again after *event*.

        Slack repeats events for minutes. If the two times are too close to compare two
        clocks, the token itself is tried.
        """
        try:
            found = await self.installations.find(enterprise, team)
        except Undecryptable:
            return False
        if found is None or (found.enterprise, found.team) != (enterprise, team):
            return False
        if event.at - found.installed_at.timestamp() > SLACK_CLOCK_SKEW:
            return False
        return await self._is_good(found.token)

    async def _is_good(self, token: str) -> bool:
        try:
            await web.ask(self.client(token).auth_test())
        except ChatError as error:
            log.info("Slack refuses the token, so the uninstall is true: %s", error)
            return False
        return True

    async def _token_revoked(self, installation: Installation) -> None:
        """Slack refuses a token as revoked, and no event has reported it."""
        enterprise, team = installation.enterprise, installation.team
        token, now = installation.token, self._clock.now()
        try:
            gone = await self.installations.leave(enterprise, team, now, token=token)
        except BotError:  # the next request that Slack refuses comes here again
            log.info("workspace %s: can't be removed yet", installation.where)
            return
        if gone:
            log.warning(
                "workspace %s: Slack says its token is revoked", installation.where
            )
            self._start_removal(enterprise, team)

    def _start_removal(self, enterprise: str, team: str) -> None:
        work = self._remove(enterprise, team)
        self._background.start(work, name="a workspace's removal")

    async def _remove(self, enterprise: str, team: str) -> None:
        """Do `_remove_once`, again and again until the database stores it.

        If the process dies meanwhile, the next start does it.
        """
        while True:
            try:
                await self._remove_once(enterprise, team)
            except StoreUnavailable:
                log.info("workspace %s/%s waits for the database", enterprise, team)
                await self._clock.sleep(RETRY_REMOVAL_AFTER)
            else:
                return

    async def _remove_once(self, enterprise: str, team: str) -> None:
        """Erase an installation; disconnect its people unless another one covers them."""
        if await self.installations.find(enterprise, team) is None:
            log.info("workspace %s/%s has left", enterprise, team)
            await self._people_left(enterprise, team)
        await self.installations.erase(enterprise, team)


def _places(event: SlackEvent) -> list[tuple[str, str]]:
    """Return the installations that an event may be about, the likeliest first."""
    if event.org_wide:
        return [(event.enterprise, "")]
    own = [(event.enterprise, event.team)]
    return own if not event.enterprise else [*own, ("", event.team)]
