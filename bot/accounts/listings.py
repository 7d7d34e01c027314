"""One listing of an account's phones at a time, for all who wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime

from bot.clock import Clock


@dataclass(slots=True)
class Listings:
    """Has each account's phones listed once for all who want that at the same time.

    Thirty commands right after a start would else use up Light with thirty listings, and
    their calls would wait for it until nobody expected them to ring any more.
    """

    clock: Clock
    _at: dict[str, datetime] = field(default_factory=dict)
    """When each account's last listing that was read to its end was begun."""
    _running: dict[str, tuple[datetime, asyncio.Task[None]]] = field(
        default_factory=dict
    )

    async def since(
        self,
        account: str,
        moment: datetime,
        work: Callable[[], Coroutine[None, None, None]],
    ) -> None:
        """Return once *account*'s phones were listed by *work*, begun after *moment*.

        Raises what *work* raises, to all who wait for it: none asks again by itself.
        """
        while account not in self._at or self._at[account] < moment:
            begun, task = self._running.get(account) or self._begin(account, work)
            if begun >= moment:
                await asyncio.shield(task)  # others want it though one is cancelled
                return
            await asyncio.wait({task})  # that one may have missed what was new then

    def forget(self, account: str) -> None:
        """Forget when an account's phones were listed."""
        self._at.pop(account, None)

    def _begin(
        self, account: str, work: Callable[[], Coroutine[None, None, None]]
    ) -> tuple[datetime, asyncio.Task[None]]:
        now = self.clock.now()
        task = asyncio.create_task(work(), name="phones")

        def ended(task: asyncio.Task[None]) -> None:
            self._running.pop(account, None)
            if not task.cancelled() and task.exception() is None:
                self._at[account] = now

        task.add_done_callback(ended)
        self._running[account] = now, task
        return now, task
