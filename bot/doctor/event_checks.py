"""Checks of the events that RingCentral pushes. Calls do without them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.calls.sessions.permission import CALL_CONTROL
from bot.doctor.check import Check, CheckFailed, few
from bot.errors import StoreUnavailable
from bot.ringcentral.push.webhook import WEBHOOK_PATH
from bot.ringcentral.subscriptions import SOCKETS, WEBHOOKS
from bot.settings.settings import Settings
from bot.storage.calls.store import Store
from bot.storage.people.subscriptions import KnownSubscription, SubscriptionRows

GRANTED_BY_HAND = (CALL_CONTROL, WEBHOOKS, SOCKETS)
"""Permissions that RingCentral's support grants on request."""


class EventChecks:
    """Reads what a running bot has stored; asks RingCentral nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def all(self) -> dict[str, Check]:
        """Return the checks by name, in their order."""
        return {"pushed events": self._events}

    async def _events(self) -> str:
        settings = self._settings
        if not settings.ringout_events:
            return "off (RINGOUT_EVENTS): calls are polled"
        store = Store(settings.database_url)
        try:
            await store.open()
            rows = await SubscriptionRows(store.writer, "doctor").all()
        except StoreUnavailable as error:
            raise CheckFailed(str(error), "See above.") from None
        finally:
            store.close()
        url = settings.public_url
        address = f"{url}{WEBHOOK_PATH}" if url else ""
        return subscriptions_in_words(rows, address, datetime.now(UTC))


def subscriptions_in_words(
    rows: Sequence[KnownSubscription], address: str, now: datetime
) -> str:
    """Return in words of how many accounts events come to *address*, and why not."""
    how = "webhook" if address else "WebSocket"
    flowing = sum(1 for each in rows if each.subscription.flows(address, now))
    lacking = sorted({each.subscription.trouble for each in rows} - {""})
    said = f"by {how} for {flowing} of {len(rows)} accounts"
    if flowing == len(rows):
        return said
    why = f" ({few(lacking)})" if lacking else ""
    ask = ""
    if not set(lacking).isdisjoint(GRANTED_BY_HAND):
        wanted = WEBHOOKS if address else SOCKETS
        ask = f". RingCentral's support grants the app {CALL_CONTROL} and {wanted}"
    return f"{said}; the others' calls are polled{why}{ask}"
