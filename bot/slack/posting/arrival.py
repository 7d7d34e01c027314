"""The first requests to Slack: who the bot is, Slack's time, where to connect."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import ChatBusy, ChatRefused, ChatUnknown, CredentialsRefused
from bot.slack.posting import web

log = logging.getLogger(__name__)

Asked = TypeVar("Asked")
LONGEST_WAIT_FOR_SLACK = 30.0
"""Seconds between two tries at the start, at most."""

SLACK_CLOCK_SKEW = 60.0
"""Seconds between the two clocks before the log warns. NTP keeps clocks within one, and
Slack's signatures are valid for 300."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is in Slack, as ``auth.test`` says."""

    team: str
    user: str
    bot: str
    name: str = ""
    ahead: timedelta = timedelta(0)
    """How far Slack's clock is ahead of ours."""
    enterprise: str = ""
    is_org_wide: bool = False
    """Whether a whole organization installed the app; ``team`` is then its id."""

    def serves(self, enterprise: str, team: str) -> bool:
        """Return whether a payload of this enterprise and workspace is for the bot.

        An empty *enterprise* is one that the payload does not name. A workspace's id is
        unique, and the workspace may have joined an organization after the bot's start.
        """
        if self.is_org_wide:
            return bool(self.enterprise) and enterprise == self.enterprise
        if enterprise and self.enterprise and enterprise != self.enterprise:
            return False
        return bool(team) and team == self.team


async def ask_who(client: AsyncWebClient, now: Callable[[], datetime]) -> Identity:
    """Ask Slack who the bot token belongs to, with one ``auth.test``.

    Raises:
        CredentialsRefused: Slack does not accept the token.
        ChatBusy, ChatUnknown: Slack could not be asked.
    """
    try:
        response = await web.answered(client.auth_test())
    except ChatRefused as error:
        raise CredentialsRefused("Slack", error.error) from None
    data = response.data
    team = web.named(data, "team_id")
    is_whole = isinstance(data, dict) and data.get("is_enterprise_install") is True
    return Identity(
        team=team,
        user=web.named(data, "user_id"),
        bot=web.field(data, "bot_id"),
        name=web.field(data, "user"),
        ahead=web.ahead(response, now()),
        enterprise=web.field(data, "enterprise_id"),
        is_org_wide=is_whole,
    )


async def identify(client: AsyncWebClient, clock: Clock) -> Identity:
    """Ask Slack who the bot is; keep trying until Slack can be reached.

    Raises:
        CredentialsRefused: Slack does not accept the token.
    """
    identity = await _patiently(lambda: ask_who(client, clock.now), clock)
    _check(identity.ahead)
    return identity


async def greet(client: AsyncWebClient, clock: Clock) -> timedelta:
    """Return how far Slack's clock is ahead; needs no token.

    Keeps trying until Slack can be reached.
    """

    async def ask() -> timedelta:
        try:
            return web.ahead(await web.answered(client.api_test()), clock.now())
        except ChatRefused as error:  # Slack can be reached: that is enough
            log.info("Slack refuses api.test: %s", error.error)
            return timedelta(0)

    ahead = await _patiently(ask, clock)
    _check(ahead)
    return ahead


async def socket_address(client: AsyncWebClient, app_token: str, clock: Clock) -> str:
    """Return the address of Socket Mode's WebSocket; keep trying until Slack answers.

    The SDK would retry even a refused token.

    Raises:
        CredentialsRefused: Slack does not accept the app token.
    """

    async def ask() -> str:
        try:
            opened = client.apps_connections_open(app_token=app_token)
            url = web.field(await web.ask(opened), "url")
        except ChatRefused as error:
            raise CredentialsRefused("Slack (app token)", error.error) from None
        if not url.startswith("ws"):
            raise ChatUnknown("an answer without an address")
        return url

    return await _patiently(ask, clock)


def _check(ahead: timedelta) -> None:
    seconds = ahead.total_seconds()
    if abs(seconds) > SLACK_CLOCK_SKEW:
        log.warning("this machine's clock is off: Slack's is %+.0f s from it", seconds)


async def _patiently(ask: Callable[[], Awaitable[Asked]], clock: Clock) -> Asked:
    pause = 1.0
    while True:
        try:
            return await ask()
        except (ChatBusy, ChatUnknown) as error:
            log.warning("Slack can't be reached yet: %s", error)
            await clock.sleep(pause)
            pause = min(pause * 2, LONGEST_WAIT_FOR_SLACK)
