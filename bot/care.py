"""Looking after people's sign-ins: kept alive, warned of, told once when they end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.accounts import Accounts
from bot.clock import Clock
from bot.errors import BotError, StoreUnavailable
from bot.storage.connections import Connections, Linked
from bot.storage.signins import SignIns

log = logging.getLogger(__name__)

EVERY = 30.0
"""Seconds between looks; a sign-in that breaks is looked after at once."""

KEEP_ALIVE = timedelta(days=3)
"""A refresh token lasts seven days by default: one that nobody used is refreshed."""

WARN = {"once": timedelta(minutes=10), "jwt": timedelta(days=3)}
"""How long before its end a person is told of a sign-in that can't be refreshed."""

KEPT = timedelta(days=1)

Tell = Callable[[Linked], Awaitable[None]]


def needs_refresh(linked: Linked, now: datetime) -> bool:
    """Return whether a sign-in would end by being left alone."""
    if linked.kind != "oauth" or linked.ends_at is None:
        return False
    return linked.ends_at - now < KEEP_ALIVE


def needs_warning(linked: Linked, now: datetime) -> bool:
    """Return whether a sign-in ends soon, and nothing can be done about it here."""
    ahead = WARN.get(linked.kind)
    if ahead is None or linked.ends_at is None:
        return False
    return linked.ends_at - now < ahead


class Care:
    """Looks after all connections; several processes share that by the database."""

    def __init__(
        self,
        connections: Connections,
        signins: SignIns,
        accounts: Accounts,
        clock: Clock,
        *,
        ended: Tell,
        ending: Tell,
    ) -> None:
        self._connections = connections
        self._signins = signins
        self._accounts = accounts
        self._clock = clock
        self._ended = ended
        self._ending = ending
        self._wake = asyncio.Event()

    def hurry(self) -> None:
        """Look now: a sign-in has just ended."""
        self._wake.set()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            try:
                await self.look()
            except StoreUnavailable:
                log.info("sign-ins are looked after later: no database")
            except Exception:  # the next look may find nothing wrong
                log.exception("looking after sign-ins failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), timeout=EVERY)
            self._wake.clear()

    async def look(self) -> None:
        """Do once what is due."""
        now = self._clock.now()
        for linked in await self._connections.untold():
            if await self._connections.told(linked.id, now):
                await self._ended(linked)
        for linked in await self._connections.ending(now + KEEP_ALIVE):
            if needs_warning(linked, now):
                if await self._connections.warned(linked.id, now):
                    await self._ending(linked)
            elif needs_refresh(linked, now):
                await self._refresh(linked)
        await self._signins.forget(now - KEPT)

    async def _refresh(self, linked: Linked) -> None:
        try:
            await self._accounts.telephony(linked.id).start()
        except BotError as error:  # the next look tries again, or it has broken
            log.info("a sign-in could not be kept alive: %s", type(error).__name__)
