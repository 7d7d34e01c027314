"""The connections and threads that all RingCentral users of this process share.

The official SDK blocks, so its requests run in threads of ours. Some threads are reserved
for placing and canceling, so that a slow call log never delays a call.
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
from bot.ringcentral.transport.transport import PooledClient, platform
from bot.telemetry.measures import Measures


@dataclass(frozen=True, slots=True)
class RingCentralApp:
    """The app that the operator registered at RingCentral, and RingCentral's server."""

    server_url: str
    client_id: str
    client_secret: str


class Network:
    """Runs requests in threads, *connections* of them at once."""

    def __init__(
        self,
        app: RingCentralApp,
        measures: Measures | None = None,
        *,
        connections: int = CONNECTIONS,
    ) -> None:
        self.app = app
        placing = max(connections // 4, 1)
        self.client = PooledClient(measures, connections)
        self._asking = ThreadPoolExecutor(connections - placing, "ringcentral")
        self._placing = ThreadPoolExecutor(placing, "ringcentral-place")
        self._asks = asyncio.Semaphore(connections - placing)
        self._places = asyncio.Semaphore(placing)

    def platform(self) -> Platform:
        """Return a new SDK platform: it holds the tokens of one user."""
        app = self.app
        return platform(self.client, app.client_id, app.client_secret, app.server_url)

    def thread(self, *, placing: bool = False) -> asyncio.Semaphore:
        """Return the semaphore to hold while a request needs a thread.

        Take it before asking the rate budget: what the budget admits must be sent at once.
        """
        return self._places if placing else self._asks

    async def run(self, work: Callable[[], Any], *, placing: bool = False) -> Any:
        """Run a blocking call in a thread and return its result."""
        pool = self._placing if placing else self._asking
        context = contextvars.copy_context()  # for log lines and spans
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, context.run, work)

    def close(self) -> None:
        """Drop requests that have not begun and close connections.

        Requests under way go on in their threads.
        """
        for pool in (self._asking, self._placing):
            pool.shutdown(wait=False, cancel_futures=True)
        self.client.close()
