"""All that pushes events to an app: subscriptions, webhooks, the gateway, the events."""

from __future__ import annotations

import asyncio

from bot.sandbox.ringcentral.calls import Exchange
from bot.sandbox.ringcentral.clock import StoryClock
from bot.sandbox.ringcentral.events import Events
from bot.sandbox.ringcentral.feed import Feed
from bot.sandbox.ringcentral.gateway import PATH, SOCKET_PERMISSIONS, Gateway
from bot.sandbox.ringcentral.incoming import IncomingCalls
from bot.sandbox.ringcentral.login import Logins
from bot.sandbox.ringcentral.messages import MessageStore
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
        feed: Makes an event of each change of a call.
    """

    def __init__(
        self,
        clock: StoryClock,
        people: People,
        logins: Logins,
        exchange: Exchange,
        incoming: IncomingCalls,
        messages: MessageStore,
    ) -> None:
        self._logins = logins
        self._watching: asyncio.Task[None] | None = None
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

        self.feed = Feed(
            exchange=exchange,
            incoming=incoming,
            messages=messages,
            people=people,
            events=self.events,
        )

    def permit(self) -> None:
        """Give the app the permissions, as RingCentral's support does on request."""
        self._logins.scopes |= {CALL_CONTROL, SUBSCRIBE_WEBHOOK, *SOCKET_PERMISSIONS}

    def open(self, url: str) -> None:
        """Serve the gateway at the double's *url*."""
        self.gateway.address = f"{url.replace('http', 'ws', 1)}{PATH}"
        self._watching = asyncio.create_task(self.feed.run(), name="events")

    async def close(self) -> None:
        """Drop what has not been delivered; cut the connections."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self.events.close()
        await self.gateway.cut()

    def _blacklist(self, which: Subscription, reason: str) -> None:
        self.subscriptions.blacklist(which, reason)
