"""The Bolt app: no OAuth by accident, no `auth.test` per request, no bodies in logs."""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult

from bot.errors import ChatBusy
from bot.slack.entrances.payload import kind_of, needs_workspace, workspace_of
from bot.slack.posting.spaces import Spaces
from bot.slack.texts import answers
from bot.slack.texts.text import Message

log = logging.getLogger(__name__)

Next = Callable[[], Awaitable[BoltResponse]]

BOLT_LOGGER = "slack_bolt.app"
"""The logger that Bolt is given."""

UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)
"""What Bolt raises where a part of a payload is missing or of another type."""

READ_BY_BOLT = (
    "SLACK_BOT_TOKEN",
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "SLACK_VERIFICATION_TOKEN",
)
"""Bolt reads these by itself: the client's pair switches OAuth on and drops the bot
token, the verification token switches on a comparison that is inverted."""


def make(spaces: Spaces, *, install_url: str = "") -> AsyncApp:
    """Return an app without listeners; strangers are told to install it at the address.

    ``process_before_response`` awaits a listener inline: its ack leaves at once, not
    at the next tick of a 10 ms loop, and ours return right after it.
    """

    async def look(req: AsyncBoltRequest, next_: Next) -> BoltResponse:
        """Find the sender's workspace; Bolt itself would answer late, in its own words."""
        if not needs_workspace(req.body):
            return await next_()
        try:
            found = await spaces.admit(*workspace_of(req.body))
        except ChatBusy:
            return _instead(req.body, answers.no_store(), status=503)
        if found is None:
            return _instead(req.body, answers.not_installed(install_url))
        req.context["admitted"] = found
        return await next_()

    async def authorize(admitted: AuthorizeResult) -> AuthorizeResult:
        return admitted

    logger = logging.getLogger(BOLT_LOGGER)
    logger.setLevel(logging.ERROR)  # its warnings print what people typed
    with _without(READ_BY_BOLT):
        app = AsyncApp(
            name=BOLT_LOGGER,
            client=spaces.plain,
            before_authorize=look,
            authorize=authorize,
            process_before_response=True,
            request_verification_enabled=False,
            ssl_check_enabled=False,
            logger=logger,
        )
    app.error(_failed)
    return app


async def _failed(error: Exception) -> BoltResponse:
    """Tell a payload that Bolt can't read (400) from a fault of ours (500)."""
    frames = (frame.f_globals for frame, _ in traceback.walk_tb(error.__traceback__))
    ours = any(str(each.get("__name__")).startswith("bot.") for each in frames)
    if isinstance(error, UNREADABLE) and not ours:
        unreadable(error)
        return BoltResponse(status=HTTPStatus.BAD_REQUEST)
    log.error("a listener failed", exc_info=error)
    return BoltResponse(status=HTTPStatus.INTERNAL_SERVER_ERROR)


def unreadable(error: Exception) -> None:
    """Note that something which Slack sent was no payload of Slack's."""
    log.warning("a payload of Slack's can't be read: %s", type(error).__name__)


def _instead(
    body: dict[str, Any], message: Message, status: int = HTTPStatus.OK
) -> BoltResponse:
    """Answer without a listener: a person gets the sentence, Slack the *status*."""
    if kind_of(body) == "command":
        said = {"response_type": "ephemeral", "text": message.text}
        return BoltResponse(status=HTTPStatus.OK, body=said)
    return BoltResponse(status=status, body="")


@contextmanager
def _without(names: tuple[str, ...]) -> Iterator[None]:
    held = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(held)
