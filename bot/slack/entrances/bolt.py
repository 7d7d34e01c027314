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
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.payload import (
    kind_of,
    needs_workspace,
    text_of,
    workspaces_of,
)
from bot.slack.entrances.wanted import wanted_in
from bot.slack.posting.spaces import Spaces
from bot.slack.texts import faults, forms
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

TOLD_LATER = ("action", "shortcut")
"""Kinds of payloads whose ack shows the person nothing."""


Tell = Callable[[str, Message], None]
"""Posts a message to a ``response_url`` in the background."""


def make(
    spaces: Spaces, *, install_url: str = "", tell: Tell | None = None
) -> AsyncApp:
    """Return an app without listeners.

    People of a workspace without an installation are told to install the app at
    *install_url*; those who pressed a button or chose a shortcut are told by *tell*.
    """

    async def look(req: AsyncBoltRequest, next_: Next) -> BoltResponse:
        """Find the workspace of a payload, and answer if it is not installed."""
        if not needs_workspace(req.body):
            return await next_()
        try:
            found = await _admitted(spaces, req.body)
        except ChatBusy:
            said = faults.no_store(wanted_in(req.body))
            return _instead(req.body, said, status=HTTPStatus.SERVICE_UNAVAILABLE)
        if found is None:
            said = faults.not_installed(wanted_in(req.body), install_url)
            if tell is not None and kind_of(req.body) in TOLD_LATER:
                tell(text_of(req.body, "response_url"), said)
            return _instead(req.body, said)
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


async def _admitted(spaces: Spaces, body: dict[str, Any]) -> AuthorizeResult | None:
    for enterprise, team in workspaces_of(body):
        found = await spaces.admit(enterprise, team)
        if found is not None:
            return found
    return None


def _instead(
    body: dict[str, Any], message: Message, status: int = HTTPStatus.OK
) -> BoltResponse:
    """Answer without a listener: a command with *message*, anything else with *status*.

    A form that is refused for good shows *message*; for any other status it stays open.
    """
    if kind_of(body) == "command":
        said = {"response_type": "ephemeral", "text": message.text}
        return BoltResponse(status=HTTPStatus.OK, body=said)
    if status == HTTPStatus.OK and text_of(body, "type") == "view_submission":
        shown = Handled.show(forms.not_done(message))
        return BoltResponse(status=HTTPStatus.OK, body=dict(shown.ack))
    if status == HTTPStatus.OK and kind_of(body) == "query":
        return BoltResponse(status=status, body=dict(Handled.suggest(()).ack))
    return BoltResponse(status=status, body="")


@contextmanager
def _without(names: tuple[str, ...]) -> Iterator[None]:
    held = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(held)
