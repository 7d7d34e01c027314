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
from bot.storage.hooks.missed_outbox import MissedOutbox, add_missed
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
        self._deliveries: dict[str, Deliveries] = {}

    def store(
        self, connection: Connection, old: Call, new: Call, now: datetime
    ) -> bool:
        """Store what the receiver is to be told of a change; see `Store.change`."""
        if not self._settings.ringout_hook_url:
            return False
        with_private = self._settings.ringout_hook_private_calls
        kinds = kinds_of(old, new, with_private=with_private)
        for kind in kinds:
            add_event(connection, kind, new.id, now)
        return bool(kinds)

    def store_missed(self, connection: Connection, card_id: str, now: datetime) -> None:
        """Store that the receiver is to be told of missed calls, by their card."""
        if self._settings.ringout_hook_url:
            add_missed(connection, card_id, now)

    def wake(self) -> None:
        """Tell of what was just stored."""
        for each in self._deliveries.values():
            each.wake()

    def tasks(self, store: Store) -> dict[str, Coroutine[Any, Any, None]]:
        """Return the tasks that send what waits, by name; none if the hook is off."""
        address = self._settings.ringout_hook_url
        if not address:
            return {}
        outboxes = {"hook": Outbox(store.writer, address, store.unreadable)}
        if self._settings.ringout_missed.are_any:
            missed = MissedOutbox(store.writer, address, store.unreadable)
            outboxes["hook of missed calls"] = missed
        self._deliveries = {
            name: self._made(outbox, name) for name, outbox in outboxes.items()
        }
        return {name: each.run() for name, each in self._deliveries.items()}

    def _made(self, outbox: Outbox, name: str) -> Deliveries:
        settings = self._settings
        told = ToldOfCalls(
            settings.ringout_hook_numbers,
            with_private=settings.ringout_hook_private_calls,
            with_notes=settings.ringout_hook_notes,
        )
        receiver = Receiver(target_of(settings))
        return Deliveries(outbox, receiver, told, self._clock, self._measures, of=name)
