"""Receives Slack's events: hands each to its handler once, and acks it in time."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp

from bot.background import Background
from bot.slack.entrances.adapter import ACK_WITHIN
from bot.slack.entrances.event import SlackEvent

log = logging.getLogger(__name__)

EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "message.im",
    "subteam_members_changed",
    "subteam_updated",
    "team_access_granted",
    "team_access_revoked",
    "tokens_revoked",
    "user_change",
)
"""The manifest's events; what is delivered has the part before the dot. Each has a
listener: without one Bolt answers 404, and Slack stops sending events if most deliveries
fail."""

MOST_EVENT_IDS = 10_000
"""Event ids kept to recognize a repeated delivery. Slack repeats an event for six minutes
and sends 30,000 an hour and workspace at most (Slack docs, "Events API", "Rate limiting",
"Retries")."""


STEP_EVENT = "function_executed"
"""An event of the manifest's variant with the workflow step alone."""


def kind_of(name: str) -> str:
    """Return the ``type`` of the event that the manifest calls *name*."""
    return name.partition(".")[0]


AfterAck = Callable[[], Coroutine[Any, Any, None]]
"""Work that a handler leaves for after the ack."""

EventHandler = Callable[[SlackEvent], Awaitable[AfterAck | None]]
"""Runs before the ack, within `ACK_WITHIN`: it stores what must not be lost. It must be
idempotent: Slack may deliver an event twice, and to two processes."""


class Events:
    """Hands events to *handlers*, by kind; an event without a handler is only acked."""

    def __init__(
        self,
        background: Background,
        handlers: Mapping[str, EventHandler],
        ack_within: float = ACK_WITHIN,
    ) -> None:
        unknown = set(handlers) - {kind_of(each) for each in (*EVENTS, STEP_EVENT)}
        if unknown:
            raise ValueError(f"not in the manifest: {unknown}")
        self._background = background
        self._handlers = dict(handlers)
        self._ack_within = ack_within
        self._seen: OrderedDict[str, None] = OrderedDict()

    def register(self, app: AsyncApp) -> None:
        """Let *app* receive every event of the manifest."""
        for name in (*EVENTS, STEP_EVENT):
            app.event(kind_of(name))(self._listen)

    async def _listen(self, body: dict[str, Any]) -> BoltResponse | None:
        event = SlackEvent.from_body(body)
        handle = self._handlers.get(event.kind)
        if handle is None or event.id in self._seen:
            return None
        try:
            async with asyncio.timeout(self._ack_within):
                later = await handle(event)
        except Exception as error:  # noqa: BLE001 - Slack repeats what is not acked
            log.warning(
                "event %s: not handled, Slack will repeat it: %s",
                event.kind,
                type(error).__name__,
            )
            return BoltResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, body="")
        self._remember(event.id)
        if later is not None:
            self._background.start(later(), name=f"event {event.kind}")
        return None

    def _remember(self, event_id: str) -> None:
        if event_id:
            self._seen[event_id] = None
            while len(self._seen) > MOST_EVENT_IDS:
                self._seen.popitem(last=False)
