"""Behind a real PgBouncer, in either of its usual modes, the database works as without."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest
from sqlalchemy import Connection, text

from bot.storage.database.signals import Signals, SignalWaits
from bot.storage.database.writer import Writer
from patience import PATIENCE
from pooler import Pooler

pytestmark = [pytest.mark.twin, pytest.mark.unmeasured]

SOON = SignalWaits(poll=0.02, pooled=0.04)
LIMITS = ("statement_timeout", "idle_in_transaction_session_timeout")
OFTEN = 20
"""More often than psycopg executes a statement before it prepares it."""


@asynccontextmanager
async def signals(url: str) -> AsyncIterator[tuple[Signals, asyncio.Queue[None]]]:
    """Listen as process *me*; yield a queue that gets an item at each wake-up."""
    woken: asyncio.Queue[None] = asyncio.Queue()
    made = Signals(url, "me", lambda: woken.put_nowait(None), SOON)
    task = asyncio.create_task(made.run())
    try:
        await asyncio.wait_for(woken.get(), PATIENCE)
        yield made, woken
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def limits(connection: Connection) -> list[str]:
    """Return the time-outs that hold in a transaction."""
    return [str(connection.scalar(text(f"SHOW {name}"))) for name in LIMITS]


async def test_no_job_fails_and_each_has_its_time_outs(
    postgres_url: str, pool: Pooler
) -> None:
    """In turn they use one connection of the server's, which others have used before."""
    writers = [Writer(pool.address(postgres_url), me=me) for me in ("a", "b")]
    try:
        found = [await each.run(limits) for each in writers for _ in range(OFTEN)]
    finally:
        for each in writers:
            each.close()

    assert found == [["10s", "5s"]] * 2 * OFTEN


async def test_other_programs_get_their_connections_back_as_they_were(
    postgres_url: str, pool: Pooler
) -> None:
    """A report of theirs that takes a minute must not be canceled after ten seconds."""
    writer = Writer(pool.address(postgres_url), me="a")
    try:
        await writer.run(limits)
    finally:
        writer.close()

    with psycopg.connect(pool.address(postgres_url)) as theirs:
        found = [theirs.execute(f"SHOW {name}".encode()).fetchone() for name in LIMITS]
    assert found == [("0",), ("0",)]


async def test_without_a_direct_address_calls_are_looked_for_again_and_again(
    postgres_url: str, pool: Pooler, caplog: pytest.LogCaptureFixture
) -> None:
    """Signals get lost on the way; the operator is told once."""
    caplog.set_level(logging.WARNING)

    async with signals(pool.address(postgres_url)) as (made, woken):
        for _ in range(10):
            await asyncio.wait_for(woken.get(), PATIENCE)

        assert not made.has_session
    assert [each.getMessage() for each in caplog.records] == [
        "the database is behind a connection pooler: no signals"
    ]


async def test_a_direct_address_brings_signals_from_behind_the_pooler(
    postgres_url: str, pool: Pooler
) -> None:
    """Whoever sends one may use the pooler."""
    writer = Writer(pool.address(postgres_url))
    notify = text("SELECT pg_notify('ringout', 'me')")
    try:
        async with signals(postgres_url) as (made, woken):
            assert woken.empty()
            await writer.run(lambda connection: connection.execute(notify))
            await asyncio.wait_for(woken.get(), PATIENCE)

            assert made.has_session
    finally:
        writer.close()
