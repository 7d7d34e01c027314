"""Keeps WebSockets open for the accounts that this process has claimed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection

import aiohttp

from bot.accounts.account_socket import AccountSocket, SocketParts
from bot.storage.people.subscriptions import SUBSCRIPTION_CLAIM

log = logging.getLogger(__name__)

MOST_SOCKETS = 100
"""WebSockets of one process; who gets none is polled as before. Each is a connection, and
a process may usually have a thousand."""


class SocketKeeper:
    """Opens and closes them as accounts are claimed and lost.

    Of the *most* that it has open, one is kept for the account *shared*, if there is one:
    all who have connected none call by it.
    """

    def __init__(self, parts: SocketParts, shared: str | None, most: int) -> None:
        self._parts = parts
        self._shared = shared
        self._most = most
        self._open: dict[str, asyncio.Task[None]] = {}
        self._kept_at = parts.clock.monotonic()
        self._session: aiohttp.ClientSession | None = None

    async def begin(self) -> None:
        """Close all once the claims have run out, because the database is gone.

        Another process may have them by now.
        """
        lasts = SUBSCRIPTION_CLAIM.total_seconds()
        if self._parts.clock.monotonic() - self._kept_at > lasts:
            await self._close(self._open)

    async def look(self, *, is_due: bool) -> bool:
        """Prolong the claims; close what was lost, open what is free."""
        clock, rows = self._parts.clock, self._parts.rows
        running = {name for name, task in self._open.items() if not task.done()}
        kept = await rows.keep(running, clock.now()) if running else set()
        self._kept_at = clock.monotonic()
        await self._close(self._open.keys() - kept)
        first = None if self._shared in self._open else self._shared
        room = self._most - len(self._open) - (first is not None)
        if not is_due or (room <= 0 and first is None):
            return False
        for each in await rows.claim(clock.now(), max(room, 0), first):
            work = AccountSocket(self._parts, each, self._sessions()).run()
            self._open[each.account] = asyncio.create_task(work, name="events")
        return False

    async def stop(self) -> None:
        """Close all; other processes may open them at once."""
        await self._close(self._open)
        if self._session is not None:
            await self._session.close()
            self._session = None
            await self._parts.rows.release()

    async def _close(self, names: Collection[str]) -> None:
        tasks = [self._open.pop(name) for name in list(names)]
        for each in tasks:
            each.cancel()
        for error in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(error, Exception):
                log.error("a WebSocket's task failed", exc_info=error)

    def _sessions(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=True)
        return self._session
