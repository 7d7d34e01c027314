"""Which accounts' events flow, and the events themselves on their way to the calls."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.calls.sessions.session import SessionEvent
from bot.errors import BotError
from bot.ringcentral.push.notification import Notification
from bot.storage.people.subscriptions import (
    KnownSubscription,
    SubscriptionRows,
    hashed,
)
from bot.telemetry.measures import Measures

log = logging.getLogger(__name__)

MOST_WAITING = 1000
"""Events that wait to be looked at; a later one is dropped, for polls tell the same."""

LOOK_AGAIN = timedelta(seconds=1)
"""Between two reads of the table for deliveries that no known webhook gets."""

OnEvent = Callable[[str, SessionEvent], Awaitable[None]]
"""Gets an account's id and an event of one of its calls."""


class OwnWebhook(NamedTuple):
    """A webhook of ours; see `bot.ringcentral.push.webhook.Webhook`."""

    account: str
    remote_id: str


class EventFlow:
    """Hands events to *on_event*, one after the other.

    *ids* returns the id of an account for its name in the database; *address* is where
    the events should go, empty for WebSockets.
    """

    def __init__(
        self,
        rows: SubscriptionRows,
        measures: Measures,
        *,
        transport: str,
        address: str,
        now: Callable[[], datetime],
        name_of: Callable[[str], str],
        id_of: Callable[[str], str],
        on_event: OnEvent,
    ) -> None:
        self._rows = rows
        self._measures = measures
        self._transport = transport
        self._address = address
        self._now = now
        self._name_of = name_of
        self._id_of = id_of
        self._on_event = on_event
        self._known: dict[str, KnownSubscription] = {}
        self._by_path: dict[str, KnownSubscription] = {}
        self._read_at: datetime | None = None
        self._waiting: asyncio.Queue[tuple[str, SessionEvent]] = asyncio.Queue(
            MOST_WAITING
        )

    def flows(self, account: str) -> bool:
        """Whether an account's events flow, as far as this process knows."""
        known = self._known.get(self._name_of(account))
        return known is not None and self._is_flowing(known)

    async def read(self) -> None:
        """Read the table. Raises `StoreUnavailable`."""
        self._read_at = self._now()
        self.know(await self._rows.all())

    def know(self, rows: Iterable[KnownSubscription]) -> None:
        """Replace what is known."""
        self._known = {each.account: each for each in rows}
        self._by_path = {each.path: each for each in self._known.values() if each.path}
        flowing = sum(map(self._is_flowing, self._known.values()))
        self._measures.streams(flowing)

    async def whose(self, secret: str, tokens: Sequence[str]) -> OwnWebhook | None:
        """Return the webhook with these secrets; see `Webhooks`.

        The table is read at most once a second, however many strangers send something.
        """
        path = hashed(secret)
        if path not in self._by_path and self._may_read():
            await self.read()
        found = self._by_path.get(path)
        if found is None or not any(
            hmac.compare_digest(hashed(each), found.token) for each in tokens
        ):
            return None
        return OwnWebhook(self._id_of(found.account), found.subscription.remote_id)

    def deliver(self, account: str, told: Notification) -> None:
        """Take an event, without waiting."""
        try:
            self._waiting.put_nowait((account, told.event))
        except asyncio.QueueFull:
            self.ignored("dropped")
        else:
            self._measures.pushed(self._transport, "taken")

    def ignored(self, why: str) -> None:
        """Count what changes nothing: ``forged``, ``strange`` or ``dropped``."""
        self._measures.pushed(self._transport, why)

    async def run(self) -> None:
        """Hand events on, forever. None is tried twice: polls tell the same."""
        while True:
            account, event = await self._waiting.get()
            try:
                await self._on_event(account, event)
            except BotError as error:
                log.info("an event was not looked at: %s", error)

    def _is_flowing(self, known: KnownSubscription) -> bool:
        now = self._now()
        if not known.subscription.flows(self._address, now):
            return False
        return bool(self._address) or now < known.held_until

    def _may_read(self) -> bool:
        return self._read_at is None or self._now() - self._read_at >= LOOK_AGAIN
