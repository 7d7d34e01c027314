"""What a bot costs that has nothing to do, and how soon it wakes.

All bots are idle at the same time, beside a bare Bolt bot, so that they share one
computer's mood; then the follower alone, with ten calls that become due one by one.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import load
import postgres
from acks import sides
from children import a_child, cpu_seconds
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


async def late() -> tuple[float, float]:
    """Return the p50 and p99 of a due call's lateness, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        where = ("--url", f"sqlite:///{folder}/calls.db", "--fill")
        times = ("--every", EVERY, "--warm", EVERY, "--seconds", 4 * EVERY)
        async with a_child("hold", "--calls", CALLS, *times, *where) as child:
            await child.says()
            said = await child.says()
            return said["late_p50_ms"], said["late_p99_ms"]


async def signaled(times: int) -> list[float]:
    """Return the milliseconds from another process's change to the poll that it asks for."""
    with postgres.server() as server:
        url = server.fresh_database()
        async with a_child("signals", "--url", url, "--times", times) as child:
            return list((await child.says())["late_ms"])


async def measure(*, quick: bool, before: Path | None) -> list[Figure]:
    """Let all idle at once; then measure the lateness of what is due."""
    costs = await idle(QUICK_SECONDS if quick else SECONDS, before)
    bare = next(each.cpu for each in costs if each.side.kind == "bare")
    figures = [figure for each in costs for figure in _of_side(each, bare)]
    middle, worst = await late()
    signals = await signaled(10 if quick else 50)
    return [
        *figures,
        Figure("idle", "a due call is polled late by, p50", middle, "ms"),
        Figure("idle", "the same, p99", worst, "ms", most=WAKES_WITHIN),
        Figure("idle", "a signal to its poll, p50", percentile(signals, 50), "ms"),
        Figure(
            "idle", "the same, p99", percentile(signals, 99), "ms", most=WAKES_WITHIN
        ),
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
