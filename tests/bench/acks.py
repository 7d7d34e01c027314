"""How fast ``/ringout`` is acked, compared with a bare Bolt bot that only acks."""

from __future__ import annotations

import socket as sockets
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import load
from children import a_child, cpu_seconds
from load import Run, Send
from process import Process
from table import Figure, of_rounds, ratios

IN_FLIGHT = 64
RATE = 20.0
TOKEN, APP_TOKEN = "xoxb-bench", "xapp-bench"
WAYS = ("socket", "http")
SIDES = ("default", "inline", "ours")


@dataclass
class Results:
    """Results of all rounds, by transport and bot."""

    floods: dict[tuple[str, str], list[Run]] = field(
        default_factory=lambda: defaultdict(list)
    )
    trickles: dict[tuple[str, str], list[Run]] = field(
        default_factory=lambda: defaultdict(list)
    )
    bot_cpu: dict[tuple[str, str], list[float]] = field(
        default_factory=lambda: defaultdict(list)
    )


def free_port() -> int:
    """Return a port that nobody is listening on."""
    with sockets.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(far: dict[str, Any], folder: Path, *, socket: bool) -> dict[str, str]:
    """Return the real bot's settings: defaults, except for the limit per person."""
    door = {"SLACK_APP_TOKEN": APP_TOKEN}
    if not socket:
        door = {"SLACK_SIGNING_SECRET": load.SECRET, "PORT": str(free_port())}
    return {
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_API_URL": far["api"],
        "RC_SERVER_URL": far["ringcentral"],
        "RC_APP_CLIENT_ID": far["client_id"],
        "RC_APP_CLIENT_SECRET": far["client_secret"],
        "RC_USER_JWT": far["jwt"],
        "DATABASE_URL": f"sqlite:///{folder}/calls.db",
        "RINGOUT_CALLS_PER_MINUTE": "10000",
        **door,
    }


@asynccontextmanager
async def ours(
    far: dict[str, Any], folder: Path, *, socket: bool
) -> AsyncIterator[tuple[int, str]]:
    """Run the real bot; yield its process id and its address."""
    env = environment(far, folder, socket=socket)
    process = Process(folder, env)
    await process.ready()
    try:
        yield process.child.pid, f"http://127.0.0.1:{env.get('PORT')}/slack/events"
    finally:
        process.kill()
        await process.ended()


@asynccontextmanager
async def bare(
    far: dict[str, Any], *, socket: bool, inline: bool
) -> AsyncIterator[tuple[int, str]]:
    """Run the bare bot; yield its process id and its address."""
    how = ["--socket"] if socket else []
    how += ["--inline"] if inline else []
    async with a_child(
        "bare_bolt",
        "--api",
        far["api"],
        "--token",
        TOKEN,
        "--app-token",
        APP_TOKEN,
        "--secret",
        load.SECRET,
        *how,
    ) as child:
        said = await child.says()
        yield child.process.pid, said["ready"]


@asynccontextmanager
async def a_side(
    side: str, far: dict[str, Any], folder: Path, *, socket: bool
) -> AsyncIterator[tuple[int, str]]:
    """Run one of `SIDES`."""
    if side == "ours":
        async with ours(far, folder, socket=socket) as found:
            yield found
    else:
        async with bare(far, socket=socket, inline=side == "inline") as found:
            yield found


async def one_round(results: Results, way: str, side: str, *, quick: bool) -> None:
    """Flood a new bot; send commands slowly to another new one."""
    socket = way == "socket"
    line = load.Socket()
    await line.start()
    try:
        async with a_child("far", line.address) as far:
            said = await far.says()
            count = 500 if quick else 3000
            for kind, many in (("flood", count), ("trickle", 100 if quick else 300)):
                with tempfile.TemporaryDirectory() as name:
                    folder = Path(name)
                    async with a_side(side, said, folder, socket=socket) as (pid, url):
                        await _loaded(results, (way, side), kind, many, line, pid, url)
                    if side == "ours":
                        _check(folder, many + IN_FLIGHT)
                line.connected.clear()
    finally:
        await line.close()


async def _loaded(
    results: Results,
    key: tuple[str, str],
    kind: str,
    many: int,
    line: load.Socket,
    pid: int,
    url: str,
) -> None:
    socket = key[0] == "socket"
    sends: list[Send]
    if socket:
        await line.connected.wait()
        sends = [line.send] * IN_FLIGHT
    else:
        sends = await load.connections(url, IN_FLIGHT)
    warm = load.made(IN_FLIGHT, socket=socket)
    commands = load.made(IN_FLIGHT + many, socket=socket)[IN_FLIGHT:]
    await load.flood(sends, warm)
    before = cpu_seconds(pid)
    if kind == "flood":
        run = await load.flood(sends, commands)
        results.floods[key].append(run)
        results.bot_cpu[key].append((cpu_seconds(pid) - before) / run.took)
    else:
        run = await load.trickle(sends, commands, RATE)
        results.trickles[key].append(run)
    expected = many if key[1] == "ours" else 0
    if run.ringing != expected:
        raise RuntimeError(f"{run.ringing} acks of {expected} said so")


def _check(folder: Path, many: int) -> None:
    """Check that every acked command is in the database."""
    connection = sqlite3.connect(folder / "calls.db")
    try:
        (stored,) = connection.execute("SELECT count(*) FROM calls").fetchone()
    finally:
        connection.close()
    if stored != many:
        raise RuntimeError(f"{stored} calls stored of {many} acked")


async def measure(*, quick: bool) -> list[Figure]:
    """Load each bot in turn, over each transport."""
    results = Results()
    for _ in range(1 if quick else 3):
        for way in WAYS:
            for side in SIDES:
                await one_round(results, way, side, quick=quick)
    return [figure for way in WAYS for figure in _of_way(results, way)]


def _of_way(results: Results, way: str) -> list[Figure]:
    def figure(name: str, values: list[float], unit: str, **aims: float) -> Figure:
        return of_rounds("acks", f"{way}: {name}", values, unit, **aims)

    rates = {
        side: [run.per_second for run in results.floods[way, side]] for side in SIDES
    }
    tails = {side: [run.ms(99) for run in results.floods[way, side]] for side in SIDES}
    found: list[Figure] = []
    for side in SIDES:
        name = side if side == "ours" else f"bare Bolt, {side}"
        calm = results.trickles[way, side]
        goal = {"most": 50.0} if side == "ours" else {}
        middle = [run.ms(50) for run in results.floods[way, side]]
        found += [
            figure(f"{name}: acks a second, 64 in flight", rates[side], "/s"),
            figure(f"{name}: p50, 64 in flight", middle, "ms"),
            figure(f"{name}: p99, 64 in flight", tails[side], "ms"),
            figure(f"{name}: p50 at 20/s", [run.ms(50) for run in calm], "ms"),
            figure(f"{name}: p99 at 20/s", [run.ms(99) for run in calm], "ms", **goal),
            figure(
                f"{name}: the load's own share of a core",
                [run.busy for run in results.floods[way, side]],
                "x",
                most=0.8,
            ),
            figure(f"{name}: bot's share of a core", results.bot_cpu[way, side], "x"),
        ]
    for side in ("default", "inline"):
        faster = ratios(rates["ours"], rates[side])
        slower = ratios(tails["ours"], tails[side])
        found += [
            figure(f"throughput / bare Bolt's, {side}", faster, "x", least=0.85),
            figure(f"p99 / bare Bolt's, {side}", slower, "x", most=1.5),
        ]
    return found
