"""Runs handlers, turns what they raise into a sentence, and tells it to the person."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar

from bot.background import Background
from bot.errors import (
    ChatError,
    CredentialsRefused,
    MayBeStored,
    NotConnected,
    RateLimited,
    Refused,
    RingCentralError,
    StoreUnavailable,
    UserError,
)
from bot.policy.refusals import PolicyAsks, PolicyRefuses
from bot.slack.entrances.handled import FollowUp, Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.unknown_blocks import UnknownBlocks
from bot.slack.posting.board import Board
from bot.slack.posting.response_urls import ResponseUrls
from bot.slack.texts import account, answers, asking, asking_admin, faults
from bot.slack.texts.contact import NO_CONTACT, Contact
from bot.slack.texts.faults import Wanted
from bot.slack.texts.text import Message
from bot.telemetry import call_context, spans
from bot.user_errors import Restarting

log = logging.getLogger(__name__)

Done = TypeVar("Done")

ACK_WITHIN = 2.5
"""Seconds that a handler may take until the ack; Slack waits 3."""

UNKNOWN_BLOCK = "invalid_blocks"
"""Slack's error for a block that a workspace does not know yet."""


class Adapter:
    """Runs handlers before and after the ack. Its methods never raise."""

    def __init__(
        self,
        background: Background,
        urls: ResponseUrls,
        board: Board,
        contact: Contact = NO_CONTACT,
        *,
        ack_within: float = ACK_WITHIN,
    ) -> None:
        self._background = background
        self._urls = urls
        self._board = board
        self._contact = contact
        self._ack_within = ack_within
        self._unknown = UnknownBlocks()

    async def before_ack(
        self,
        kind: str,
        name: str,
        work: Callable[[], Awaitable[Handled]],
        refuse: Callable[[Message], Handled],
        wanted: Callable[[], Wanted],
    ) -> Handled:
        """Run *work* until it is late for the ack; *refuse* shows what it raised.

        *kind* and *name*, such as ``command`` and ``/ringout``, are for traces and the
        log. *wanted* is called only if *work* fails, to word the failure: it parses the
        whole command again.
        """
        done = await self._run(kind, name, work, wanted, self._ack_within)
        return refuse(done) if isinstance(done, Message) else done

    def remember(self, request: Request) -> None:
        """Keep the response_url, to tell the person something later."""
        self._urls.remember(request.place, request.response_url)

    def tell(self, url: str, message: Message) -> None:
        """Post *message* to a response_url in the background, if there is one."""
        if url:
            self._background.start(self._tell(url, message), name="an answer")

    async def _tell(self, url: str, message: Message) -> None:
        await self._urls.send(url, {"text": message.text})

    def after_ack(
        self,
        name: str,
        request: Request,
        later: FollowUp | None,
        wanted: Callable[[], Wanted],
    ) -> None:
        """Start what a handler left for after the ack."""
        if later is not None:
            work = self._later(name, request, later, wanted)
            self._background.start(work, name=name)

    async def _later(
        self, name: str, request: Request, later: FollowUp, wanted: Callable[[], Wanted]
    ) -> None:
        message = await self._run("later", name, later, wanted, None)
        if message is not None:
            await self.say(request, message)

    async def _run(
        self,
        kind: str,
        name: str,
        work: Callable[[], Awaitable[Done]],
        wanted: Callable[[], Wanted],
        seconds: float | None,
    ) -> Done | Message:
        """Return what *work* returns, or the sentence about what it raised."""
        with call_context.call(""), spans.span(f"{kind} {name}"):
            try:
                async with asyncio.timeout(seconds):
                    return await work()
            except Exception as error:  # noqa: BLE001 - the person must hear of each
                return self._worded(name, error, wanted())

    async def reply(
        self,
        name: str,
        request: Request,
        work: FollowUp,
        wanted: Callable[[], Wanted],
        thread: str,
    ) -> None:
        """Run *work*, and tell what it returns to the author of a message, in its thread."""
        message = await self._run("event", name, work, wanted, None)
        if message is not None:
            await self._board.answer(request.place, message.plainest(), thread)

    async def say(self, request: Request, message: Message) -> None:
        """Tell the person privately by the request's response_url, else as the board can.

        If the workspace does not know a block, the message is sent in a plainer form,
        and so is the next one.
        """
        space = request.place.person.space
        bodies = self._unknown.without(space, message.bodies())
        for at, body in enumerate(bodies):
            status, text = await self._urls.send(request.response_url, body)
            if status == HTTPStatus.OK:
                self._unknown.learn(space, bodies[:at], body)
                return
            if UNKNOWN_BLOCK not in text:
                break
        await self._board.whisper(request.place, message.plainest())

    def _worded(self, name: str, error: Exception, wanted: Wanted) -> Message:
        match error:
            case UserError() | NotConnected():
                said = self._asked(error, wanted)
            case StoreUnavailable() | TimeoutError():
                log.warning(
                    "%s: the database did not answer in time: %s",
                    name,
                    type(error).__name__,
                )
                is_unknown = isinstance(error, TimeoutError | MayBeStored)
                told = faults.too_slow if is_unknown else faults.no_store
                said = told(wanted)
            case RateLimited():
                said = answers.limited(error)
            case Refused():
                log.warning("%s: RingCentral refused a request: %s", name, error)
                said = answers.refused(self._contact)
            case RingCentralError() | CredentialsRefused():
                log.warning("%s: RingCentral did not answer: %s", name, error)
                said = answers.trouble(error, self._contact)
            case ChatError():
                log.warning("%s: Slack refused a request: %s", name, error)
                said = answers.not_taken()
            case _:
                reference = uuid.uuid4().hex[:8]
                log.error("%s: %s failed", reference, name, exc_info=error)
                said = faults.our_fault(wanted, reference, self._contact)
        return said

    def _asked(self, error: UserError | NotConnected, wanted: Wanted) -> Message:
        """Return the sentence about an error that the person or their admin can fix."""
        if isinstance(error, NotConnected):
            placing = wanted is Wanted.CALL
            return account.first(again=error.again, code=error.code, placing=placing)
        if isinstance(error, PolicyAsks):
            return asking.policy_question(error)
        if isinstance(error, PolicyRefuses) and error.wanted is not None:
            return asking_admin.offer(error, error.wanted)
        if isinstance(error, Restarting) and wanted is not Wanted.CALL:
            return faults.restarting()
        return answers.sorry(error, self._contact)
