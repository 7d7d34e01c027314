"""The one place where what a handler raises becomes a sentence, and where it is said."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable

from slack_bolt.async_app import AsyncBoltRequest

from bot.background import Background
from bot.errors import (
    ChatError,
    CredentialsRefused,
    NotConnected,
    RateLimited,
    Refused,
    RingCentralError,
    StoreUnavailable,
    UserError,
)
from bot.slack.entrances.request import Reply, Request, Submitted
from bot.slack.posting.board import Board
from bot.slack.posting.response_urls import OK, ResponseUrls
from bot.slack.texts import account, answers, forms
from bot.slack.texts.text import Message
from bot.telemetry import call_context, spans

log = logging.getLogger(__name__)

ENVELOPE = "x-slack-envelope-id"
"""The header that carries a Socket Mode envelope's id to the handlers."""

ACK_WITHIN = 2.5
"""Seconds that a handler may take before its ack; Slack allows 3."""

INVALID_BLOCKS = "invalid_blocks"


class Adapter:
    """Runs handlers, words what they raise, and delivers what comes after the ack."""

    def __init__(
        self, background: Background, urls: ResponseUrls, board: Board
    ) -> None:
        self._background = background
        self._urls = urls
        self._board = board

    @staticmethod
    def envelope(request: AsyncBoltRequest) -> str:
        """Return the Socket Mode envelope's id, or nothing over HTTP."""
        return (request.headers.get(ENVELOPE) or [""])[0]

    async def answer(self, name: str, work: Awaitable[Reply]) -> Reply:
        """Run a handler; never raises, so that the ack always goes out in time."""
        with call_context.call(""), spans.span(f"command {name}"):
            try:
                async with asyncio.timeout(ACK_WITHIN):
                    return await work
            except Exception as error:  # noqa: BLE001 - the person must hear of each
                return Reply(self._worded(name, error))

    async def submitted(self, name: str, work: Awaitable[Submitted]) -> Submitted:
        """Run a form's handler; as `answer`, said in the form's place."""
        with call_context.call(""), spans.span(f"form {name}"):
            try:
                async with asyncio.timeout(ACK_WITHIN):
                    return await work
            except Exception as error:  # noqa: BLE001 - the person must hear of each
                message = self._worded(name, error)
                return Submitted.instead(forms.note("Not done", message.text))

    def remember(self, request: Request) -> None:
        """Keep the way to answer this person privately for a while."""
        self._urls.remember(request.place, request.response_url)

    def after(self, name: str, request: Request, reply: Reply | Submitted) -> None:
        """Start what a handler left for later; never raises."""
        if reply.later is not None:
            self._background.start(self._later(name, request, reply), name=name)

    async def _later(
        self, name: str, request: Request, reply: Reply | Submitted
    ) -> None:
        if reply.later is None:
            return
        with call_context.call(""), spans.span(f"later {name}"):
            try:
                message = await reply.later()
            except Exception as error:  # noqa: BLE001 - the person must hear of each
                message = self._worded(name, error)
            if message is not None:
                await self.say(request, message)

    async def say(self, request: Request, message: Message) -> None:
        """Tell the person privately, by response_url, else as the board can.

        A workspace that does not know a block yet answers ``invalid_blocks``; it then
        gets the plainer form. Never raises.
        """
        for body in message.bodies():
            status, text = await self._urls.send(request.response_url, body)
            if status == OK:
                return
            if INVALID_BLOCKS not in text:
                break
        await self._board.whisper(request.place, message.plainest())

    def _worded(self, name: str, error: Exception) -> Message:
        match error:
            case UserError() | NotConnected():
                said = _asked(error)
            case StoreUnavailable() | TimeoutError():
                log.warning("%s: no database in time: %s", name, type(error).__name__)
                said = answers.no_store()
            case RateLimited():
                said = answers.limited(error)
            case Refused():
                log.warning("%s: RingCentral refused it: %s", name, error)
                said = answers.refused(error)
            case RingCentralError() | CredentialsRefused():
                log.warning("%s: RingCentral did not answer: %s", name, error)
                said = answers.trouble(error)
            case ChatError():
                log.warning("%s: Slack did not take it: %s", name, error)
                said = answers.not_taken()
            case _:
                reference = uuid.uuid4().hex[:8]
                log.error("%s: %s failed", reference, name, exc_info=error)
                said = answers.our_fault(reference)
        return said


def _asked(error: UserError | NotConnected) -> Message:
    """Say what the person can do about it."""
    if isinstance(error, NotConnected):
        return account.first(again=error.again)
    return answers.sorry(error)
