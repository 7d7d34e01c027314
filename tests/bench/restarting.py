"""Seconds to ready, and from ``kill -9`` until every open call is polled again."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import load
import postgres
from acks import WAYS
from children import a_child
from process import Process
from sides import bolt, environment
from table import Figure, of_rounds, ratios

SIZES = (1_000, 10_000)
EVERY = 5.0
FOLLOWS = ("--every", EVERY, "--warm", 0, "--seconds", 600)
NEVER = 60.0
"""Seconds after which a call that was not polled again counts as lost.

The result then shows a takeover that does not happen.
"""

TAKES_UP = ("--take-up", "--until-seen")


async def ready(*, socket: bool) -> tuple[float, float]:
    """Return the seconds until our bot is ready, and the same for the bare one."""
    line = load.Socket()
    await line.start()
    try:
        with tempfile.TemporaryDirectory() as name:
            async with a_child("far", line.address) as far:
                said = await far.says()
                begun = time.monotonic()
                how = ["--socket"] if socket else []
                async with bolt("bare_bolt", said, "--inline", *how):
                    theirs = time.monotonic() - begun
                folder = Path(name)
                first = Process(folder, environment(said, folder, socket=socket))
                await first.ready()  # creates the database; only the next start counts
                first.kill()
                await first.ended()
                again = Process(folder, environment(said, folder, socket=socket))
                await again.ready()
                again.kill()
                await again.ended()
                return again.ready_after, theirs
    finally:
        await line.close()


async def restarted(size: int) -> float:
    """Kill a SQLite file's only process; return seconds until all calls are polled."""
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite:///{name}/calls.db"
        how = ("--url", url, "--calls", size, *FOLLOWS)
        async with a_child("hold", *how, "--fill") as first:
            await first.says()
            killed = time.monotonic()
            await first.kill()
        async with a_child("hold", *how, *TAKES_UP) as second:
            await second.says()
            await second.says()
            return time.monotonic() - killed


async def taken_over(size: int, url: str) -> float:
    """Kill the one of two processes that held all calls; return the same seconds."""
    how = ("--url", url, "--calls", size, *FOLLOWS, *TAKES_UP)
    async with a_child("hold", *how, "--me", "one", "--fill") as first:
        await first.says()
        await first.says()
        async with a_child("hold", *how, "--me", "two") as second:
            await second.says()
            killed = time.monotonic()
            await first.kill()
            with suppress(TimeoutError):
                await second.says(NEVER)
            return time.monotonic() - killed


async def measure(*, quick: bool, before: Path | None) -> list[Figure]:
    """Start and kill several times."""
    del before
    rounds = 1 if quick else 2
    figures = []
    for way in WAYS:
        both = [await ready(socket=way == "socket") for _ in range(rounds)]
        ours, theirs = [one for one, _ in both], [other for _, other in both]
        name = f"{way}: seconds to ready"
        figures += [
            of_rounds("restarting", name, ours, "s"),
            of_rounds("restarting", f"{name} / bare Bolt's", ratios(ours, theirs), "x"),
        ]
    for size in SIZES:
        times = [await restarted(size) for _ in range(rounds)]
        name = f"SQLite, {size:,} calls: kill -9 until all are polled"
        figures.append(of_rounds("restarting", name, times, "s", most=6.0))
    with ExitStack() as stack:
        server = stack.enter_context(postgres.server())
        for size in SIZES:
            times = [
                await taken_over(size, server.fresh_database()) for _ in range(rounds)
            ]
            name = f"PostgreSQL, {size:,} calls: kill -9 until the other polled all"
            figures.append(of_rounds("restarting", name, times, "s", most=10.0))
    return figures
