"""How fast ``/ringout`` is acked, beside a plain durable bot and a bare Bolt bot."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

import load
import postgres
from children import a_child, cpu_seconds
from load import Run, Send
from sides import Database, Ground, Running, Side
from table import Figure, of_rounds, ratios

IN_FLIGHT = 64
RATE = 20.0
WAYS = ("socket", "http")
LEAST = {"sqlite": 1.8, "postgresql": 0.6}
"""Our throughput divided by the plain bot's. On PostgreSQL it has ten connections, and we
have one thread that follows calls as well."""

ANCHOR = {"sqlite": 0.07, "postgresql": 0.18}
"""The plain bot's throughput divided by the bare one's, as of a first trial. A slower one
would be no measure."""


@dataclass
class Results:
    """The runs of all rounds, by transport and bot."""

    floods: dict[tuple[str, Side], list[Run]] = field(
        default_factory=lambda: defaultdict(list)
    )
    trickles: dict[tuple[str, Side], list[Run]] = field(
        default_factory=lambda: defaultdict(list)
    )
    bot_cpu: dict[tuple[str, Side], list[float]] = field(
        default_factory=lambda: defaultdict(list)
    )
    first_cpu: dict[tuple[str, Side], list[float]] = field(
        default_factory=lambda: defaultdict(list)
    )


def sides(*, before: bool) -> list[Side]:
    """Return the bots in the order in which they take turns."""
    found = [Side("bare")]
    for database in LEAST:
        known: Database = "sqlite" if database == "sqlite" else "postgresql"
        found += [Side("plain", known), Side("ours", known)]
        found += [Side("before", known)] if before else []
    return found


async def one_turn(
    results: Results,
    way: str,
    side: Side,
    server: postgres.Server,
    before: Path | None,
    *,
    quick: bool,
) -> None:
    """Flood a new bot; send commands slowly to another new one."""
    line = load.Socket()
    await line.start()
    try:
        async with a_child("far", line.address) as far:
            ground = Ground(await far.says(), server, before)
            count = 500 if quick else 2000
            slow = 60 if quick else 200
            for kind, many in (("flood", count), ("trickle", slow)):
                with tempfile.TemporaryDirectory() as name:
                    there = ground.running(side, Path(name), socket=way == "socket")
                    async with there as bot:
                        sent = await _loaded(
                            results, (way, side), kind, many, line, bot
                        )
                        _check(side, bot.database, sent)
                line.connected.clear()
    finally:
        await line.close()


async def _loaded(
    results: Results,
    key: tuple[str, Side],
    kind: str,
    many: int,
    line: load.Socket,
    bot: Running,
) -> int:
    """Load *bot* with *many* commands; return how many it was sent in all."""
    socket = key[0] == "socket"
    sends: list[Send]
    if socket:
        await line.connected.wait()
        sends = [line.send] * IN_FLIGHT
    else:
        sends = await load.connections(bot.url, IN_FLIGHT)
    await load.flood(sends, load.made(load.PEOPLE, socket=socket))
    commands = load.made(many, socket=socket)
    if kind == "trickle":
        run = await load.trickle(sends, commands, RATE)
        results.trickles[key].append(_taken(run, key[1], many))
        return load.PEOPLE + many
    run, cpu = await _flooded(sends, commands, bot)
    results.floods[key].append(_taken(run, key[1], many))
    results.bot_cpu[key].append(cpu)
    newcomers = load.made(many // 4, socket=socket, newcomers=True)
    run, cpu = await _flooded(sends, newcomers, bot)
    _taken(run, key[1], len(newcomers))
    results.first_cpu[key].append(cpu)
    return load.PEOPLE + many + len(newcomers)


async def _flooded(
    sends: list[Send], commands: list[bytes], bot: Running
) -> tuple[Run, float]:
    """Return the run of a flood, and the bot's milliseconds of processor time per ack."""
    before = cpu_seconds(bot.pid)
    run = await load.flood(sends, commands)
    return run, (cpu_seconds(bot.pid) - before) / len(commands) * 1000


def _taken(run: Run, side: Side, many: int) -> Run:
    """Return *run*; raise if not all its acks say that the bot calls."""
    expected = many if side.stores else 0
    if run.taken != expected:
        raise RuntimeError(f"{run.taken} acks of {expected} said so")
    return run


def _check(side: Side, url: str, many: int) -> None:
    """Check that every acked command is in the database."""
    if not side.stores:
        return
    count = "SELECT count(*) FROM calls"
    if side.database == "postgresql":
        with psycopg.connect(url) as server:
            row = server.execute(count).fetchone()
    else:
        file = sqlite3.connect(url.removeprefix("sqlite:///"))
        row = file.execute(count).fetchone()
        file.close()
    if row is None or row[0] != many:
        raise RuntimeError(f"{row} calls stored of {many} acked")


async def measure(*, quick: bool, before: Path | None) -> list[Figure]:
    """Load each bot in turn, over each transport."""
    results = Results()
    turns = sides(before=before is not None)
    with postgres.server(durable=True) as server:
        for _ in range(1 if quick else 3):
            for way in WAYS:
                for side in turns:
                    await one_turn(results, way, side, server, before, quick=quick)
    return [figure for way in WAYS for figure in _of_way(results, way, turns)]


def _of_way(results: Results, way: str, turns: Sequence[Side]) -> list[Figure]:
    found: list[Figure] = []
    for side in turns:
        found += _of_side(results, way, side)
    for side in turns:
        found += _compared(results, way, side)
    return found


def _of_side(results: Results, way: str, side: Side) -> list[Figure]:
    def figure(name: str, values: list[float], unit: str, **aims: float) -> Figure:
        return of_rounds("acks", f"{way}: {side.name}: {name}", values, unit, **aims)

    floods, calm = results.floods[way, side], results.trickles[way, side]
    goal = {"most": 50.0} if side.kind == "ours" else {}
    return [
        figure("acks a second, 64 in flight", _rates(results, way, side), "/s"),
        figure("p99, 64 in flight", [run.ms(99) for run in floods], "ms"),
        figure("CPU per ack", results.bot_cpu[way, side], "ms"),
        figure("CPU per first ack of a person", results.first_cpu[way, side], "ms"),
        figure("p50 at 20/s", [run.ms(50) for run in calm], "ms"),
        figure("p99 at 20/s", [run.ms(99) for run in calm], "ms", **goal),
        figure(
            "the load's own share of a core", [r.busy for r in floods], "x", most=0.8
        ),
    ]


def _compared(results: Results, way: str, side: Side) -> list[Figure]:
    """Return the throughput of *side* divided by that of those beside it."""
    if not side.stores:
        return []
    mine = _rates(results, way, side)
    against = [Side("bare")] if side.kind == "plain" else []
    if side.kind == "ours":
        against = [Side(kind, side.database) for kind in ("plain", "before")]
    found = []
    for other in against:
        theirs = _rates(results, way, other)
        if not theirs:
            continue
        aims = {"plain": LEAST, "bare": ANCHOR}.get(other.kind, {})
        least = {"least": aims[side.database]} if aims else {}
        name = f"{way}: throughput: {side.name} / {other.name}"
        found.append(of_rounds("acks", name, ratios(mine, theirs), "x", **least))
    return found


def _rates(results: Results, way: str, side: Side) -> list[float]:
    return [run.per_second for run in results.floods[way, side]]
