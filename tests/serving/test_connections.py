"""Connections that say too little: how long they may, and who goes when there are many."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.serving.connections import (
    FEWEST_OPEN,
    MOST_HELD,
    MOST_OPEN,
    USUAL_PATIENCE,
    Crowd,
    Patience,
    Phase,
    most_of,
)
from bot.serving.server import Server
from bot.storage.calls.store import Store
from installs import a_readiness
from virtual_time import in_virtual_time

SOON = Patience(headers=0.15, body=0.3, idle=0.6)
PATIENT = Patience(headers=60, body=60, idle=60)
CAP = 40
WHOLE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
HALF = b"POST /echo HTTP/1.1\r\nHost: x\r\n"
BODY = HALF + b"Content-Length: 100\r\n\r\nhalf"
CHUNKED = HALF + b"Transfer-Encoding: chunked\r\n\r\n64\r\nhalf"


@dataclass
class Open:
    """A connection to the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    begun: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    async def closed(self) -> float:
        """Wait until the server closes it; return the seconds since it was opened."""
        try:
            while await self.reader.read(1000):
                pass
        except ConnectionError:
            pass
        return asyncio.get_running_loop().time() - self.begun

    @property
    def is_open(self) -> bool:
        """Whether the server has not closed it, as far as is known."""
        return not self.reader.at_eof() and self.reader.exception() is None


@dataclass
class Serving:
    """A server with a page that returns what is posted to it, and its connections."""

    server: Server
    opened: list[Open]

    async def send(self, *parts: bytes) -> Open:
        """Open a connection and send something, in pieces."""
        host, port = self.server.address.removeprefix("http://").split(":")
        made = Open(*await asyncio.open_connection(host, int(port)))
        self.opened.append(made)
        for part in parts:
            made.writer.write(part)
            await made.writer.drain()
        return made

    @property
    def held(self) -> int:
        """How many connections the server has not given up."""
        runner = self.server._runner
        assert runner is not None
        assert runner.server is not None
        return len(runner.server.connections)

    async def healthy(self) -> bool:
        """Ask over a connection of its own."""
        url = f"{self.server.address}/healthz"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status == 200


