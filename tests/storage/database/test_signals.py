"""Processes wake one another through a real PostgreSQL at once, without polling."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from bot.calls.call import State
from bot.calls.people.person import Person
from bot.clock import RealClock
from bot.cluster.member import Member
from bot.storage.calls.store import Store
from bot.storage.database.signals import (
    USUAL_SIGNALS,
    Signals,
    SignalWaits,
    notify,
    told_of,
)
from intents import NOON, a_call, add_call
from patience import PATIENCE


@asynccontextmanager
async def a_store(url: str, me: str) -> AsyncIterator[Store]:
    """Open the database as process *me*."""
    store = Store(url, me)
    await store.open()
    try:
        yield store
    finally:
        store.close()


@asynccontextmanager
async def a_listener(
    url: str, me: str, waits: SignalWaits = USUAL_SIGNALS
) -> AsyncIterator[asyncio.Queue[None]]:
    """Listen as process *me*; yield a queue that gets an item at each wake-up."""
    woken: asyncio.Queue[None] = asyncio.Queue()
    signals = Signals(url, me, lambda: woken.put_nowait(None), waits)
    task = asyncio.create_task(signals.run())
    try:
        await asyncio.wait_for(woken.get(), PATIENCE)  # it looks once at its start
        yield woken
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def a_member(store: Store) -> Member:
    """Return a store's process as one of several."""
    return Member(store, RealClock(), lambda: None, on_heartbeat=lambda _: None)


async def listening(member: Member) -> asyncio.Task[None]:
    """Have *member* listen from now on."""
    signals = member._signals
    assert signals is not None
    woken = asyncio.Event()
    signals._wake = woken.set
    task = asyncio.create_task(signals.run())
    await asyncio.wait_for(woken.wait(), PATIENCE)
    return task


def test_behind_a_pooler_others_are_looked_for_once_a_second() -> None:
    """The threat model and the doctor name this figure."""
    assert USUAL_SIGNALS.poll == 1.0


async def test_a_signal_wakes_whom_it_is_for(postgres_url: str) -> None:
    """A signal with a name wakes that process only; one without wakes all."""

    def one_each(connection: Connection) -> None:
        for who in ("a", "c"):  # signals of one transaction arrive together
            notify(connection, who)

    async with (
        a_store(postgres_url, "b") as store,
        a_listener(postgres_url, "a") as a,
        a_listener(postgres_url, "c") as c,
    ):
        for work in (one_each, lambda connection: notify(connection, "")):
            await store.writer.run(work, "signals")
            for woken in (a, c):
                await asyncio.wait_for(woken.get(), PATIENCE)
                assert woken.empty()


@pytest.mark.parametrize(
    "payload",
    ["", "a", "0", "123", "null", "[]", "{}", '["b"]', '["b", 1, 2]', "[" * 9],
)
def test_a_signal_that_tells_of_nobody_is_of_nobody(payload: str) -> None:
    """A process's name may look like anything, and a later version tell of other things."""
    assert told_of(payload, "a") is None


@pytest.mark.parametrize("person", [Person("", "T1", "U1"), Person("E1", "T1", "U1")])
async def test_the_other_processes_hear_of_a_person(
    postgres_url: str, person: Person
) -> None:
    """Who was made a guest places no call by the process that Slack did not tell."""
    async with a_store(postgres_url, "a") as one, a_store(postgres_url, "b") as other:
        heard: dict[str, asyncio.Queue[Person]] = {}
        tasks = []
        members = {"a": a_member(one), "b": a_member(other)}
        for name, member in members.items():
            heard[name] = asyncio.Queue()
            member.hear_by(heard[name].put_nowait)
            tasks.append(await listening(member))
        last = Person("", "T1", "U2")

        await members["a"].tell_of(person)
        await members["b"].tell_of(last)

        assert await asyncio.wait_for(heard["b"].get(), PATIENCE) == person
        assert await asyncio.wait_for(heard["a"].get(), PATIENCE) == last
        assert heard["b"].empty()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("ahead", [0, 1, 600])
async def test_what_another_process_brings_forward_wakes_its_holder(
    postgres_url: str, ahead: float
) -> None:
    """The process that follows a call sleeps until the time that it knows.

    It must see a Cancel clicked elsewhere at once.
    """
    sooner = NOON + timedelta(seconds=ahead)
    far = NOON.replace(hour=13)
    async with (
        a_store(postgres_url, "a") as holder,
        a_store(postgres_url, "b") as other,
    ):
        call = a_call(state=State.FOLLOWING, held_by="a", next_at=far)
        await add_call(holder, call, most=10)
        async with a_listener(postgres_url, "a") as woken:
            await other.change(call.id, lambda c: replace(c, next_at=sooner), NOON)
            await asyncio.wait_for(woken.get(), PATIENCE)


async def test_a_lost_connection_is_made_again(postgres_url: str) -> None:
    """Signals may have been lost meanwhile, so the listener also looks at once."""

    def cut(connection: Connection) -> None:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query = 'LISTEN ringout' AND datname = current_database()"
            )
        )

    async with (
        a_store(postgres_url, "b") as store,
        a_listener(postgres_url, "a", SignalWaits(reconnect=0.05)) as woken,
    ):
        await store.writer.run(cut, "cut")
        await asyncio.wait_for(woken.get(), PATIENCE)
        await store.writer.run(lambda connection: notify(connection, "a"), "again")
        await asyncio.wait_for(woken.get(), PATIENCE)
