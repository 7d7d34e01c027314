"""One account's WebSocket: opened again whenever it ends, until RingCentral refuses it."""

from __future__ import annotations

import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import aiohttp

from bot.accounts.event_flow import EventFlow
from bot.accounts.permitted import Permitted
from bot.accounts.registry import Accounts
from bot.calls.subscription import (
    RemoteState,
    Subscription,
    failed,
    missing,
    refused,
    working,
)
from bot.clock import Clock
from bot.errors import BotError, CredentialsRefused, RateLimited, Refused
from bot.ringcentral.push.event_socket import EventSocket, SocketWaits
from bot.ringcentral.push.notification import Notification
from bot.storage.people.subscriptions import SubscriptionRows

log = logging.getLogger(__name__)

SOCKET_LIFE = timedelta(hours=24)
"""After which RingCentral ends a WebSocket."""

FIRST_REOPENING, LONGEST_REOPENING = 1.0, 60.0
"""Seconds before a connection that has ended is opened again, doubled after each that has
failed. Half of it is left to chance, so that not all come back at once."""

SOCKET_ADDRESS = ""
"""What `Subscription.address` is for a WebSocket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketParts:
    """What the WebSockets of all accounts share.

    Attributes:
        encrypted: Whether only encrypted connections are made.
        id_of: Returns the id of an account for its name in the database.
        on_gap: Gets the id of an account of which events may have been lost.
    """

    rows: SubscriptionRows
    accounts: Accounts
    permitted: Permitted
    flow: EventFlow
    clock: Clock
    encrypted: bool
    id_of: Callable[[str], str]
    on_gap: Callable[[str], Awaitable[None]]
    waits: SocketWaits


class AccountSocket:
    """Carries one account's events; a `bot.ringcentral.push.event_socket.SocketUser`."""

    def __init__(
        self,
        parts: SocketParts,
        subscription: Subscription,
        session: aiohttp.ClientSession,
    ) -> None:
        self._parts = parts
        self._subscription = subscription
        self._account = parts.id_of(subscription.account)
        self._had_events = bool(subscription.remote_id)
        self._socket = EventSocket(
            session, self, encrypted=parts.encrypted, waits=parts.waits
        )

    async def run(self) -> None:
        """Carry events until RingCentral refuses to send any, or this is canceled."""
        while True:
            wait = 0.0
            try:
                await self._leave_webhook()
                log.info("a WebSocket has ended: %s", await self._carry())
            except RateLimited as error:
                wait = error.retry_after
            except (Refused, CredentialsRefused) as error:
                await self._refused(error)
                return
            except BotError as error:
                log.info("no events come by WebSocket: %s", error)
            finally:
                await self._ended()
            self._subscription = failed(self._subscription, self._parts.clock.now())
            await self._parts.clock.sleep(max(wait, _pause(self._subscription.tries)))

    async def opened(self, subscription: str, *, goes_on: bool) -> None:
        """Store that events come; make the account's calls due if some were lost."""
        now = self._parts.clock.now()
        remote = RemoteState(subscription, is_active=True, expires_at=now + SOCKET_LIFE)
        works = working(self._subscription, remote, SOCKET_ADDRESS, now)
        # Due at once for whoever can claim it: this process is then dead.
        await self._store(replace(works, next_at=now))
        if self._had_events and not goes_on:
            await self._parts.on_gap(self._account)
        self._had_events = True

    def deliver(self, told: Notification) -> None:
        """Take an event."""
        self._parts.flow.deliver(self._account, told)

    def strange(self) -> None:
        """Count a message that is none of RingCentral's."""
        self._parts.flow.ignored("strange")

    @property
    def _has_webhook(self) -> bool:
        """Whether RingCentral still sends this account's events to a public address."""
        return bool(self._subscription.remote_id and self._subscription.address)

    async def _leave_webhook(self) -> None:
        """Delete the webhook from when the bot had a public address, as its budget allows.

        RingCentral would go on to send what is said of people's calls to that address.
        """
        if not self._has_webhook:
            return
        telephony = self._parts.accounts.telephony(self._account)
        with contextlib.suppress(Refused):
            await telephony.subscriptions.delete(self._subscription.remote_id)
        gone = missing(self._subscription, self._parts.clock.now())
        await self._store(replace(gone, address=SOCKET_ADDRESS))

    async def _ended(self) -> None:
        """Store that no events come; a webhook that is still to be deleted stays stored."""
        if self._has_webhook:
            return
        with contextlib.suppress(BotError):
            await self._store(missing(self._subscription, self._parts.clock.now()))

    async def _carry(self) -> str:
        parts = self._parts
        lacking = await parts.permitted.lacking(self._account)
        if lacking:
            raise Refused(403, "CMN-401", permission=lacking)
        api = parts.accounts.telephony(self._account).subscriptions
        return await self._socket.run(await api.socket_ticket())

    async def _refused(self, error: Refused | CredentialsRefused) -> None:
        """Leave the account to be tried again much later, by any process."""
        now, why = self._parts.clock.now(), error.code
        if isinstance(error, Refused):
            why = error.permission or error.code or str(error.status)
        if why != self._subscription.trouble:
            log.info("RingCentral sends an account no events: %s", error)
        await self._store(refused(self._subscription, why, now), release=True)

    async def _store(self, after: Subscription, *, release: bool = False) -> None:
        self._subscription = after
        if await self._parts.rows.store(after, release=release):
            await self._parts.flow.read()


def _pause(tries: int) -> float:
    longest = min(FIRST_REOPENING * 2.0 ** min(tries, 10), LONGEST_REOPENING)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads, keeps no secret
