"""What wakes a follower that rests: commands, calls that become due, other processes.

Time is virtual and stands still, so whatever is polled was woken, not found by a timer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.calls.call import Call, State
from bot.clock import RealClock
from bot.cluster.member import Member
from bot.follow.resting import LOOK_SPACING
from bot.storage.calls.store import Store
from bot.storage.database.signals import Signals
from desk import Desk
from intents import NOON, a_call, add_call
from patience import PATIENCE
from stepped_clock import SteppedClock

LOOPS = 2
"""The claims and the reads of the log: so many sleep while the follower rests."""

FOLLOWED: dict[str, Any] = {
    "state": State.FOLLOWING,
    "ringout_id": "s-1",
    "sent_at": NOON,
    "placed_at": NOON,
    "changed_at": NOON,
    "seen": True,
    "card_ts": "1",
    "card_channel": "C1",
    "held_by": "me",
}


class Watched:
    """A follower at work whose polls and log reads can be waited for."""

    def __init__(self, desk: Desk, clock: SteppedClock) -> None:
        self.desk = desk
        self.clock = clock
        self.transactions = 0
        self.polled: asyncio.Queue[datetime] = asyncio.Queue()
        self.read: asyncio.Queue[datetime] = asyncio.Queue()
        far: Any = desk.far
        writer: Any = desk.store.writer
        far.status = self._noting(self.polled, far.status)
        far.read = self._noting(self.read, far.read)
        writer.run = self._counting(writer.run)

    def _noting(
        self, into: asyncio.Queue[datetime], ask: Callable[..., Awaitable[Any]]
    ) -> Callable[..., Awaitable[Any]]:
        async def noting(*given: Any, **more: Any) -> Any:
            into.put_nowait(self.clock.now())
            return await ask(*given, **more)

        return noting

    def _counting(
        self, run: Callable[..., Awaitable[Any]]
    ) -> Callable[..., Awaitable[Any]]:
        async def counting(*given: Any) -> Any:
            self.transactions += 1
            return await run(*given)

        return counting

    async def rests(self) -> None:
        """Wait until the follower rests."""
        await self.clock.asleep(LOOPS)

    async def advance(self, seconds: float) -> None:
        """Let time pass."""
        await self.clock.advance(seconds, LOOPS)


@pytest.fixture
async def watched(calls_url: str) -> AsyncIterator[Watched]:
    """Give a follower that runs in virtual time, and rests."""
    clock = SteppedClock()
    desk = Desk(calls_url, clock, "me")
    await desk.store.open()
    made = Watched(desk, clock)
    task = asyncio.create_task(desk.follower.run())
    await made.rests()
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await desk.follower._steps.settle(5)
    await desk.recorder.settle()
    desk.store.close()


async def soon(queue: asyncio.Queue[datetime]) -> datetime:
    """Return when the next thing happened."""
    return await asyncio.wait_for(queue.get(), PATIENCE)


async def test_an_idle_bot_leaves_the_database_alone(watched: Watched) -> None:
    """Two minutes with nothing open cost a few looks, not thousands."""
    before = watched.transactions

    await watched.advance(120)

    looks = (watched.transactions - before) / LOOPS
    assert 0 < looks <= 10


@pytest.mark.parametrize("after", [0.5, 2.0, 7.3, 14.9, 15.1, 44.0])
async def test_a_call_is_polled_when_it_is_due(watched: Watched, after: float) -> None:
    """Whenever it is due, it waits for nothing and nobody looks for it before."""
    due = NOON + timedelta(seconds=after)
    await add_call(watched.desk.store, a_call(**FOLLOWED, next_at=due), most=9)
    before = watched.transactions

    await watched.advance(after)

    assert due <= await soon(watched.polled) <= due + LOOK_SPACING
    assert watched.transactions - before <= 8 + 2 * after / 15


async def test_each_poll_sets_the_time_of_the_next(watched: Watched) -> None:
    """A call that is followed is polled every two seconds, also if all else rests."""
    await add_call(watched.desk.store, a_call(**FOLLOWED, next_at=NOON), most=9)
    polled = []

    for _ in range(5):
        polled.append(await soon(watched.polled))
        await watched.desk.follower._steps.settle(10)
        await watched.advance(2)

    gaps = [b - a for a, b in pairwise(polled)]
    assert all(timedelta(seconds=1.9) <= gap <= timedelta(seconds=2.1) for gap in gaps)


async def test_a_record_is_looked_for_when_that_is_due(watched: Watched) -> None:
    """The reader of the log rests, too, and another process's call wakes it as ours."""
    due = NOON + timedelta(seconds=20)
    call = a_call(**FOLLOWED, next_at=NOON + timedelta(minutes=5))
    await add_call(watched.desk.store, call, most=9)
    for holder in ("you", "me"):
        over = replace(call, state=State.RECORDING, ended_at=NOON, next_at=due)
        await watched.desk.store.change("c1", _becomes(over, holder), NOON)

    await watched.advance(20)

    assert due <= await soon(watched.read) <= due + LOOK_SPACING


