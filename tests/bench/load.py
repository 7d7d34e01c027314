"""The load generator: prepared commands over Socket Mode or signed HTTP."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from aiohttp import WSMsgType, web

from bot.sandbox.slack.signing import signed
from table import percentile

SECRET = "5ec7e7" * 5
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
ENVELOPE = re.compile(r'"envelope_id": *"([^"]+)"')
TAKEN = (b"Calling you on", b"Ringing")
"""What the acks of our bot say, of ours before, and of the plain one."""

PEOPLE = 64
"""Those who type the commands. Slack tells about a hundred people a minute who they are, so
no flood can come from people whom the bot has not asked Slack about before."""

_NUMBERS = itertools.count()


@dataclass
class Run:
    """One load's results: seconds to each ack, and the cost of sending."""

    seconds: list[float] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    cpu: float = field(default_factory=time.process_time)
    took: float = 0.0
    busy: float = 0.0
    taken: int = 0

    def end(self) -> Run:
        """Stop the timers."""
        self.took = time.monotonic() - self.begun
        self.busy = (time.process_time() - self.cpu) / self.took
        return self

    @property
    def per_second(self) -> float:
        """Acks a second."""
        return len(self.seconds) / self.took

    def ms(self, percent: float) -> float:
        """Return a percentile in milliseconds."""
        return percentile(self.seconds, percent) * 1000


def payload(*, newcomers: bool = False) -> dict[str, str]:
    """Return a command with its own number, of one of `PEOPLE` or of somebody new."""
    number = next(_NUMBERS)
    person = number + PEOPLE if newcomers else number % PEOPLE
    return {
        "token": "deprecated",
        "team_id": "T0BENCH",
        "team_domain": "bench",
        "channel_id": f"C{number % 997:04d}",
        "channel_name": "sales",
        "user_id": f"U{person:07d}",
        "user_name": f"u{person}",
        "command": "/ringout",
        "text": f"+1415{2_000_000 + number}",
        "api_app_id": "A0BENCH",
        "is_enterprise_install": "false",
        "response_url": f"https://hooks.slack.com/commands/{number}",
        "trigger_id": f"{number}.{time.time_ns()}",
    }


def made(count: int, *, socket: bool, newcomers: bool = False) -> list[bytes]:
    """Prepare *count* commands as envelopes or request bodies."""
    payloads = [payload(newcomers=newcomers) for _ in range(count)]
    if not socket:
        return [urlencode(each).encode() for each in payloads]
    return [
        json.dumps(
            {
                "envelope_id": f"e-{each['trigger_id']}",
                "type": "slash_commands",
                "accepts_response_payload": True,
                "payload": each,
            }
        ).encode()
        for each in payloads
    ]


class Http(asyncio.Protocol):
    """A connection that sends one request at a time."""

    def __init__(self, address: str) -> None:
        self._where = urlsplit(address)
        self._transport: asyncio.Transport | None = None
        self._read = b""
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Collect data until the response is complete."""
        self._read += data
        head, found, body = self._read.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not found or len(body) < int(length[1] if length else 0):
            return
        assert self._answer is not None
        self._answer.set_result(self._read)

    def connection_lost(self, error: Exception | None) -> None:
        """Fail whoever still waits for a response."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("closed"))

    async def send(self, body: bytes) -> bytes:
        """Send one command, signed now; return the complete response."""
        assert self._transport is not None
        self._read = b""
        self._answer = asyncio.get_running_loop().create_future()
        headers = {
            "Host": self._where.netloc,
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(body)),
            **signed(SECRET, body.decode()),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {self._where.path} HTTP/1.1\r\n{lines}\r\n"
        self._transport.write(head.encode() + body)
        return await self._answer


class Socket:
    """Slack's end of Socket Mode: accepts the bot's connection, and sends over it."""

    def __init__(self) -> None:
        self.address = ""
        self.connected = asyncio.Event()
        self._socket: web.WebSocketResponse | None = None
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Start listening."""
        app = web.Application()
        app.router.add_get("/link/", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"ws://127.0.0.1:{self._runner.addresses[0][1]}/link/"

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self._socket = socket
        self.connected.set()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                found = ENVELOPE.search(message.data)
                waiting = self._waiting.pop(found[1], None) if found else None
                if waiting is not None:
                    waiting.set_result(message.data.encode())
        self.connected.clear()
        return socket

    async def send(self, envelope: bytes) -> bytes:
        """Send one envelope; return its ack."""
        text = envelope.decode()
        found = ENVELOPE.search(text)
        assert found is not None
        assert self._socket is not None
        waiting: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[found[1]] = waiting
        await self._socket.send_str(text)
        return await waiting


Send = Callable[[bytes], Awaitable[bytes]]


async def connections(address: str, count: int) -> list[Send]:
    """Open several HTTP connections."""
    loop = asyncio.get_running_loop()
    where = urlsplit(address)
    assert where.hostname is not None
    assert where.port is not None
    opened: list[Send] = []
    for _ in range(count):
        _, protocol = await loop.create_connection(
            lambda: Http(address), where.hostname, where.port
        )
        opened.append(protocol.send)
    return opened


async def flood(sends: list[Send], commands: list[bytes]) -> Run:
    """Keep as many commands in flight as there are connections."""
    run, left = Run(), iter(commands)

    async def keep(send: Send, mine: Iterator[bytes]) -> None:
        for each in mine:
            await _one(run, send, each, time.monotonic())

    await asyncio.gather(*(keep(send, left) for send in sends))
    return run.end()


async def trickle(sends: list[Send], commands: list[bytes], rate: float) -> Run:
    """Send *rate* commands a second; late acks do not slow this down."""
    run, ways = Run(), itertools.cycle(sends)
    tasks: list[asyncio.Task[None]] = []
    begun = time.monotonic()
    for number, each in enumerate(commands):
        at = begun + number / rate
        await asyncio.sleep(max(at - time.monotonic(), 0))
        tasks.append(asyncio.create_task(_one(run, next(ways), each, at)))
    await asyncio.gather(*tasks)
    return run.end()


async def _one(run: Run, send: Send, command: bytes, at: float) -> None:
    answer = await send(command)
    run.seconds.append(time.monotonic() - at)
    if answer.startswith(b"HTTP") and not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(answer[:80].decode(errors="replace"))
    run.taken += any(each in answer for each in TAKEN)
