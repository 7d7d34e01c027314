"""A few requests at a time; slow ones go on beside them, in nobody's way."""

from __future__ import annotations

import asyncio
import contextlib

from bot.lanes import Congested, LaneLimits, Lanes
from virtual_time import in_virtual_time

LIMITS = LaneLimits(at_once=2, slow=6, slow_of_one=4)


class Road:
    """Requests that are sent through lanes, and when each began."""

    def __init__(self) -> None:
        self.lanes = Lanes(LIMITS)
        self.begun: dict[str, float] = {}
        self.refused: list[str] = []
        self.running = self.most = 0

    async def send(self, name: str, whose: str, seconds: float) -> None:
        """Send a request whose answer takes *seconds*."""
        try:
            async with self.lanes.lane(whose):
                self.begun[name] = asyncio.get_running_loop().time()
                self.running += 1
                self.most = max(self.most, self.running)
                await asyncio.sleep(seconds)
                self.running -= 1
        except Congested:
            self.refused.append(name)


def test_two_slow_answers_hold_others_up_for_a_second_only() -> None:
    """Two of them stopped all polls, log reads and ``/callstatus``."""
    road = Road()

    async def work() -> None:
        slow = (road.send(f"slow {n}", "ann", 30) for n in range(2))
        await asyncio.gather(*slow, *(road.send(f"b{n}", "bob", 0.1) for n in range(4)))

    in_virtual_time(work())

    assert [road.begun[f"slow {n}"] for n in range(2)] == [0, 0]
    assert max(road.begun.values()) <= 1.2


def test_quick_requests_stay_within_the_lanes() -> None:
    """Each connection costs a TLS handshake; two are enough for hundreds of calls."""
    road = Road()

    async def work() -> None:
        await asyncio.gather(*(road.send(str(n), "ann", 0.1) for n in range(40)))

    in_virtual_time(work())

    assert road.most == LIMITS.at_once
    assert road.refused == []


def test_one_account_never_takes_all_lanes() -> None:
    """However many of its requests are slow, and however long they have queued."""
    road = Road()

    async def work() -> None:
        slow = [asyncio.create_task(road.send(f"{n}", "ann", 30)) for n in range(20)]
        await asyncio.sleep(5)
        await road.send("bob", "bob", 0.1)
        assert len(road.begun) == LIMITS.slow_of_one + 1
        await asyncio.gather(*slow)
        await road.send("later", "ann", 0.1)

    in_virtual_time(work())

    assert road.begun["bob"] == 5
    assert len(road.refused) == 16
    assert "later" in road.begun


def test_there_is_a_most_and_who_waits_for_it_is_served_in_the_end() -> None:
    """Threads and connections are finite, whoever is slow."""
    road = Road()

    async def work() -> None:
        slow = (road.send(f"{n}", f"person {n}", 30) for n in range(20))
        await asyncio.gather(*slow)

    in_virtual_time(work())

    assert road.most == LIMITS.most
    assert len(road.begun) == 20


def test_a_request_that_is_given_up_leaves_its_lane() -> None:
    """A step that is canceled must not cost a lane for good, slow or not."""
    road = Road()

    async def work() -> None:
        for n in range(12):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5 if n % 2 else 2):
                    await road.send(str(n), "ann", 30)
        assert road.lanes._slow.total() == 0
        await asyncio.gather(*(road.send(f"b{n}", "bob", 0.1) for n in range(2)))

    in_virtual_time(work())

    assert road.begun["b0"] == road.begun["b1"]