async def test_a_command_rings_at_once(watched: Watched) -> None:
    """The follower rests when a command comes; its POST must not wait for a look."""
    call = a_call(taken_by="me", held_by="me", next_at=NOON + timedelta(seconds=15))
    await add_call(watched.desk.store, call, most=9)

    watched.desk.follower.begin(call)
    await watched.desk.follower._new.settle(10)

    assert watched.desk.far.sent == 1
    assert watched.clock.now() == NOON


async def test_a_click_is_acted_upon_at_once(watched: Watched) -> None:
    """Cancel makes the call due now, in this process."""
    later = NOON + timedelta(minutes=5)
    await add_call(watched.desk.store, a_call(**FOLLOWED, next_at=later), most=9)
    await watched.rests()

    await watched.desk.store.change("c1", lambda c: replace(c, next_at=NOON), NOON)

    assert await soon(watched.polled) == NOON


async def test_a_signal_of_another_process_wakes_it(postgres_url: str) -> None:
    """Another process changes our call: we poll it by its signal, not by a timer."""
    clock = SteppedClock()
    desk, other = Desk(postgres_url, clock, "me"), Store(postgres_url, "you")
    await desk.store.open()
    watched = Watched(desk, clock)
    later = NOON + timedelta(minutes=5)
    await add_call(desk.store, a_call(**FOLLOWED, next_at=later), most=9)
    listening = asyncio.Event()

    def wake() -> None:
        listening.set()
        desk.calls_due.set()

    tasks = [
        asyncio.create_task(desk.follower.run()),
        asyncio.create_task(Signals(postgres_url, "me", wake).run()),
    ]
    try:
        await asyncio.wait_for(listening.wait(), PATIENCE)
        await watched.rests()
        for sooner in (NOON, NOON - timedelta(seconds=1)):
            await other.change("c1", _due(sooner), NOON)
            assert await soon(watched.polled) == NOON
            await desk.follower._steps.settle(10)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await desk.follower._steps.settle(5)
        desk.store.close()
        other.close()


def _becomes(call: Call, holder: str) -> Callable[[Call], Call]:
    return lambda _: replace(call, held_by=holder)


def _due(at: datetime) -> Callable[[Call], Call]:
    return lambda call: replace(call, next_at=at)


async def test_a_heartbeat_finds_what_no_signal_told_of(postgres_url: str) -> None:
    """The connection for signals hung; a call that is due waits for one heartbeat."""
    woken: list[None] = []
    store = Store(postgres_url, "me")
    await store.open()
    member = Member(
        store, RealClock(), lambda: woken.append(None), on_heartbeat=lambda _: None
    )
    try:
        await member.start()
        assert woken == []
        for held_by, times in (("you", 0), ("me", 1), ("", 2)):
            due = {**FOLLOWED, "held_by": held_by, "next_at": NOON - timedelta(days=1)}
            await add_call(
                store, a_call(**due, id=held_by, key=held_by), most=9, again=True
            )
            await member.start()
            assert len(woken) == times
    finally:
        store.close()


BOUND = 0.05
TRIES = 7


@pytest.mark.real_time
async def test_it_wakes_within_50_milliseconds(calls_url: str) -> None:
    """What is due, and what is made due, is polled at once by the computer's clock.

    The best try counts: the others say how busy this computer is. So does the time of a
    change, a millisecond on an idle one: the time of three changes is subtracted.
    """
    clock = RealClock()
    desk = Desk(calls_url, clock, "me")
    await desk.store.open()
    polled: asyncio.Queue[datetime] = asyncio.Queue()
    ask = desk.far.status

    async def status(ringout_id: str) -> Any:
        polled.put_nowait(clock.now())
        return await ask(ringout_id)

    desk.far.status = status  # type: ignore[method-assign]
    task = asyncio.create_task(desk.follower.run())
    late: dict[str, list[float]] = {"due": [], "made due": []}
    try:
        for number in range(TRIES):
            due = clock.now() + timedelta(seconds=0.3)
            far = clock.now() + timedelta(minutes=5)
            names = {"due": due, "made due": far}
            for what, next_at in names.items():
                name = f"{what}{number}"
                call = a_call(**FOLLOWED, id=name, key=name, next_at=next_at)
                await add_call(desk.store, call, most=99, again=True)
                if what == "made due":
                    due = clock.now()
                    await desk.store.change(name, _due(due), due)
                late[what].append(((await soon(polled)) - due).total_seconds())
                await desk.follower._steps.settle(10)
                begun = clock.now()
                await desk.store.change(name, _due(begun + timedelta(days=1)), due)
                late[what][-1] -= 3 * (clock.now() - begun).total_seconds()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        desk.store.close()

    assert {what: min(each) < BOUND for what, each in late.items()} == dict.fromkeys(
        late, True
    )
