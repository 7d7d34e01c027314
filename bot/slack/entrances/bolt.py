"""Makes the Bolt app: without OAuth, ``auth.test`` per request or payloads in the log."""

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
from bot.slack.entrances import bad_payload
from bot.slack.entrances.payload import kind_of, needs_workspace, workspace_of
from bot.slack.posting.spaces import Spaces
from bot.slack.texts import answers
from bot.slack.texts.text import Message

log = logging.getLogger(__name__)

Next = Callable[[], Awaitable[BoltResponse]]

BOLT_LOGGER = "slack_bolt.app"
"""The name of Bolt's logger."""

READ_BY_BOLT = (
    "SLACK_BOT_TOKEN",
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "SLACK_VERIFICATION_TOKEN",
)
"""Environment variables that Bolt reads by itself. The client's id and secret switch
OAuth on and drop the bot token; the verification token switches on an inverted check."""


def make(spaces: Spaces, *, install_url: str = "") -> AsyncApp:
    """Return an app without listeners.

    A workspace without an installation is told to install the app at *install_url*.
    """

    async def look(req: AsyncBoltRequest, next_: Next) -> BoltResponse:
        """Find the workspace of a payload, and answer if it is not installed."""
        if not needs_workspace(req.body):
            return await next_()
        try:
            found = await spaces.admit(*workspace_of(req.body))
        except ChatBusy:
            return _instead(
                req.body, answers.no_store(), status=HTTPStatus.SERVICE_UNAVAILABLE
            )
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
            # Awaits a listener instead of polling for its ack every 10 ms.
            process_before_response=True,
            request_verification_enabled=False,
            ssl_check_enabled=False,
            logger=logger,
        )
    app.error(_failed)
    return app


async def _failed(error: Exception) -> BoltResponse:
    """Answer 400 if Bolt could not read a payload, 500 if the bot itself failed."""
    frames = (frame.f_globals for frame, _ in traceback.walk_tb(error.__traceback__))
    ours = any(str(each.get("__name__")).startswith("bot.") for each in frames)
    if isinstance(error, bad_payload.BOLT_ERRORS) and not ours:
        bad_payload.note(error)
        return BoltResponse(status=HTTPStatus.BAD_REQUEST)
    log.error("a listener failed", exc_info=error)
    return BoltResponse(status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _instead(
    body: dict[str, Any], message: Message, status: int = HTTPStatus.OK
) -> BoltResponse:
    """Answer without a listener: a command with *message*, anything else with *status*."""
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
