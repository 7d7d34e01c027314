"""The messages of a WebSocket: what each is, and its body. Pure.

Source: developer guide, "WebSockets": a message is a list of the two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from bot.errors import RingCentralError, Unreachable
from bot.ringcentral.push.notification import parsed
from bot.ringcentral.subscriptions import OWN_SESSIONS
from bot.ringcentral.transport import wire
from bot.ringcentral.transport.shapes import get, inner, text

DETAILS, REQUEST, EVENT = "ConnectionDetails", "ClientRequest", "ServerNotification"
HEARTBEAT, ERROR = "Heartbeat", "Error"
RECOVERED = "Successful"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A message.

    Attributes:
        kind: What it is: one of the five words above, or one that is not known here.
        status: Like HTTP's; 0 if it has none.
        recovery: A token by which the session can be recovered; empty if it has none.
    """

    kind: str
    status: int = 0
    recovery: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = field(default=None, repr=False)

    @property
    def is_recovered(self) -> bool:
        """Whether a connection goes on with an earlier session."""
        return text(self.body, "recoveryState") == RECOVERED

    @property
    def error_code(self) -> str:
        """RingCentral's code, such as ``WSG-903``; empty if it is no error."""
        return text(self.body, "errorCode") if self.kind == ERROR else ""


def read(message: bytes) -> Frame | None:
    """Return the frame of a message; None if it is none."""
    data = parsed(message)
    if not isinstance(data, list) or not data or not text(data[0], "type"):
        return None
    meta, status, headers = data[0], get(data[0], "status"), get(data[0], "headers")
    return Frame(
        kind=text(meta, "type"),
        status=status if isinstance(status, int) else 0,
        recovery=inner(meta, "wsc", "token"),
        headers=_texts(headers) if isinstance(headers, dict) else {},
        body=data[1] if len(data) > 1 else None,
    )


def subscribing(message_id: str) -> str:
    """Return the message that asks for the events of the user's own calls."""
    meta = {
        "type": REQUEST,
        "messageId": message_id,
        "method": "POST",
        "path": "/restapi/v1.0/subscription/",
    }
    mode = {"transportType": "WebSocket"}
    return json.dumps([meta, {"eventFilters": [OWN_SESSIONS], "deliveryMode": mode}])


def beating(message_id: str) -> str:
    """Return the message that keeps an idle connection open."""
    return json.dumps([{"type": HEARTBEAT, "messageId": message_id}])


def refusal(answer: Frame) -> RingCentralError | None:
    """Return the error that an answer means; None for a success."""
    if answer.kind == REQUEST and answer.status == HTTPStatus.OK:
        return None
    found = wire.error(answer.status, answer.headers, answer.body)
    return found or Unreachable("an answer without a status")


def _texts(headers: Mapping[str, Any]) -> dict[str, str]:
    return {key: value for key, value in headers.items() if isinstance(value, str)}
