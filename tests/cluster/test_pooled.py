"""Two processes behind a real PgBouncer: nobody living is taken for dead."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.calls.call import State
from bot.storage.calls.store import Store
from bot.storage.calls.takeover import Takeover
from bot.storage.shared.processes import Processes
from fleet import Fleet, number, talking
from hearts import seen
from intents import a_call, add_call
from pooler import Pooler
from talking import TALKING, hang_up

pytestmark = [pytest.mark.twin, pytest.mark.unmeasured]


A_BEAT, A_WHILE, DEATH = (timedelta(minutes=each) for each in (1, 2, 4))
SLOW = Takeover(missed=A_BEAT, dead=DEATH)
"""Keeps a pause of this machine from looking like a missed heartbeat."""

POLLED: dict[str, Any] = {
    "state": State.FOLLOWING,
    "card_tried": True,
    "card_ts": "1.1",
}
"""What others would take over at once from a killed process."""


@asynccontextmanager
async def a_process(url: str, me: str) -> AsyncIterator[tuple[Store, Processes]]:
    """Start a process that only knows the pooled address, and send a heartbeat."""
    store = Store(url, me)
    await store.open()
    try:
        processes = Processes(store.writer, me, SLOW)
        await processes.beat()
        yield store, processes
    finally:
        store.close()


async def test_a_process_without_a_session_of_its_own_is_not_taken_for_killed(
    postgres_url: str, pool: Pooler
) -> None:
    """A busy one misses a heartbeat; PgBouncer has given its session another name."""
    url = pool.address(postgres_url)
    async with a_process(url, "alive") as (store, alive):
        async with a_process(url, "busy") as (theirs, _):
            await add_call(theirs, a_call(**POLLED, held_by="busy"), most=9)
        await seen(store, "busy", A_WHILE)

        late = await alive.beat()
        await seen(store, "busy", DEATH * 2)
        dead = await alive.beat()

    assert (late.released, late.alive) == (0, 2)
    assert (dead.released, dead.alive) == (1, 1)


async def silent_for_long(url: str, call: str) -> None:
    """Store that the process that holds *call* sent its last heartbeat long ago."""
    store = Store(url, "test")
    await store.open()
    held = await store.get(call)
    assert held is not None
    await seen(store, held.held_by, DEATH)
    store.close()


@pytest.mark.parametrize(
    ("pool", "has_direct_url"),
    [("session", False), ("transaction", False), ("transaction", True)],
    indirect=["pool"],
)
async def test_what_a_killed_process_followed_goes_on(
    fleet: Fleet,
    pool: Pooler,
    has_direct_url: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Both share commands as without a pooler; nothing is dialed or told twice."""
    without_pooler = fleet.url
    direct = {"DATABASE_DIRECT_URL": without_pooler} if has_direct_url else {}
    fleet.url = pool.address(fleet.url)
    processes = await fleet.start(2, **direct)
    fleet.town.ringcentral.play(TALKING)
    for index in range(4):
        await fleet.town.types(number(index))
    await talking(fleet, 4)

    dead = fleet.holder(0)
    dead.kill()
    await silent_for_long(without_pooler, fleet.ids()[0])
    [alive] = [each for each in processes if each is not dead]
    await alive.logged("are taken over")
    await hang_up(fleet.town)
    await fleet.done(4)

    fleet.check(4)
    for each in processes:
        assert "taken this process for dead" not in each.log
        assert "database: " not in each.log
        assert ("behind a connection pooler" in each.log) != has_direct_url
