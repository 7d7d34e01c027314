"""The connections and threads that all RingCentral users of this process share.

The official SDK blocks, so its requests run in threads of ours. Some threads are reserved
for placing and canceling, so that a slow call log never delays a call. A request that
takes longer than a second makes room for another, so that no slow answer delays others.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from ringcentral.platform.platform import Platform

from bot.lanes import Lane, LaneLimits, Lanes
from bot.ringcentral.transport.bounds import USUAL_BOUNDS, AnswerBounds
from bot.ringcentral.transport.pools import REQUESTS_AT_ONCE
from bot.ringcentral.transport.transport import PooledClient, platform
from bot.telemetry.measures import Measures

MOST_SLOW_OF_ALL, SLOW_PLACING, SLOW_OF_ONE = 64, 16, 8
"""The most requests that go on although they are slow: of all, of those that place or
cancel, and of one user. Each keeps a thread and a connection, for
`bot.ringcentral.transport.bounds.AnswerBounds` at most."""


@dataclass(frozen=True, slots=True)
class RingCentralApp:
    """The app that the operator registered at RingCentral, and RingCentral's server."""

    server_url: str
    client_id: str
    client_secret: str = field(repr=False)


class Network:
    """Runs requests in threads, *connections* of them at once, and slow ones beside them."""

    def __init__(
        self,
        app: RingCentralApp,
        measures: Measures | None = None,
        *,
        connections: int = REQUESTS_AT_ONCE,
        bounds: AnswerBounds = USUAL_BOUNDS,
    ) -> None:
        self.app, self.bounds = app, bounds
        placing = max(connections // 4, 1)
        at_once, slow_after = connections - placing, bounds.slow_after
        limits = LaneLimits(at_once, MOST_SLOW_OF_ALL, SLOW_OF_ONE, slow_after)
        placing_limits = LaneLimits(placing, SLOW_PLACING, SLOW_OF_ONE, slow_after)
        self.client = PooledClient(measures, limits.most + placing_limits.most, bounds)
        self._asking = ThreadPoolExecutor(limits.most, "ringcentral")
        self._placing = ThreadPoolExecutor(placing_limits.most, "ringcentral-place")
        self._asks = Lanes(limits)
        self._places = Lanes(placing_limits)

    def platform(self) -> Platform:
        """Return a new SDK platform: it holds the tokens of one user."""
        app = self.app
        return platform(self.client, app.client_id, app.client_secret, app.server_url)

    def lane(
        self, whose: Hashable, *, placing: bool = False
    ) -> AbstractAsyncContextManager[Lane]:
        """Return what to hold while a request needs a thread.

        Enter it before asking the rate budget: what the budget admits must be sent at
        once. Raises `bot.lanes.Congested` if several requests of *whose* are slow.
        """
        return (self._places if placing else self._asks).lane(whose)

    async def run(
        self, work: Callable[[], Any], lane: Lane, *, placing: bool = False
    ) -> Any:
        """Run a blocking call in a thread and return its result.

        If this is canceled, the thread goes on, and *lane* is held until its end.
        """
        pool = self._placing if placing else self._asking
        context = contextvars.copy_context()  # for log lines and spans
        lane.work = pool.submit(context.run, work)
        return await asyncio.wrap_future(lane.work)

    async def run_alone(self, work: Callable[[], Any]) -> Any:
        """Run a blocking call that belongs to no user's client yet, or no longer."""
        async with self.lane(object()) as lane:
            return await self.run(work, lane)

    def close(self) -> None:
        """Drop requests that have not begun and close connections.

        Requests under way go on in their threads, up to their deadline.
        """
        for pool in (self._asking, self._placing):
            pool.shutdown(wait=False, cancel_futures=True)
        self.client.close()
