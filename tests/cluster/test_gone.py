"""On a real PostgreSQL, the calls of a killed process go on without waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import String

from bot.calls.call import State
from bot.storage.calls.store import Store
from bot.storage.calls.takeover import Takeover
from bot.storage.database import engine
from bot.storage.database.engine import name_of
from bot.storage.database.signals import Signals
from bot.storage.shared import processes, tables
from bot.storage.shared.processes import Processes
from hearts import seen
from intents import a_call, add_call
from patience import PATIENCE

POSTED = {"card_tried": True, "card_ts": "1.1"}
KINDS = {
    "polled": {"state": State.FOLLOWING, **POSTED},
    "without a card yet": {"state": State.FOLLOWING, "card_tried": True},
    "being placed": {"state": State.PLACING, **POSTED},
    "to be told": {"state": State.REPORTING, **POSTED},
    "to be placed": {"state": State.REQUESTED, **POSTED},
}
"""What a process may leave behind; only the first kind can be repeated safely."""

A_BEAT, A_WHILE, DEATH = (timedelta(minutes=each) for each in (1, 2, 4))


SLOW = Takeover(missed=A_BEAT, dead=DEATH)
"""Keeps a pause of this machine from looking like a missed heartbeat."""


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[Store]:
    """Open the database as the process that survives."""
    store = Store(postgres_url, "alive")
    await store.open()
    yield store
    store.close()


@asynccontextmanager
async def beaten(url: str, me: str) -> AsyncIterator[None]:
    """Start a process with calls, and send one heartbeat."""
    store = Store(url, me)
    await store.open()
    try:
        await Processes(store.writer, me, SLOW, has_session=lambda: True).beat()
        for name, values in KINDS.items():
            call = a_call(id=name, key=name, held_by=me, **values)
            await add_call(store, call, most=99, again=True)
        yield
    finally:
        store.close()


async def without_session(store: Store, process: str) -> None:
    """Wait until PostgreSQL has noticed that *process* has no session any more."""
    name = {"name": name_of(process)}
    async with asyncio.timeout(PATIENCE):
        while await store.writer.run(
            lambda c: c.scalar(processes.COUNT_SESSIONS, name)
        ):
            await asyncio.sleep(0.01)


async def killed(url: str, store: Store, me: str) -> None:
    """Start a process with calls, send one heartbeat, and end it."""
    async with beaten(url, me):
        pass
    await without_session(store, me)


@pytest.fixture
async def alive(store: Store) -> Processes:
    """Return the surviving process, after one heartbeat."""
    process = Processes(store.writer, "alive", SLOW)
    await process.beat()
    return process


async def holders(store: Store) -> dict[str, str]:
    """Return the process that holds each call."""
    found = {name: await store.get(name) for name in KINDS}
    return {name: call.held_by for name, call in found.items() if call}


async def test_what_a_killed_process_polled_is_polled_on_at_once(
    postgres_url: str, store: Store, alive: Processes
) -> None:
    """Posts and RingOuts that may be in flight are waited for, as after a pause."""
    async with beaten(postgres_url, "killed"):
        await seen(store, "killed", A_WHILE)
        assert (await alive.beat()).released == 0  # only slow
    await without_session(store, "killed")

    beat = await alive.beat()

    assert (beat.released, beat.alive) == (1, 2)
    assert await holders(store) == dict.fromkeys(KINDS, "killed") | {"polled": ""}
    freed = await store.get("polled")
    assert freed is not None
    assert (freed.attempt, freed.next_at) == (2, beat.at)
    await seen(store, "killed", DEATH * 2)
    assert (await alive.beat()).released == len(KINDS) - 1


async def test_any_session_of_a_process_shows_that_it_is_there(
    postgres_url: str, store: Store, alive: Processes
) -> None:
    """A process may be busy with one connection, and still have the one for signals."""
    await killed(postgres_url, store, "busy")
    listening = asyncio.Event()
    task = asyncio.create_task(Signals(postgres_url, "busy", listening.set).run())
    await asyncio.wait_for(listening.wait(), PATIENCE)
    await seen(store, "busy", A_WHILE)

    while_there = await alive.beat()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await without_session(store, "busy")

    assert while_there.released == 0
    assert (await alive.beat()).released == 1


async def test_who_beats_needs_no_session_that_shows(
    postgres_url: str, store: Store, alive: Processes
) -> None:
    """A connection pooler may rename sessions."""
    await killed(postgres_url, store, "pooled")

    assert (await alive.beat()).released == 0


async def test_who_has_its_session_elsewhere_is_not_taken_for_killed(
    postgres_url: str, store: Store, alive: Processes
) -> None:
    """The setting for the direct address may name another server."""
    elsewhere = Store(postgres_url, "elsewhere", direct_url="postgresql://other/db")
    await elsewhere.open()
    theirs = Processes(elsewhere.writer, "elsewhere", SLOW, has_session=lambda: True)
    try:
        await theirs.beat()
        call = a_call(**KINDS["polled"], held_by="elsewhere")
        await add_call(elsewhere, call, most=99)
        await seen(store, "elsewhere", A_WHILE)

        assert (await alive.beat()).released == 0
    finally:
        elsewhere.close()


async def test_who_missed_a_beat_itself_frees_nothing(
    postgres_url: str, store: Store, alive: Processes
) -> None:
    """The database was away for everybody, and the others come back a moment later."""
    await killed(postgres_url, store, "killed")
    for process in ("killed", "alive"):
        await seen(store, process, A_WHILE)

    assert (await alive.beat()).released == 0
    assert (await alive.beat()).released == 1


def test_a_name_is_as_long_as_postgresql_keeps() -> None:
    """PostgreSQL truncates names to 63 bytes."""
    kept = tables.processes.c.id.type
    assert isinstance(kept, String)
    assert len(name_of("x" * (kept.length or 0))) < 64
    assert name_of("") == engine.SESSION_NAME.strip()
