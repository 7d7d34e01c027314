"""Delivers what people do to the bot, and shows them what its ack says."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack import queries
from bot.sandbox.slack.answers import Args, Json, Problem
from bot.sandbox.slack.app import SlackApp
from bot.sandbox.slack.ledger import Changes, Complaint
from bot.sandbox.slack.payloads import Delivery
from bot.sandbox.slack.signing import Forgery, signed
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.workspace import Channel, User

TIMED_OUT = "operation_timeout"
NOT_IN_CHANNEL = "user_not_in_channel"
NOT_INSTALLED = "app_not_installed"
OK = 200
CHECKED_KINDS = (
    "slash_commands",
    "events_api",
    "block_actions",
    "block_suggestion",
    "message_action",
    "shortcut",
    "view_submission",
    "view_closed",
)
FALSE_COMPLAINT = "block_actions: response_url is missing"
"""A false complaint: the types require a ``response_url`` in every action, but Slack
sends one only for actions in messages."""
FORM = "application/x-www-form-urlencoded"
USER_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"

CheckPayload = Callable[[str, Any], list[str]]
Judge = Callable[[str, Any], None]


@dataclass(frozen=True, slots=True)
class Ack:
    """The bot's answer to a delivery.

    Attributes:
        seconds: From sending to the answer, or to the time-out.
        body: JSON or a string; None for an empty answer.
        error: Why it failed: ``operation_timeout`` (also if the bot does not listen),
            ``http_…`` with the status, ``invalid_command_response`` or
            ``invalid_response_action``. If nothing was delivered:
            ``user_not_in_channel``, ``app_not_installed``, ``missing_scope``,
            ``user_disabled``, ``view_closed`` or ``incomplete_form``.
        status: The HTTP status; 200 over Socket Mode, 0 without an answer.
        repeats: The acks of the same delivery's repetitions at the same moment.
    """

    ok: bool
    seconds: float
    body: Any = None
    error: str = ""
    status: int = OK
    delivery: Delivery | None = None
    repeats: tuple[Ack, ...] = ()

    @property
    def json(self) -> Json:
        """The body as JSON; a string becomes its ``text``."""
        if isinstance(self.body, dict):
            return self.body
        return {"text": self.body} if self.body else {}

    @property
    def text(self) -> str:
        """The text that the person reads; empty if none."""
        return str(self.json.get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        """The blocks that the person sees."""
        return list(self.json.get("blocks") or [])

    @property
    def errors(self) -> dict[str, str]:
        """The field errors of a submitted modal, by block."""
        return dict(self.json.get("errors") or {})


@dataclass(slots=True, kw_only=True)
class Deliveries:
    """Delivers over Socket Mode if a connection is open, else by signed HTTP.

    Attributes:
        judge: Checks what the bot sends: a method and its arguments, or an ack.
        ack_timeout: Seconds to wait for an ack.
        request_url: The bot's URL for signed HTTP; empty for none.
        options_url: Where menus are filled from by HTTP; Slack fills none without it.
        check_payload: Returns what is wrong with a payload of a kind.
        last: The last delivery.
        all: All acks, in the order of arrival.
    """

    app: SlackApp
    sockets: Sockets
    changes: Changes
    complaints: list[Complaint]
    judge: Judge
    signing_secret: str = field(repr=False)
    ack_timeout: float
    request_url: str = ""
    options_url: str = ""
    check_payload: CheckPayload | None = None
    last: Delivery | None = None
    all: list[Ack] = field(default_factory=list)
    session: aiohttp.ClientSession | None = field(default=None)

    def command(
        self, user: User, channel: Channel, command: str, text: str, trigger: str | None
    ) -> Delivery:
        """Return a typed command as a delivery, to send later."""
        payloads = self.app.home.payloads
        return payloads.command(user, channel, command, text, trigger)

    async def bring(
        self,
        delivery: Delivery,
        *,
        retry: int | None = None,
        reason: str = "timeout",
        repeat: int = 0,
        forgery: Forgery | None = None,
    ) -> Ack:
        """Deliver, wait for the ack, and show the person what it says.

        Args:
            delivery: What to deliver.
            retry: The number of the retry; None for the first attempt.
            reason: Slack's word for why it is retried.
            repeat: How many copies to deliver at the same moment.
            forgery: What is wrong with its signature. A forged delivery goes by HTTP.
        """
        self.last = delivery
        self._check(delivery)
        first, *others = await asyncio.gather(
            *(self._once(delivery, retry, reason, forgery) for _ in range(1 + repeat))
        )
        return replace(first, repeats=tuple(others))

    def _check(self, delivery: Delivery) -> None:
        if self.check_payload is None or delivery.kind not in CHECKED_KINDS:
            return
        for problem in self.check_payload(delivery.kind, delivery.payload):
            if problem == FALSE_COMPLAINT and "view" in delivery.payload:
                continue
            self.complaints.append(Complaint(delivery.kind, problem, delivery.payload))

    async def _once(
        self,
        delivery: Delivery,
        retry: int | None,
        reason: str,
        forgery: Forgery | None,
    ) -> Ack:
        begun = time.monotonic()
        status, body, error = OK, None, ""
        try:
            if self.sockets.open and forgery is None:
                body = await self._by_socket(delivery, retry, reason)
            else:
                status, body = await self._by_http(delivery, retry, reason, forgery)
                error = "" if status == OK else f"http_{status}"
        except (TimeoutError, aiohttp.ClientError):
            status, error = 0, TIMED_OUT
        ack = Ack(
            ok=not error,
            seconds=time.monotonic() - begun,
            body=body or None,
            error=error,
            status=status,
            delivery=delivery,
        )
        ack = self._shown(delivery, ack)
        self.all.append(ack)
        self.changes.tell()
        return ack

    def _shown(self, delivery: Delivery, ack: Ack) -> Ack:
        """Show the person the ack of a command or of a submitted modal."""
        if ack.ok and delivery.kind == "view_submission":
            return self._answered(delivery, ack)
        if ack.ok and delivery.kind == "block_suggestion":
            return self._suggested(delivery, ack)
        if not ack.ok or not ack.json or delivery.kind != "slash_commands":
            return ack
        self.judge("ack", ack.json)
        space = self.app.spaces[delivery.team]
        try:
            content = space.checker.content(Args(ack.json))
        except Problem:
            return replace(ack, ok=False, error="invalid_command_response")
        user = delivery.payload["user_id"]
        channel = delivery.payload["channel_id"]
        if ack.json.get("response_type") == "in_channel":
            said = f"{delivery.payload['command']} {delivery.payload['text']}".strip()
            space.messages.post(channel, said, via="person", user=user)
            space.messages.post(channel, content.text, content.blocks, via="ack")
        else:
            private = space.messages.whisper(
                user, channel, content.text, content.blocks, via="ack"
            )
            space.urls.show(delivery.url, private)
        return ack

    def _answered(self, delivery: Delivery, ack: Ack) -> Ack:
        """Apply the answer to a submitted modal, if the modal is still open."""
        views = self.app.spaces[delivery.team].views
        view = views.find(delivery.payload["view"]["id"])
        if view is None or not view.is_open:
            return ack
        if "view" in ack.json:
            called = {"view_id": view.id, "view": ack.json["view"]}
            self.judge("views.update", called)
        try:
            views.take(view, ack.json)
        except Problem as problem:
            return replace(ack, ok=False, error=problem.word)
        return ack

    def _suggested(self, delivery: Delivery, ack: Ack) -> Ack:
        """Show the options for what was typed, if the modal is still open."""
        payload = delivery.payload
        view = self.app.spaces[delivery.team].views.find(payload["view"]["id"])
        try:
            options = queries.suggested(ack.json)
        except Problem as problem:
            return replace(ack, ok=False, error=problem.word)
        if view is not None:
            view.suggested[payload["block_id"], payload["action_id"]] = options
        return ack

    async def _by_socket(
        self, delivery: Delivery, retry: int | None, reason: str
    ) -> Any:
        kind = delivery.kind
        is_interactive = kind not in ("slash_commands", "events_api")
        envelope: Json = {
            "envelope_id": delivery.envelope_id,
            "type": "interactive" if is_interactive else kind,
            "accepts_response_payload": kind != "events_api",
            "payload": delivery.payload,
        }
        if kind == "events_api" or retry is not None:
            envelope["retry_attempt"] = retry or 0
            envelope["retry_reason"] = "" if retry is None else reason
        return await self.sockets.deliver(envelope, self.ack_timeout)

    async def _by_http(
        self,
        delivery: Delivery,
        retry: int | None,
        reason: str,
        forgery: Forgery | None,
    ) -> tuple[int, Any]:
        body, kind = _encoded(delivery)
        headers = self.signed(body, forgery=forgery) | {"Content-Type": kind}
        if retry is not None:
            headers["X-Slack-Retry-Num"] = str(retry)
            headers["X-Slack-Retry-Reason"] = f"http_{reason}"
        is_query = delivery.kind == "block_suggestion"
        return await self.post(body, headers, self.options_url if is_query else None)

    def signed(
        self,
        body: str,
        timestamp: str | None = None,
        *,
        forgery: Forgery | None = None,
    ) -> dict[str, str]:
        """Return the headers of a form signed as by Slack."""
        headers = signed(
            self.signing_secret, body, timestamp=timestamp, forgery=forgery
        )
        return {"Content-Type": FORM, "User-Agent": USER_AGENT, **headers}

    async def post(
        self, body: str, headers: dict[str, str], url: str | None = None
    ) -> tuple[int, Any]:
        """Send a body to *url*, or to `request_url`, unchanged; return status and answer."""
        url = self.request_url if url is None else url
        if self.session is None or not url:
            raise TimeoutError
        timeout = aiohttp.ClientTimeout(total=self.ack_timeout)
        async with self.session.post(
            url,
            data=body.encode(),
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
        ) as response:
            text = await response.text()
            if response.content_type == "application/json" and text:
                return response.status, json.loads(text)
            return response.status, text


def _encoded(delivery: Delivery) -> tuple[str, str]:
    """Return a delivery's HTTP body and content type."""
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload), "application/json"
    if delivery.kind == "slash_commands":
        return urlencode(delivery.payload), FORM
    return urlencode({"payload": json.dumps(delivery.payload)}), FORM
