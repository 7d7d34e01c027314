"""The first words with Slack: who we are, and where to connect; waited for."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import ChatBusy, ChatRefused, ChatUnknown, CredentialsRefused
from bot.slack import bolt
from bot.slack.web import ask

log = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0
"""Seconds between two tries."""

T = TypeVar("T")


async def identity(client: AsyncWebClient, clock: Clock) -> bolt.Identity:
    """Ask Slack who we are; wait for as long as it can't be reached."""
    return await _insist(lambda: bolt.identify(client), clock)


async def socket_address(client: AsyncWebClient, app_token: str, clock: Clock) -> str:
    """Return where to connect; the SDK by itself would retry a refused token."""

    async def once() -> str:
        try:
            data = await ask(client.apps_connections_open(app_token=app_token))
        except ChatRefused as error:
            raise CredentialsRefused("Slack (app token)", error.error) from None
        return str(data["url"])

    return await _insist(once, clock)


async def _insist(once: Callable[[], Awaitable[T]], clock: Clock) -> T:
    pause = 1.0
    while True:
        try:
            return await once()
        except (ChatBusy, ChatUnknown) as error:
            log.warning("Slack can't be reached yet: %s", error)
            await clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
