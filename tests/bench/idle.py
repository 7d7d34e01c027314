"""What a bot costs that has nothing to do, and how soon it wakes.

All bots are idle at the same time, beside a bare Bolt bot, so that they share one
computer's mood; then the follower alone, with ten calls that become due one by one.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import load
import postgres
from acks import sides
from children import ROOT, a_child, cpu_seconds, of_before
from sides import Ground, Running, Side
from table import Figure, percentile

SECONDS, QUICK_SECONDS = 120.0, 12.0
SETTLED_AFTER = 8.0
"""Seconds for a start's own work, such as the list of phones."""

CORE_SHARE, TRANSACTIONS = 0.01, 1.0
"""The aims: of a core, and a second. Twice the bare bot's share of a core will do, too."""

WAKES_WITHIN = 50.0
CALLS, EVERY = 10, 5.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What an idle bot cost: shares of a core, and transactions a second."""

    side: Side
    cpu: float
    transactions: float | None


async def idle(seconds: float, before: Path | None) -> list[Cost]:
    """Let every bot idle for so long, over Socket Mode, all at once."""
    with postgres.server() as server:
        async with AsyncExitStack() as stack:
            bots = []
            for side in sides(before=before is not None):
                line = load.Socket()
                await line.start()
                stack.push_async_callback(line.close)
                far = await stack.enter_async_context(a_child("far", line.address))
                ground = Ground(await far.says(), server, before)
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                there = ground.running(side, folder, socket=True)
                bots.append((side, await stack.enter_async_context(there)))
                await line.connected.wait()
            await asyncio.sleep(SETTLED_AFTER)
            return await _watched(server, bots, seconds)


async def _watched(
    server: postgres.Server, bots: Sequence[tuple[Side, Running]], seconds: float
) -> list[Cost]:
    first = [_used(server, side, bot) for side, bot in bots]
    await asyncio.sleep(seconds)
    last = [_used(server, side, bot) for side, bot in bots]
    costs = []
    for (side, _), (cpu, made), (cpu_then, made_then) in zip(
        bots, first, last, strict=True
    ):
        a_second = None
        if side.database == "postgresql":
            a_second = (made_then - made) / seconds
        costs.append(Cost(side, (cpu_then - cpu) / seconds, a_second))
    return costs


def _used(server: postgres.Server, side: Side, bot: Running) -> tuple[float, int]:
    made = 0
    if side.database == "postgresql":
        made = server.transactions(bot.database)
    return cpu_seconds(bot.pid), made


async def late(*, root: Path) -> tuple[float, float]:
    """Return the p50 and p99 of a due call's lateness, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        where = ("--url", f"sqlite:///{folder}/calls.db", "--fill")
        times = ("--every", EVERY, "--warm", EVERY, "--seconds", 4 * EVERY)
        given = ("--calls", CALLS, *times, *where)
        async with a_child("hold", *given, root=root) as child:
            await child.says()
            said = await child.says()
            return said["late_p50_ms"], said["late_p99_ms"]


async def woken(times: int, *whose: str, root: Path) -> tuple[float, float]:
    """Return the p50 and p99 from a change to the poll that it asks for, in milliseconds.

    *whose*: ``--own`` for a command's of the same process; else it is another one's.
    """
    with postgres.server() as server:
        given = ("--url", server.fresh_database(), "--times", times, *whose)
        async with a_child("signals", *given, root=root) as child:
            found = list((await child.says())["late_ms"])
    return percentile(found, 50), percentile(found, 99)


async def measure(*, quick: bool, before: Path | None) -> list[Figure]:
    """Let all idle at once; then measure the lateness of what is due."""
    costs = await idle(QUICK_SECONDS if quick else SECONDS, before)
    bare = next(each.cpu for each in costs if each.side.kind == "bare")
    figures = [figure for each in costs for figure in _of_side(each, bare)]
    times = 10 if quick else 50
    ways: dict[str, Callable[..., Awaitable[tuple[float, float]]]] = {
        "a due call is polled late by": late,
        "a signal to its poll": partial(woken, times),
        "a command to its poll": partial(woken, times, "--own"),
    }
    for name, way in ways.items():
        figures += _woken(name, await way(root=ROOT), most=WAKES_WITHIN)
        theirs = await of_before(way(root=before), "idle") if before else None
        figures += _woken(f"ours before: {name}", theirs) if theirs else []
    return figures


def _woken(
    name: str, found: tuple[float, float], most: float | None = None
) -> list[Figure]:
    middle, worst = found
    return [
        Figure("idle", f"{name}, p50", middle, "ms"),
        Figure("idle", f"{name}, p99", worst, "ms", most=most),
    ]


def _of_side(cost: Cost, bare: float) -> list[Figure]:
    is_ours = cost.side.kind == "ours"
    share = max(CORE_SHARE, 2 * bare) * 100 if is_ours else None
    name = cost.side.name
    found = [Figure("idle", f"{name}: of a core", cost.cpu * 100, "%", most=share)]
    if cost.transactions is not None and cost.side.kind != "plain":
        most = TRANSACTIONS if is_ours else None
        what = f"{name}: transactions a second"
        found.append(Figure("idle", what, cost.transactions, "/s", most=most))
    return found
