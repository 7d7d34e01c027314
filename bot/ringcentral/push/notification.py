"""Reads what RingCentral pushes. Anybody can send to a webhook, so it may be anything."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.calls.sessions.session import SessionEvent
from bot.ringcentral.transport import telephony
from bot.ringcentral.transport.shapes import ID_FORM, text
from bot.weight import weight

MOST_PUSHED_BYTES = 65_536
MOST_PUSHED_WEIGHT = 5_000
"""Bounds of a message, which is parsed on the event loop. An event of one party has 1 kB
and 40 by `bot.weight.weight`; RingCentral's largest sessions have a dozen parties."""


@dataclass(frozen=True, slots=True)
class Notification:
    """A pushed event, and the id of the subscription that it was sent for."""

    subscription: str
    event: SessionEvent


def parsed(message: bytes) -> Any:
    """Return the JSON of a message; None for one that is too large, or no JSON."""
    if len(message) > MOST_PUSHED_BYTES or weight(message) > MOST_PUSHED_WEIGHT:
        return None
    try:
        return json.loads(message)
    except (ValueError, RecursionError):
        return None


def notification(data: Any) -> Notification | None:
    """Return the notification in *data*; None if it is no event of a session."""
    event = telephony.session_event(data)
    subscription = text(data, "subscriptionId")
    if event is None or not ID_FORM.fullmatch(subscription):
        return None
    return Notification(subscription, event)
