"""Jobs that share a transaction: who waits for its commit, and who sees what."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Connection, func, insert, select

from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls, to_row
from bot.storage.database.writer import Writer
from intents import a_call

LONGEST_WAIT = 10.0


def counted(connection: Connection, asked: list[str]) -> list[int]:
    """Return the count of all calls, for each who asks."""
    found = connection.scalar(select(func.count()).select_from(calls))
    return [found or 0] * len(asked)


@asynccontextmanager
async def one_batch(writer: Writer) -> AsyncIterator[None]:
    """Hold the database thread, so that the jobs of the block share a transaction."""
    begun, together = threading.Event(), threading.Event()

    def hold(_: Connection) -> None:
        begun.set()
        together.wait(LONGEST_WAIT)

    held = asyncio.ensure_future(writer.run(hold))
    await asyncio.to_thread(begun.wait, LONGEST_WAIT)
    yield
    await asyncio.sleep(0)  # until the block's tasks have handed their jobs over
    together.set()
    await held


async def test_who_reads_does_not_wait_for_what_others_write(store: Store) -> None:
    """An ack reads whose account it is, and then stores: it would wait for two commits."""
    answered = threading.Event()
    async with one_batch(store.writer):
        writing = asyncio.ensure_future(
            store.writer.run(lambda _: answered.wait(LONGEST_WAIT))
        )
        reading = asyncio.ensure_future(store.writer.read_together(counted, ""))
        reading.add_done_callback(lambda _: answered.set())

    assert await writing, "the read was answered only after the write"


async def test_a_read_sees_nothing_that_is_not_committed(store: Store) -> None:
    """Its commit may still fail, and then somebody was told what never was."""
    row = to_row(a_call())
    async with one_batch(store.writer):
        writing = asyncio.ensure_future(
            store.writer.run(lambda c: c.execute(insert(calls), row))
        )
        reading = asyncio.ensure_future(store.writer.read_together(counted, ""))

    assert await reading == 0
    await writing
    assert await store.writer.read_together(counted, "") == 1
