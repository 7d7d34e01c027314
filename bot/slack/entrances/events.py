"""What Slack tells by itself: each event handed on once, and acked in time."""

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
    "app_uninstalled",
    "team_access_granted",
    "team_access_revoked",
    "tokens_revoked",
    "user_change",
)
"""As in the manifest. Each has a listener: Slack takes Bolt's 404 for a failure, and
stops telling an app most of whose deliveries fail."""

MOST_EVENT_IDS = 10_000
"""Ids of events; Slack's limit is 30,000 an hour and workspace, and it repeats one for
six minutes (Slack docs, "Events API", "Rate limiting", "Retries")."""

AfterAck = Callable[[], Coroutine[Any, Any, None]]
EventHandler = Callable[[SlackEvent], Awaitable[AfterAck | None]]
"""Awaited before the ack, so that it may store what must not be lost; it has little
time. What it returns runs after the ack. Slack may deliver an event twice, to two
processes also, so doing it again must do no harm."""


class Events:
    """Hands events to *handlers*; one without a handler is only acked."""

    def __init__(
        self, background: Background, handlers: Mapping[str, EventHandler]
    ) -> None:
        unknown = set(handlers) - set(EVENTS)
        if unknown:
            raise ValueError(f"not in the manifest: {unknown}")
        self._background = background
        self._handlers = dict(handlers)
        self._seen: OrderedDict[str, None] = OrderedDict()

    def register(self, app: AsyncApp) -> None:
        """Let *app* take every event of the manifest."""
        for name in EVENTS:
            app.event(name)(self._listen)

    async def _listen(self, body: dict[str, Any]) -> BoltResponse | None:
        event = SlackEvent.from_body(body)
        handle = self._handlers.get(event.kind)
        if handle is None or event.id in self._seen:
            return None
        try:
            async with asyncio.timeout(ACK_WITHIN):
                later = await handle(event)
        except Exception as error:  # noqa: BLE001 - Slack shall deliver it again
            log.warning(
                "event %s: not taken, Slack will repeat it: %s",
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
