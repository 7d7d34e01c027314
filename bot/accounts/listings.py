"""Lists each account's phones once at a time, for everything that waits for the list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime

from bot.clock import Clock


@dataclass(slots=True)
class Listings:
    """Shares one listing of an account's phones among everything that waits for it.

    Otherwise thirty commands right after a start would use up the Light limit with thirty
    listings, and their calls would wait for it far too long.
    """

    clock: Clock
    _at: dict[str, datetime] = field(default_factory=dict)
    """When each account's last complete listing began."""
    _running: dict[str, tuple[datetime, asyncio.Task[None]]] = field(
        default_factory=dict
    )

    async def since(
        self,
        account: str,
        moment: datetime,
        work: Callable[[], Coroutine[None, None, None]],
    ) -> None:
        """Return once a listing by *work* that began after *moment* is complete.

        Starts *work* unless such a listing is complete or under way. If *work* raises,
        every waiting caller gets the error, and nothing is tried again.
        """
        while account not in self._at or self._at[account] < moment:
            begun, task = self._running.get(account) or self._begin(account, work)
            if begun >= moment:
                await asyncio.shield(
                    task
                )  # if one caller is canceled, the others still wait
                return
            await asyncio.wait(
                {task}
            )  # it may have missed what changed before *moment*

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