@asynccontextmanager
async def serving(
    patience: Patience, folder: Path, most_bytes: int = MOST_HELD
) -> AsyncIterator[Serving]:
    """Serve with a lowered limit."""
    store = Store(f"sqlite:///{folder}/calls.db")

    async def echo(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    server = Server(
        "127.0.0.1",
        0,
        a_readiness(store),
        patience=patience,
        most=CAP,
        most_bytes=most_bytes,
    )
    server.post("/echo", echo)
    await server.open()
    made = Serving(server, [])
    yield made
    for each in made.opened:
        each.writer.close()
    await server.shut()


async def answered(one: Open) -> bytes:
    """Read one answer of /healthz."""
    return await one.reader.readuntil(b"}")


SLOW = {
    "nothing": ((), 5),
    "half a line": ((b"GET /hea",), 5),
    "half the headers": ((HALF,), 5),
    "half a body": ((BODY,), 10),
    "half a chunk": ((CHUNKED,), 10),
    "half a body for nobody": ((BODY.replace(b"/echo", b"/no"),), 10),
    "one request": ((WHOLE,), 30),
    "one and a half": ((WHOLE, WHOLE[:9]), 5),
    "one and a half at once": ((WHOLE + WHOLE[:9],), 30),
}
"""What a client sends before it falls silent, and the seconds until it is closed."""


def test_whoever_falls_silent_is_closed_in_time(tmp_path: Path) -> None:
    """Otherwise a thousand of them hold every descriptor for good."""

    async def told() -> dict[str, float]:
        async with serving(USUAL_PATIENCE, tmp_path) as at:
            opened = []
            for parts, _ in SLOW.values():
                opened.append(await at.send(*parts[:1]))
                if parts[1:]:
                    await answered(opened[-1])
                    opened[-1].writer.write(parts[1])
            took = await asyncio.gather(*(each.closed() for each in opened))
        return {name: round(each) for name, each in zip(SLOW, took, strict=True)}

    assert in_virtual_time(told()) == {
        name: seconds for name, (_, seconds) in SLOW.items()
    }


def test_a_byte_now_and_then_wins_no_time(tmp_path: Path) -> None:
    """The time is for the whole of it, not for the next byte."""

    async def drip(one: Open, byte: bytes) -> float:
        closing = asyncio.create_task(one.closed())
        while not closing.done():
            one.writer.write(byte)
            await asyncio.wait([closing], timeout=1.7)
        return round(closing.result())

    async def told() -> list[float]:
        async with serving(USUAL_PATIENCE, tmp_path) as at:
            sent = (HALF + b"X-A: ", BODY, CHUNKED, BODY.replace(b"/echo", b"/no"))
            opened = [await at.send(each) for each in (*sent, WHOLE)]
            await answered(opened[-1])
            drips = [drip(each, b"x") for each in opened[:-1]]
            return [*await asyncio.gather(*drips, drip(opened[-1], b"\r\n"))]

    assert in_virtual_time(told()) == [5, 10, 10, 5, 5]


def test_who_reads_no_answer_is_closed_too(tmp_path: Path) -> None:
    """What the kernel no longer takes for them would wait in memory for good."""
    large = HALF + b"Content-Length: 900000\r\n\r\n" + b"x" * 900_000

    async def told() -> tuple[int, int]:
        async with serving(USUAL_PATIENCE, tmp_path) as at:
            one = await at.send()
            one.writer.transport.pause_reading()  # type: ignore[attr-defined]
            one.writer.write(20 * large)
            await asyncio.sleep(1)
            before = at.held
            await asyncio.sleep(USUAL_PATIENCE.idle)
            return before, at.held

    assert in_virtual_time(told()) == (1, 0)


async def test_who_is_slow_but_in_time_is_served(tmp_path: Path) -> None:
    """In pieces, one after the other on one connection, and with a body."""
    async with serving(PATIENT, tmp_path) as at:
        for parts in ([WHOLE[:9], WHOLE[9:]], [WHOLE + WHOLE[:9], WHOLE[9:]]):
            one = await at.send(*parts)
            await answered(one)
        await answered(one)
        for head, rest in ((BODY, b"x" * 96), (CHUNKED, b"x" * 96 + b"\r\n0\r\n\r\n")):
            one = await at.send(head)
            await asyncio.sleep(0)
            one.writer.write(rest + WHOLE)
            await one.reader.readuntil(b"half" + b"x" * 96)
            await answered(one)


async def test_at_the_limit_the_oldest_without_headers_makes_room(
    tmp_path: Path,
) -> None:
    """Three times the limit, and everybody who asks is still answered at once."""
    async with serving(PATIENT, tmp_path) as at:
        bodies = [await at.send(BODY) for _ in range(5)]
        idle = [await at.send(WHOLE) for _ in range(5)]
        for each in idle:
            await answered(each)
        halves = [await at.send(HALF[:20]) for _ in range(3 * CAP)]
        for _ in range(5):
            assert await at.healthy()
        await asyncio.gather(*(each.closed() for each in halves[: 2 * CAP]))

        assert all(each.is_open for each in bodies + idle)
        assert sum(each.is_open for each in halves) <= CAP - 10
        assert halves[-1].is_open


@pytest.mark.long_table
@pytest.mark.parametrize("sent", [b"", HALF, BODY, CHUNKED, WHOLE])
async def test_no_kind_of_half_request_keeps_others_out(
    tmp_path: Path, sent: bytes
) -> None:
    """If all wait for the same, the oldest of them goes."""
    async with serving(PATIENT, tmp_path) as at:
        for _ in range(2 * CAP):
            await at.send(sent)
        begun = time.monotonic()

        assert await at.healthy()
        assert time.monotonic() - begun < PATIENT.headers  # none has timed out yet
        await asyncio.gather(*(each.closed() for each in at.opened[:CAP]))


@pytest.mark.parametrize("framing", ["length", "chunks"])
async def test_all_half_bodies_together_are_bounded_and_the_largest_goes(
    tmp_path: Path, framing: str
) -> None:
    """Seven hundred connections may each send a megabyte, and nothing more for 10 s."""
    most, size = 1_000_000, 90_000
    head = HALF + b"Content-Length: 99999\r\n\r\n"
    if framing == "chunks":
        head = HALF + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % 99_999
    async with serving(PATIENT, tmp_path, most) as at:
        small = await at.send(BODY)
        large = [await at.send(head + b"x" * size) for _ in range(3 * most // size)]
        while sum(each.is_open for each in large) * size > most:
            await asyncio.wait(
                [asyncio.ensure_future(e.closed()) for e in large if e.is_open],
                return_when=asyncio.FIRST_COMPLETED,
            )
        small.writer.write(b"x" * 96)

        assert await small.reader.readuntil(b"half" + b"x" * 96)
        assert await at.healthy()


def test_bytes_are_counted_until_their_request_is_answered() -> None:
    """Who works holds them too, but is not closed: its request may be Slack's."""
    crowd: Crowd[str] = Crowd(9, most_bytes=100)
    for name, phase, sent in (
        ("slack", Phase.WORKING, 70),
        ("small", Phase.BODY, 10),
        ("half", Phase.HEADERS, 20),
    ):
        crowd.enter(name, Phase.HEADERS)
        crowd.receive(name, sent)
        crowd.enter(name, phase)
    within = crowd.heaviest()
    crowd.receive("small", 1)
    too_many = crowd.heaviest()
    crowd.receive("small", 30)
    larger = crowd.heaviest()
    crowd.enter("slack", Phase.IDLE)
    answered = crowd.heaviest()
    crowd.receive("half", 70)
    gone = crowd.heaviest()
    crowd.leave("half")

    assert (within, too_many, larger) == (None, "half", "small")
    assert (answered, gone) == (None, "half")
    assert crowd.heaviest() is None


GARBAGE = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    "no HTTP": b"hello\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\n\r\n",
    "a long line": b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\n\r\n",
    "a long header": HALF + b"X: " + b"a" * 10_000 + b"\r\n\r\n",
    "many headers": HALF + b"X: a\r\n" * 500 + b"\r\n",
    "no length": HALF + b"Content-Length: x\r\n\r\n",
    "two lengths": HALF + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "no chunk": HALF + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "no gzip": HALF + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
    "later": WHOLE + b"\x00\x01\r\n\r\n",
    "too much": HALF + b"Content-Length: 9000000\r\n\r\n",
    "nobody's": BODY.replace(b"/echo", b"/nobody"),
}


@pytest.mark.long_table
@pytest.mark.parametrize("sent", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_is_one_line_without_a_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    """Whoever finds the port sends it; aiohttp logs a traceback of 2 kB for each."""
    caplog.set_level(logging.INFO)
    async with serving(SOON, tmp_path) as at:
        gone = await at.send(sent)
        gone.writer.close()
        await (await at.send(sent)).closed()
        assert await at.healthy()

    assert len(caplog.records) <= 2
    for each in caplog.records:
        assert (each.name, each.exc_info) == ("bot.serving.connections", None)


def test_two_thirds_of_the_descriptors_are_for_connections() -> None:
    """The others are for the database, Slack and RingCentral."""
    found = {each: most_of(each) for each in (0, 64, 256, 1024, 20_000, 10**6, -1)}

    assert found == {
        0: FEWEST_OPEN,
        64: 42,
        256: 170,
        1024: 682,
        20_000: MOST_OPEN,
        10**6: MOST_OPEN,
        -1: MOST_OPEN,
    }


def test_who_works_is_never_closed_for_another() -> None:
    """If all work, the new one has to go."""
    crowd: Crowd[str] = Crowd(3)
    for name, phase in (
        ("body", Phase.BODY),
        ("idle", Phase.IDLE),
        ("late", Phase.HEADERS),
    ):
        assert crowd.surplus() is None
        crowd.enter(name, phase)
    gone = []
    for number in range(3):
        gone.append(crowd.surplus())
        crowd.leave(gone[-1] or "")
        crowd.enter(f"work {number}", Phase.WORKING)

    assert gone == ["late", "idle", "body"]
    assert (crowd.surplus(), len(crowd)) == (None, 3)
