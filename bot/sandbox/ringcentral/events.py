"""Events of telephony sessions, sent to all subscriptions: also late, twice, or not at all.

Source: RingCentral API reference, "Telephony Sessions Event".
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.ringcentral.answers import Json
from bot.sandbox.ringcentral.clock import StoryClock, iso
from bot.sandbox.ringcentral.gateway import Gateway
from bot.sandbox.ringcentral.subscriptions import (
    WEBHOOK,
    Subscription,
    Subscriptions,
)
from bot.sandbox.ringcentral.webhooks import Webhooks


@dataclass(slots=True, kw_only=True)
class Events:
    """Sends the events.

    Attributes:
        late: Seconds from a change to its event.
        copies: How often each event is delivered.
        lose: Returns whether an event, given its body, is lost.
        held: If a list, events are kept in it instead; `release` sends them.
        sent: The bodies of all that was to be sent, whether or not it was lost.
    """

    clock: StoryClock
    subscriptions: Subscriptions
    webhooks: Webhooks
    gateway: Gateway
    late: float = 0.0
    copies: int = 1
    lose: Callable[[Json], bool] = lambda _: False
    held: list[Json] | None = None
    sent: list[Json] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, repr=False)

    def emit(self, extension: str, body: Json, *, company: bool = False) -> None:
        """Send an event about a session of *extension*, or of the whole company.

        Args:
            extension: The extension id of the user whose call it is.
            body: A ``TelephonySessionsEventBody``.
            company: To subscriptions with the account's filter, not to users' own.
        """
        self.sent.append(body)
        for each in self.subscriptions.active():
            if each.wants(extension, company=company):
                event = self._envelope(each, body, company=company)
                if self.held is not None:
                    self.held.append(event)
                elif not self.lose(body):
                    self._start(each, event)

    def release(self, *, newest_first: bool = False) -> None:
        """Send the events that were held, perhaps out of order."""
        held, self.held = self.held or [], None
        for event in reversed(held) if newest_first else held:
            to = self.subscriptions.all.get(event["subscriptionId"])
            if to is not None:
                self._start(to, event)

    async def settle(self) -> None:
        """Wait until everything has been delivered."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def close(self) -> None:
        """Drop what has not been delivered."""
        for each in self._tasks:
            each.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.webhooks.close()

    def _start(self, to: Subscription, event: Json) -> None:
        for _ in range(self.copies):
            task = asyncio.get_running_loop().create_task(self._deliver(to, event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, to: Subscription, event: Json) -> None:
        if self.late:
            await asyncio.sleep(self.late)
        if to.transport == WEBHOOK:
            await self.webhooks.deliver(to, event)
        else:
            await self.gateway.notify(to, event)

    def _envelope(self, to: Subscription, body: Json, *, company: bool) -> Json:
        return {
            "uuid": str(uuid.uuid4().int)[:16],
            "event": to.event_filter(company=company),
            "timestamp": iso(self.clock.utc()),
            "subscriptionId": to.id,
            "ownerId": to.owner,
            "body": body,
        }
