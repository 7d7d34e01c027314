"""The Bolt app: no OAuth by accident, no `auth.test` per request, no bodies in logs."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ChatRefused, CredentialsRefused
from bot.slack.web import ahead, answered

AMBUSH = (
    "SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET",
    "SLACK_VERIFICATION_TOKEN",
)  # fmt: skip
"""Bolt reads these by itself: the client's pair switches OAuth on and drops the bot
token, the verification token switches on a comparison that is inverted."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are in Slack, by auth.test."""

    team: str
    user: str
    bot: str
    name: str = ""
    ahead: timedelta = timedelta(0)
    """By how much Slack's clock is ahead of ours."""


async def identify(client: AsyncWebClient, now: Callable[[], datetime]) -> Identity:
    """Ask Slack who the bot token is; costs one auth.test.

    Raises:
        CredentialsRefused: Slack does not accept the token.
        ChatBusy, ChatUnknown: It could not be asked.
    """
    try:
        response = await answered(client.auth_test())
    except ChatRefused as error:
        raise CredentialsRefused("Slack", error.error) from None
    data: Any = response.data
    return Identity(
        team=str(data.get("team_id", "")),
        user=str(data.get("user_id", "")),
        bot=str(data.get("bot_id", "")),
        name=str(data.get("user", "")),
        ahead=ahead(response, now()),
    )


def make(client: AsyncWebClient, identity: Identity) -> AsyncApp:
    """Return an app without listeners.

    ``process_before_response`` awaits a listener inline: its ack leaves at once, not
    at the next tick of a 10 ms loop, and ours return right after it.
    """

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=identity.team,
            bot_user_id=identity.user,
            bot_id=identity.bot,
            bot_token=client.token,
        )

    logger = logging.getLogger(__name__)
    logger.setLevel(logging.ERROR)  # its warnings print what people typed
    with _without(AMBUSH):
        return AsyncApp(
            name="bot.slack.bolt",
            client=client,
            authorize=authorize,
            process_before_response=True,
            request_verification_enabled=False,
            ssl_check_enabled=False,
            logger=logger,
        )


@contextmanager
def _without(names: tuple[str, ...]) -> Iterator[None]:
    held = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(held)
