"""All that pushes events to an app: subscriptions, webhooks, the gateway, the events."""

from __future__ import annotations

from bot.sandbox.ringcentral.clock import StoryClock
from bot.sandbox.ringcentral.events import Events
from bot.sandbox.ringcentral.gateway import PATH, SOCKET_PERMISSIONS, Gateway
from bot.sandbox.ringcentral.login import Logins
from bot.sandbox.ringcentral.people import People
from bot.sandbox.ringcentral.subscriptions import (
    CALL_CONTROL,
    SUBSCRIBE_WEBHOOK,
    Subscription,
    Subscriptions,
)
from bot.sandbox.ringcentral.webhooks import Webhooks


class Push:
    """Pushes events, as soon as the app has the permissions for it and subscribes.

    Attributes:
        subscriptions: Who gets events.
        webhooks, gateway: They carry the events.
        events: Sends events, and what goes wrong with them.
    """

    def __init__(self, clock: StoryClock, people: People, logins: Logins) -> None:
        self._logins = logins
        self.webhooks = Webhooks(blacklist=self._blacklist)
        self.subscriptions = Subscriptions(
            clock=clock,
            people=people,
            scopes=lambda: logins.scopes,
            validate=self.webhooks.validate,
        )
        self.gateway = Gateway(
            clock=clock, people=people, subscriptions=self.subscriptions
        )
        self.events = Events(
            clock=clock,
            subscriptions=self.subscriptions,
            webhooks=self.webhooks,
            gateway=self.gateway,
        )

    def permit(self) -> None:
        """Give the app the permissions, as RingCentral's support does on request."""
        self._logins.scopes |= {CALL_CONTROL, SUBSCRIBE_WEBHOOK, *SOCKET_PERMISSIONS}

    def open(self, url: str) -> None:
        """Serve the gateway at the double's *url*."""
        self.gateway.address = f"{url.replace('http', 'ws', 1)}{PATH}"

    async def close(self) -> None:
        """Drop what has not been delivered; cut the connections."""
        await self.events.close()
        await self.gateway.cut()

    def _blacklist(self, which: Subscription, reason: str) -> None:
        self.subscriptions.blacklist(which, reason)
