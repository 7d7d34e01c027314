"""Connections that never say what they want, as many as there are descriptors."""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.ports import free_port
from patience import PATIENCE
from process import Process
from scene import Scene

DESCRIPTORS, MANY = 1024, 1_100
PROMISED = 1.0
"""The seconds in which the threat model promises an answer under half requests."""

TRIES = 3
EVENTS = b"POST /slack/events HTTP/1.1\r\nHost: x\r\n"
HALVES = (
    b"",
    b"GET /healthz HT",
    EVENTS,
    EVENTS + b"Content-Length: 1000\r\n\r\ntoken=x",
    EVENTS + b"Transfer-Encoding: chunked\r\n\r\n3e8\r\ntoken=x",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
)


@contextmanager
def few_descriptors() -> Iterator[None]:
    """Let processes that start meanwhile have only so many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * MANY), hard))


def half(port: int, number: int) -> socket.socket:
    """Open a connection and send half a request."""
    made = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    made.sendall(HALVES[number % len(HALVES)])
    return made


async def healthy(port: int) -> float:
    """Ask whether the bot is alive, by a new connection; return the seconds."""
    begun = time.monotonic()
    address = f"http://127.0.0.1:{port}/healthz"
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        assert answer.status == 200
    return time.monotonic() - begun


def held_by(process: Process) -> int:
    """Return how many descriptors a process has open."""
    return len(list(Path(f"/proc/{process.child.pid}/fd").iterdir()))


def lines(process: Process) -> list[str]:
    """Return what the process has logged about connections."""
    words = ("connections are open", "aiohttp", "asyncio", "can't be read")
    return [each for each in process.log.splitlines() if any(w in each for w in words)]


@pytest.mark.twin
async def test_half_requests_keep_nobody_out(scene: Scene) -> None:
    """They once filled all descriptors for good and wrote 204,158 lines in 100 s."""
    town, port = scene.town, free_port()
    town.ringcentral.play("caller-busy")
    process = Process(
        town.folder,
        town.environment(
            SLACK_APP_TOKEN="",
            SLACK_SIGNING_SECRET=town.slack.signing_secret,
            PORT=str(port),
        ),
        plain=True,
    )
    scene.processes.append(process)
    with few_descriptors():
        await process.ready()
    town.slack.deliveries.request_url = f"http://127.0.0.1:{port}/slack/events"
    opened: list[socket.socket] = []
    begun = time.monotonic()
    try:
        for turn in range(3):
            opened += await asyncio.to_thread(
                lambda: [half(port, number) for number in range(MANY // 2)]
            )
            # A busy machine may be late with some; none waits for a half to time out.
            assert min([await healthy(port) for _ in range(TRIES)]) < PROMISED
            acks = [await town.types()]
            acks += [await town.types("help") for _ in range(TRIES - 1)]
            assert all(ack.ok for ack in acks)
            assert min(ack.seconds for ack in acks) < PROMISED
            await town.finished(turn)
            assert held_by(process) < DESCRIPTORS * 9 // 10
    finally:
        for each in opened:
            each.close()
    took = time.monotonic() - begun
    assert len(lines(process)) <= 6 * (took + 1)
    assert await process.terminated() == 0
