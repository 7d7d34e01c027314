"""One pooled session and its threads, for all RingCentral users of a process.

The official SDK blocks, so requests run in threads of our own; some are kept for
placing and cancelling, so that a slow log never holds up a call.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ringcentral.platform.platform import Platform

from bot.ringcentral.transport.pools import CONNECTIONS
from bot.ringcentral.transport.transport import Pooled, platform
from bot.telemetry.measures import Measures


@dataclass(frozen=True, slots=True)
class App:
    """The RingCentral app: its server and its client credentials."""

    server_url: str
    client_id: str
    client_secret: str


class Network:
    """Connections and threads; *connections* is how many requests run at once."""

    def __init__(
        self,
        app: App,
        measures: Measures | None = None,
        *,
        connections: int = CONNECTIONS,
    ) -> None:
        self.app = app
        placing = max(connections // 4, 1)
        self.client = Pooled(measures, connections)
        self._asking = ThreadPoolExecutor(connections - placing, "ringcentral")
        self._placing = ThreadPoolExecutor(placing, "ringcentral-place")
        self._asks = asyncio.Semaphore(connections - placing)
        self._places = asyncio.Semaphore(placing)

    def platform(self) -> Platform:
        """Return the SDK's platform, which holds one user's tokens."""
        app = self.app
        return platform(self.client, app.client_id, app.client_secret, app.server_url)

    def thread(self, *, placing: bool = False) -> asyncio.Semaphore:
        """Return what to hold while a thread is needed.

        Who asks the budget before a thread is free may find, when one is, that the
        budget is gone.
        """
        return self._places if placing else self._asks

    async def run(self, work: Callable[[], Any], *, placing: bool = False) -> Any:
        """Run a blocking call in a thread; return what it returns."""
        pool = self._placing if placing else self._asking
        about_this = contextvars.copy_context()  # for log lines and spans
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, about_this.run, work)

    def close(self) -> None:
        """Drop what has not begun, close connections; a running request is left."""
        for pool in (self._asking, self._placing):
            pool.shutdown(wait=False, cancel_futures=True)
        self.client.close()
