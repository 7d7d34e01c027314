"""Subscriptions to pushed events: for the accounts that calls use, and for none that left.

By webhook where the bot has a public address, else over WebSockets. Nothing rests on
them: who has no permission, or whose events stop, is polled as before.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from bot.accounts.account_socket import SOCKET_ADDRESS, SocketParts
from bot.accounts.clients import SHARED
from bot.accounts.event_flow import EventFlow, OnEvent
from bot.accounts.permitted import Permitted
from bot.accounts.registry import Accounts
from bot.accounts.socket_keeper import MOST_SOCKETS, SocketKeeper
from bot.accounts.webhook_keeper import WebhookKeeper
from bot.clock import Clock
from bot.errors import StoreUnavailable
from bot.ringcentral.push.event_socket import USUAL_SOCKET_WAITS, SocketWaits
from bot.ringcentral.push.webhook import WEBHOOK_PATH, WebhookEntrance
from bot.serving.server import Server
from bot.storage.people.connections import Connections
from bot.storage.people.subscriptions import SubscriptionRows
from bot.telemetry.measures import Measures

log = logging.getLogger(__name__)

SUBSCRIPTIONS_EVERY = 20.0
"""Seconds between two looks for what is due: a transaction each, if nothing is. A third of
the time for which a process claims an account."""

STOP_WITHIN = 2.0
"""Seconds to give the claims up; a whole stop has ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventWaits:
    """How long what is about pushed events waits; *look*: seconds between two looks."""

    look: float = SUBSCRIPTIONS_EVERY
    socket: SocketWaits = USUAL_SOCKET_WAITS


USUAL_EVENT_WAITS = EventWaits()


class Keeper(Protocol):
    """Keeps one kind of subscription."""

    async def begin(self) -> None:
        """Give up what this process may not keep, without asking the database."""

    async def look(self, *, is_due: bool) -> bool:
        """Do what is due, if anything is; return whether there may be more.

        Raises `StoreUnavailable`.
        """

    async def stop(self) -> None:
        """Leave all to other processes. Raises `StoreUnavailable`."""


class Subscriptions:
    """Has RingCentral push the events of all accounts' calls, as far as it allows.

    *public_url* is where RingCentral reaches the bot; empty: by WebSocket, at *server_url*.
    *is_shared*: there is a shared account. *on_event* gets each event, and *on_gap* the id
    of an account of which some may be lost.
    """

    def __init__(
        self,
        rows: SubscriptionRows,
        accounts: Accounts,
        connections: Connections,
        clock: Clock,
        measures: Measures,
        *,
        public_url: str,
        server_url: str,
        is_shared: bool,
        on_event: OnEvent,
        on_gap: Callable[[str], Awaitable[None]],
        waits: EventWaits = USUAL_EVENT_WAITS,
        most_sockets: int = MOST_SOCKETS,
    ) -> None:
        self._rows = rows
        self._clock = clock
        self._waits = waits
        self._shared = accounts.clients.key(SHARED)
        self._is_shared = is_shared
        self._is_webhook = bool(public_url)
        address = f"{public_url}{WEBHOOK_PATH}" if public_url else SOCKET_ADDRESS
        self._address = address
        self._is_first_look = True
        self._flow = EventFlow(
            rows,
            measures,
            transport="webhook" if self._is_webhook else "websocket",
            address=address,
            now=clock.now,
            name_of=accounts.clients.key,
            id_of=self._id_of,
            on_event=on_event,
        )
        permitted = Permitted(accounts, connections, webhook=self._is_webhook)
        self._keeper: Keeper = SocketKeeper(
            SocketParts(
                rows=rows,
                accounts=accounts,
                permitted=permitted,
                flow=self._flow,
                clock=clock,
                encrypted=urlsplit(server_url).scheme == "https",
                id_of=self._id_of,
                on_gap=on_gap,
                waits=waits.socket,
            ),
            self._shared if is_shared else None,
            most_sockets,
        )
        if self._is_webhook:
            self._keeper = WebhookKeeper(
                rows,
                accounts,
                permitted,
                clock,
                address=address,
                id_of=self._id_of,
                on_gap=on_gap,
            )

    def flows(self, account: str) -> bool:
        """Whether an account's events flow, as far as this process knows."""
        return self._flow.flows(account)

    def add_to(self, server: Server) -> None:
        """Receive deliveries on *server*."""
        if self._is_webhook:
            entrance = WebhookEntrance(self._flow)
            server.post(WEBHOOK_PATH + "{secret}", entrance.receive)

    async def look(self) -> bool:
        """Follow who has connected and left, and do what is due; see `Keeper.look`.

        The first look changes what an earlier ``PUBLIC_URL`` has left. Later ones don't,
        because a process that still has that one might change it back.
        """
        now, others = self._clock.now(), [self._shared] if self._is_shared else []
        await self._keeper.begin()
        if self._is_first_look:
            await self._rows.make_due(self._address, now)
            self._is_first_look = False
        rows = await self._rows.follow(others, now)
        self._flow.know(rows)
        is_due = any(self._rows.may_claim(each, now) for each in rows)
        more = await self._keeper.look(is_due=is_due)
        if is_due:
            await self._flow.read()
        return more

    async def run(self) -> None:
        """Look now and then, forever."""
        while True:
            more = False
            with contextlib.suppress(StoreUnavailable):
                more = await self.look()
            if not more:
                await self._clock.sleep(self._waits.look)

    async def hand_on(self) -> None:
        """Hand events on, forever."""
        await self._flow.run()

    async def stop(self) -> None:
        """Leave all to other processes."""
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(STOP_WITHIN):
                await self._keeper.stop()

    def _id_of(self, name: str) -> str:
        return SHARED if name == self._shared else name
