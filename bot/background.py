"""Tasks in the background: references are kept to them, and their failures are logged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Background:
    """Tasks with an end. The event loop may collect a task that nobody refers to."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Run *work* in a task. An exception is logged with *name*."""
        self._keep(asyncio.create_task(work, name=name))

    async def begin(
        self, work: Coroutine[Any, Any, None], patience: float, *, name: str
    ) -> bool:
        """Run *work* and wait for it, at most *patience* seconds; then it goes on alone.

        Returns whether it has ended. Raises what it raised while this waited.
        """
        task = asyncio.create_task(work, name=name)
        try:
            await asyncio.wait({task}, timeout=patience)
        finally:
            if not task.done():
                self._keep(task)
        if task.done():
            task.result()
        return task.done()

    async def settle(self, patience: float) -> int:
        """Wait for all tasks, at most *patience* seconds; cancel the rest, count them."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=patience)
        left = list(self._tasks)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=1)
        return len(left)

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            # `bot.telemetry.logs` redacts the traceback.
            log.error("%s failed", task.get_name(), exc_info=error)


class Endless:
    """Tasks that run until `stop`.

    If one of them fails, *closing* and `failed` are set: the process should shut down.
    """

    def __init__(self, closing: asyncio.Event) -> None:
        self._closing = closing
        self._tasks: list[asyncio.Task[None]] = []
        self.failed = asyncio.Event()

    @property
    def is_running(self) -> bool:
        """Whether tasks were started and all of them still run."""
        return bool(self._tasks) and not any(each.done() for each in self._tasks)

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Run *work* in a task. Its failure is logged as critical."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._done)
        self._tasks.append(task)

    async def stop(self) -> None:
        """Cancel all tasks and wait for them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is None:
            return
        log.critical("%s has ended", task.get_name(), exc_info=task.exception())
        self._closing.set()
        self.failed.set()
