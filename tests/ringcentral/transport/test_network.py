"""Threads are shared by all users, so nobody may hold more of them than is counted."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from bot.accounts.clients import CONNECTIONS_OF_MANY
from bot.lanes import Congested
from bot.ringcentral.transport.bounds import USUAL_BOUNDS, AnswerBounds
from bot.ringcentral.transport.network import (
    SLOW_OF_ONE,
    Network,
    RingCentralApp,
)
from bot.ringcentral.transport.pools import REQUESTS_AT_ONCE
from virtual_time import in_virtual_time

APP = RingCentralApp("http://127.0.0.1:1", "id", "secret")
TRIES = 30


class Reader:
    """Sends one person's reads, whose answers come when `answers` is set."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.answers = threading.Event()
        self.begun = self.refused = 0

    async def give_up(self) -> None:
        """Send a read; cancel it as soon as it is in its thread."""
        loop, begun = asyncio.get_running_loop(), asyncio.Event()

        def read() -> None:
            loop.call_soon_threadsafe(begun.set)
            self.answers.wait(20)

        task = asyncio.create_task(self.read(read))
        waiting = asyncio.create_task(begun.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        self.begun += begun.is_set()
        task.cancel()
        waiting.cancel()
        await asyncio.wait({task, waiting})

    async def read(self, work: Callable[[], object]) -> None:
        """Send a read, unless several of this person's have no answer yet."""
        try:
            async with self.network.lane("ann") as lane:
                await self.network.run(work, lane)
        except Congested:
            self.refused += 1


def test_nobody_waits_longer_than_a_second_for_another_persons_answer() -> None:
    """The threat model promises it: one slow answer holds up nobody else's request."""
    assert USUAL_BOUNDS.slow_after == 1.0


@pytest.mark.parametrize(
    ("connections", "waits"), [(REQUESTS_AT_ONCE, 1.0), (CONNECTIONS_OF_MANY, 0.0)]
)
def test_a_post_that_drips_holds_the_next_one_up_for_a_second_at_most(
    connections: int, waits: float
) -> None:
    """On the shared account the answer to one tells whether the next may be sent."""
    network = Network(APP, connections=connections)
    begun: dict[str, float] = {}

    async def post(whose: str, seconds: float) -> None:
        async with network.lane(whose, placing=True):
            begun[whose] = asyncio.get_running_loop().time()
            await asyncio.sleep(seconds)

    async def both() -> None:
        await asyncio.gather(post("ann", 30), post("bob", 0.1))

    in_virtual_time(both())
    network.close()

    assert begun == {"ann": 0.0, "bob": waits}


async def test_a_read_that_is_given_up_is_counted_until_its_thread_ends() -> None:
    """The reads that one person gave up took all threads: another's waited 19 s."""
    network = Network(APP, bounds=AnswerBounds(slow_after=0.01))
    reader = Reader(network)
    try:
        for _ in range(TRIES):
            await reader.give_up()
        assert SLOW_OF_ONE <= reader.begun <= SLOW_OF_ONE + 2
        assert reader.begun + reader.refused == TRIES

        assert await network.run_alone(lambda: 1) == 1
    finally:
        reader.answers.set()
    while network._asks._slow.total():
        await asyncio.sleep(0)
    reader.refused = 0
    await reader.read(lambda: 1)
    assert reader.refused == 0
    network.close()
