"""Two real PostgreSQL servers, of which one takes over from the other under the bot."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Connection, text

from bot.doctor.check import found
from bot.doctor.database_checks import DatabaseChecks
from bot.errors import StoreUnavailable
from bot.settings import reading
from bot.slack.entrances.adapter import ACK_WITHIN
from bot.storage.database.signals import Signals, SignalWaits, notify
from bot.storage.database.watched import ANSWERS_WITHIN
from bot.storage.database.writer import Writer
from enough import ENOUGH
from hole import a_hole
from pair import Pair, pair, reload
from patience import PATIENCE
from postgres import Server

pytestmark = [pytest.mark.twin, pytest.mark.unmeasured]

SOON = SignalWaits(reconnect=0.05, check=0.05)
PORT = text("SELECT inet_server_port()")


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    """Run two servers for all tests of this file."""
    with pair() as made:
        yield made


@pytest.fixture
def url(servers: Pair) -> str:
    """Give the address of a database with one table, on the present primary alone."""
    return servers.primary.fresh_database()


@asynccontextmanager
async def a_writer(
    address: str, answers_within: float = ANSWERS_WITHIN
) -> AsyncIterator[Writer]:
    """Open the database and make a table."""
    writer = Writer(address, me="me", answers_within=answers_within)
    table = text("CREATE TABLE IF NOT EXISTS intents (id integer PRIMARY KEY)")
    try:
        await writer.run(lambda connection: connection.execute(table))
        yield writer
    finally:
        writer.close()


@asynccontextmanager
async def signals(address: str) -> AsyncIterator[asyncio.Queue[None]]:
    """Listen; yield a queue that gets an item at each wake-up."""
    woken: asyncio.Queue[None] = asyncio.Queue()
    made = Signals(address, "me", lambda: woken.put_nowait(None), SOON)
    task = asyncio.create_task(made.run())
    try:
        await asyncio.wait_for(woken.get(), PATIENCE)
        yield woken
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def stored(writer: Writer, number: int) -> int:
    """Store an intent; return the port of the server that has it."""

    def work(connection: Connection) -> int:
        connection.execute(text("INSERT INTO intents VALUES (:n)"), {"n": number})
        return int(connection.scalar(PORT) or 0)

    return await writer.run(work)


async def all_stored(writer: Writer) -> set[int]:
    """Return the intents that the present server has."""
    rows = text("SELECT id FROM intents")
    return set(await writer.run(lambda connection: connection.scalars(rows).all()))


async def heard(woken: asyncio.Queue[None], writer: Writer) -> None:
    """Wait until a signal has followed the one that says that it listens again."""
    await asyncio.wait_for(woken.get(), PATIENCE)
    while not woken.empty():
        woken.get_nowait()
    await writer.run(lambda connection: notify(connection, "me"))
    await asyncio.wait_for(woken.get(), PATIENCE)


@pytest.mark.parametrize("form", ["hosts", "query"])
async def test_a_standby_takes_over_and_no_stored_intent_is_lost(
    servers: Pair, url: str, form: str
) -> None:
    """A command that was acked is followed; those meanwhile are stored or refused."""
    address = getattr(servers, form)(url)
    acked: set[int] = set()
    taken_over = asyncio.Event()

    async def commands(writer: Writer) -> int:
        """Store intents until some are stored after the change; count late refusals."""
        late, after, number = 0, 0, 0
        while after < 10:
            number += 1
            is_late = taken_over.is_set()
            try:
                await stored(writer, number)
            except StoreUnavailable:
                late += is_late
            else:
                acked.add(number)
                after += is_late
        return late

    async with a_writer(address) as writer, signals(address) as woken:
        running = asyncio.create_task(commands(writer))
        await asyncio.to_thread(servers.fail_over)
        taken_over.set()
        refused = await asyncio.wait_for(running, PATIENCE)
        await heard(woken, writer)

        assert acked <= await all_stored(writer)
    assert refused <= 1


async def test_the_doctor_sees_that_commits_wait_for_the_standby(
    servers: Pair, url: str
) -> None:
    """The operator can't see that from the address."""
    env = ENOUGH | {"DATABASE_URL": servers.hosts(url)}
    finding = await found("standbys", DatabaseChecks(reading.read(env)).standbys)

    assert finding.lines.startswith("ok ")
    assert "synchronous_standby_names = *" in finding.what


async def test_a_change_is_made_on_the_server_that_took_over_in_between(
    servers: Pair, url: str
) -> None:
    """What was not asked to commit is done anew, once, and nobody is refused."""
    begun, goes_on = threading.Event(), threading.Event()

    def work(connection: Connection) -> int:
        connection.execute(text("INSERT INTO intents VALUES (1)"))
        begun.set()
        goes_on.wait(30)
        connection.execute(text("INSERT INTO intents VALUES (2)"))
        return int(connection.scalar(PORT) or 0)

    async with a_writer(servers.hosts(url)) as writer:
        running = asyncio.create_task(writer.run(work))
        await asyncio.to_thread(begun.wait, 30)
        await asyncio.to_thread(servers.fail_over)
        goes_on.set()

        assert await running == servers.primary.port
        assert await all_stored(writer) == {1, 2}
        assert await stored(writer, 3) == servers.primary.port


async def test_a_server_that_hangs_is_given_up_for_the_one_that_takes_over(
    fenced: Pair,
) -> None:
    """Its machine may be paused, or a firewall in between: no connection ever breaks.

    Without a deadline the only thread that uses the database would wait for ever.
    """
    old, new = fenced.primary, fenced.standby
    name = old.fresh_database().rpartition("/")[2]
    async with a_hole(old.port) as hole:
        hosts = f"127.0.0.1:{hole.port},127.0.0.1:{new.port}"
        async with a_writer(f"postgresql://bot@{hosts}/{name}", 3.0) as writer:
            assert await stored(writer, 1) == old.port
            hole.swallow()
            waiting = asyncio.create_task(stored(writer, 2))
            with pytest.raises(
                TimeoutError
            ):  # an ack is refused, and nothing stands still
                await asyncio.wait_for(asyncio.shield(waiting), ACK_WITHIN)
            await asyncio.to_thread(fenced.promote)
            await asyncio.to_thread(reload, new, synchronous_standby_names="")

            assert await asyncio.wait_for(waiting, PATIENCE) == new.port
            assert await stored(writer, 3) == new.port
            assert await all_stored(writer) == {1, 2, 3}


def fence(server: Server) -> None:
    """Make a running server refuse to write, as before another one is promoted."""
    reload(server, default_transaction_read_only="on")


@pytest.fixture
def fenced() -> Iterator[Pair]:
    """Run two servers for a test after which neither follows the other."""
    with pair() as made:
        yield made


async def test_a_server_that_turns_read_only_is_left_for_the_next(
    fenced: Pair,
) -> None:
    """Its connections go on, and would refuse every call and bring no signal."""
    old, new = fenced.primary, fenced.standby
    address = fenced.hosts(old.fresh_database())
    async with a_writer(address) as writer, signals(address) as woken:
        assert await stored(writer, 1) == old.port
        await asyncio.to_thread(fence, old)
        await asyncio.to_thread(fenced.promote)
        await asyncio.to_thread(reload, new, synchronous_standby_names="")

        assert await stored(writer, 2) == new.port
        assert await all_stored(writer) == {1, 2}
        await heard(woken, writer)
