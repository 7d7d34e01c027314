"""What people do, brought to the bot: commands and clicks, and what it answers."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack_answers import Json
from bot.sandbox.slack_ledger import Changes, Complaint
from bot.sandbox.slack_messages import Message, Messages, Private
from bot.sandbox.slack_people import Channel, User, Workspace
from bot.sandbox.slack_sockets import Sockets
from bot.sandbox.slack_urls import ResponseUrls
from bot.sandbox.slack_views import Triggers

TIMED_OUT = "operation_timeout"
OK = 200
CheckPayload = Callable[[str, Any], list[str]]


@dataclass(frozen=True, slots=True)
class Ack:
    """The bot's answer to a delivery; `seconds` is how long it took."""

    ok: bool
    seconds: float
    body: Any = None
    error: str = ""
    status: int = OK

    @property
    def text(self) -> str:
        """What the person reads at once; empty if nothing."""
        return str((self.body or {}).get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        """The blocks that they see."""
        return list((self.body or {}).get("blocks") or [])


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery, so that it can be made again as Slack sometimes does."""

    kind: str
    payload: Json
    envelope_id: str


@dataclass(slots=True, kw_only=True)
class Deliveries:
    """Brings deliveries by Socket Mode where a socket is open, else by signed HTTP."""

    workspace: Workspace
    messages: Messages
    urls: ResponseUrls
    triggers: Triggers
    sockets: Sockets
    changes: Changes
    complaints: list[Complaint]
    signing_secret: str
    ack_timeout: float
    base: str = ""
    request_url: str = ""
    check_payload: CheckPayload | None = None
    last: Delivery | None = None
    session: aiohttp.ClientSession | None = field(default=None)

    def command(
        self, user: User, channel: Channel, command: str, text: str, trigger: str | None
    ) -> Delivery:
        """Return the delivery of a typed command."""
        url = self.urls.make(user.id, channel.id)
        payload = {
            "token": "deprecated",
            "team_id": self.workspace.team,
            "team_domain": self.workspace.domain,
            "channel_id": channel.id,
            "channel_name": channel.payload_name,
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": self.workspace.app,
            "is_enterprise_install": "false",
            "response_url": f"{self.base}/response/{url}",
            "trigger_id": self.triggers.make(user.id, trigger),
        }
        return Delivery("slash_commands", payload, str(uuid.uuid4()))

    def click(
        self, user: User, message: Message, block_id: str, element: Json,
        trigger: str | None,
    ) -> Delivery:  # fmt: skip
        """Return the delivery of a pressed button."""
        url = self.urls.make(user.id, message.channel, message)
        channel = self.workspace.by_id(message.channel)
        team = {"id": self.workspace.team, "domain": self.workspace.domain}
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": isinstance(message, Private),
        }
        action = {
            "type": "button",
            "action_id": element["action_id"],
            "block_id": block_id or "b1",
            "text": element["text"],
            "value": element.get("value", ""),
            "action_ts": f"{time.time():.6f}",
        }
        payload: Json = {
            "type": "block_actions",
            "user": {
                "id": user.id, "username": user.name, "name": user.name,
                "team_id": self.workspace.team,
            },
            "api_app_id": self.workspace.app,
            "token": "deprecated",
            "container": container,
            "trigger_id": self.triggers.make(user.id, trigger),
            "team": team,
            "is_enterprise_install": False,
            "channel": {
                "id": message.channel,
                "name": channel.payload_name if channel else "directmessage",
            },
            "message": self.messages.as_json(message),
            "state": {"values": {}},
            "response_url": f"{self.base}/response/{url}",
            "actions": [action],
        }  # fmt: skip
        return Delivery("block_actions", payload, str(uuid.uuid4()))

    async def bring(self, delivery: Delivery, *, retry: int = 0) -> Ack:
        """Deliver, wait for the ack, and show the person what it says."""
        self.last = delivery
        if self.check_payload is not None:
            for problem in self.check_payload(delivery.kind, delivery.payload):
                self.complaints.append(
                    Complaint(delivery.kind, problem, delivery.payload)
                )
        begun = time.monotonic()
        try:
            if self.sockets.open:
                body, status = await self._by_socket(delivery, retry), OK
            else:
                status, body = await self._by_http(delivery)
        except (TimeoutError, aiohttp.ClientError):
            seconds = time.monotonic() - begun
            return Ack(ok=False, seconds=seconds, error=TIMED_OUT, status=0)
        seconds = time.monotonic() - begun
        if status != OK:
            return Ack(ok=False, seconds=seconds, error=f"http_{status}", status=status)
        if isinstance(body, str):
            body = {"text": body} if body else None
        self._shown(delivery, body)
        return Ack(ok=True, seconds=seconds, body=body, status=status)

    def _shown(self, delivery: Delivery, body: Any) -> None:
        if delivery.kind == "slash_commands" and isinstance(body, dict) and body:
            self.messages.whisper(
                delivery.payload["user_id"],
                delivery.payload["channel_id"],
                str(body.get("text", "")),
                body.get("blocks") or [],
                via="ack",
            )
        self.changes.tell()

    async def _by_socket(self, delivery: Delivery, retry: int) -> Any:
        kind = delivery.kind
        envelope = {
            "envelope_id": delivery.envelope_id,
            "type": kind if kind == "slash_commands" else "interactive",
            "accepts_response_payload": True,
            "payload": delivery.payload,
        }
        if retry:
            envelope |= {"retry_attempt": retry, "retry_reason": "timeout"}
        return await self.sockets.deliver(envelope, self.ack_timeout)

    async def _by_http(self, delivery: Delivery) -> tuple[int, Any]:
        if delivery.kind == "slash_commands":
            body = urlencode(delivery.payload)
        else:
            body = urlencode({"payload": json.dumps(delivery.payload)})
        return await self.post(body, self.signed(body))

    def signed(self, body: str, timestamp: str | None = None) -> dict[str, str]:
        """Return the headers that Slack signs a body with."""
        timestamp = timestamp or str(int(time.time()))
        base = f"v0:{timestamp}:{body}".encode()
        digest = hmac.new(self.signing_secret.encode(), base, hashlib.sha256)
        return {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": f"v0={digest.hexdigest()}",
        }

    async def post(self, body: str, headers: dict[str, str]) -> tuple[int, Any]:
        """Send a body to the bot's address, as it is."""
        if self.session is None or not self.request_url:
            raise TimeoutError
        timeout = aiohttp.ClientTimeout(total=self.ack_timeout)
        async with self.session.post(
            self.request_url, data=body, headers=headers, timeout=timeout
        ) as response:
            text = await response.text()
            if response.content_type == "application/json" and text:
                return response.status, json.loads(text)
            return response.status, text
