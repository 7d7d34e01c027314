"""The hook as a part of the bot: off, and without any cost, unless its address is set."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.calls.call import Call
from bot.clock import Clock
from bot.hooks.deliveries import Deliveries
from bot.hooks.events import ToldOfCalls, kinds_of
from bot.hooks.receiver import Receiver, Target
from bot.settings.settings import Settings
from bot.storage.calls.store import Store
from bot.storage.hooks.outbox import Outbox, add_event
from bot.telemetry.measures import Measures


def target_of(settings: Settings) -> Target:
    """Return where events go."""
    return Target(
        url=settings.ringout_hook_url,
        secrets=settings.ringout_hook_secret,
        allow_private=settings.ringout_hook_allow_private,
    )


class Hook:
    """Stores events of calls for the receiver in *settings*, and tells it."""

    def __init__(self, settings: Settings, clock: Clock, measures: Measures) -> None:
        self._settings = settings
        self._clock = clock
        self._measures = measures
        self._deliveries: Deliveries | None = None

    def store(
        self, connection: Connection, old: Call, new: Call, now: datetime
    ) -> bool:
        """Store what the receiver is to be told of a change; see `Store.change`."""
        kinds = kinds_of(old, new) if self._settings.ringout_hook_url else []
        for kind in kinds:
            add_event(connection, kind, new.id, now)
        return bool(kinds)

    def wake(self) -> None:
        """Tell of what was just stored."""
        if self._deliveries is not None:
            self._deliveries.wake()

    def tasks(self, store: Store) -> dict[str, Coroutine[Any, Any, None]]:
        """Return the task that sends what waits, by name; none if the hook is off."""
        settings = self._settings
        if not settings.ringout_hook_url:
            return {}
        self._deliveries = Deliveries(
            Outbox(store.writer, settings.ringout_hook_url, store.unreadable),
            Receiver(target_of(settings)),
            ToldOfCalls(
                settings.ringout_hook_numbers,
                with_private=settings.ringout_hook_private_calls,
                with_notes=settings.ringout_hook_notes,
            ),
            self._clock,
            self._measures,
        )
        return {"hook": self._deliveries.run()}
