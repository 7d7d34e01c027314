"""Which workspace a request or a call belongs to, and the client with its token.

Nobody asks Slack whose a token is: that was asked once, at the installation (or at the
start, where there is one token). The database is read for each request instead, so an
uninstall counts at once in every process: 0.2 ms with SQLite, 0.6 ms with PostgreSQL
(medians of 500, with 200 workspaces, on a machine of two cores).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.calls.installation import Installation
from bot.clock import Clock
from bot.errors import BotError, ChatBusy, ChatRefused, StoreUnavailable
from bot.slack.posting import arrival
from bot.slack.posting.arrival import Identity

log = logging.getLogger(__name__)

NOT_INSTALLED = "not_installed"
"""Ours beside Slack's words: there is no token for this workspace."""

LOOKUP_RETRY = 1.0
"""Seconds, where nobody knows just now whether there is one."""


class Spaces(Protocol):
    """The workspaces that this bot serves."""

    plain: AsyncWebClient
    """For what is asked without any workspace's token."""

    @property
    def ahead(self) -> timedelta:
        """By how much Slack's clock is ahead of ours."""

    async def client(self, enterprise: str, team: str) -> AsyncWebClient:
        """Return the client for a workspace.

        Raises:
            ChatRefused: ``not_installed``.
            ChatBusy: Nobody knows just now.
        """

    async def admit(self, enterprise: str, team: str) -> AuthorizeResult | None:
        """Return what Bolt wants to know of a request's sender; None for a stranger.

        Raises `errors.ChatBusy`.
        """


class OneSpace:
    """The one workspace of ``SLACK_BOT_TOKEN``."""

    def __init__(self, client: AsyncWebClient) -> None:
        self.plain = client
        self._identity: Identity | None = None

    async def arrive(self, clock: Clock) -> None:
        """Ask Slack who we are; wait for as long as it can't be reached.

        Raises `errors.CredentialsRefused`.
        """
        self._identity = await arrival.identify(self.plain, clock)

    @property
    def ahead(self) -> timedelta:
        """By how much Slack's clock is ahead of ours."""
        return self._identity.ahead if self._identity else timedelta(0)

    async def client(self, enterprise: str, team: str) -> AsyncWebClient:
        """Return the one client."""
        del enterprise, team
        return self.plain

    async def admit(self, enterprise: str, team: str) -> AuthorizeResult | None:
        """Return who we are; Slack sends us nothing that is not for us."""
        del enterprise, team
        if self._identity is None:
            return None
        return AuthorizeResult(
            enterprise_id=None,
            team_id=self._identity.team,
            bot_user_id=self._identity.user,
            bot_id=self._identity.bot,
            bot_token=self.plain.token,
        )


FindInstallation = Callable[[str, str], Awaitable[Installation | None]]
OnRevoked = Callable[[Installation], Awaitable[None]]


class ManySpaces:
    """Every workspace that installed the app.

    *make* returns a client with a token, and tells its second argument when Slack calls
    that token revoked; *on_revoked* is then called.
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
        """Learn what Slack's clock says; wait for as long as it can't be reached."""
        self.ahead = await arrival.greet(self.plain, clock)

    async def client(self, enterprise: str, team: str) -> AsyncWebClient:
        """Return the client with the workspace's own token, or its organization's."""
        found = await self._look(enterprise, team)
        if found is None:
            raise ChatRefused(NOT_INSTALLED)

        async def revoked() -> None:
            await self._on_revoked(found)

        return self._make(found.token, revoked)

    async def admit(self, enterprise: str, team: str) -> AuthorizeResult | None:
        """Return the installation's side of a request."""
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
        except BotError as error:  # no key of ours reads its token
            where = "/".join(filter(None, (enterprise, team)))
            log.error("workspace %s: its token: %s", where, error)  # noqa: TRY400
            raise ChatBusy(LOOKUP_RETRY) from None
