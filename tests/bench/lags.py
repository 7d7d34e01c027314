"""How soon people hear after the log shows their call, whatever the account's lag.

The real follower, recorder, store and budget in virtual time, with RingCentral's default
limits: forty calls take hours of it, and seconds of a processor.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from simulated import Measured, Planned, simulate
from table import Figure, median, of_rounds
from virtual_time import in_virtual_time

CALLS, AT_ONCE = 40, 5
SHORTEST, LONGEST = 3.0, 45.0
STEADY, JUMPS = 22.0, (6.0, 30.0)
LEARNED_AFTER = 8
"""Rounds after which an account's steady lag counts as known."""

TALK = 20.0
SEEDS = (13, 705, 2026)

Rounds = list[list[Planned]]


def at_random(seed: int, at_once: int) -> Rounds:
    """Return rounds of calls whose lags nobody can know."""
    dice = random.Random(seed)
    lags = [dice.uniform(SHORTEST, LONGEST) for _ in range(CALLS)]
    return _rounds(lags, at_once)


def jumping() -> Rounds:
    """Return calls of an account whose lag jumps halfway."""
    half = CALLS // 2
    return _rounds([lag for lag in JUMPS for _ in range(half)], 1)


def _rounds(lags: list[float], at_once: int) -> Rounds:
    plans = [Planned(TALK, lag) for lag in lags]
    return [plans[at : at + at_once] for at in range(0, CALLS, at_once)]


def played(rounds: Rounds) -> Measured:
    """Play *rounds* from the first hang-up to the last reply."""
    return in_virtual_time(simulate(rounds))


async def measure(*, quick: bool, before: Path | None) -> list[Figure]:
    """Play each kind of account."""
    del before
    seeds = SEEDS[:1] if quick else SEEDS
    alone = [await _played(at_random(seed, 1)) for seed in seeds]
    together = [await _played(at_random(seed, AT_ONCE)) for seed in seeds]
    steady = [await _played(_rounds([STEADY] * CALLS, 1))]
    jumped = [await _played(jumping())]
    known = [each.waits[LEARNED_AFTER:] for each in steady]
    reads = [max(each.reads[LEARNED_AFTER:]) for each in steady]
    many = [sum(each.reads) / CALLS for each in together]
    return [
        *_of("lags at random, 1 call", alone, 4.0, 8.0),
        _figure("lags at random, 1 call: log reads, most", _most(alone), "", most=6.0),
        *_of(f"lags at random, {AT_ONCE} at once", together, 5.0, 10.0),
        _figure(
            f"lags at random, {AT_ONCE} at once: reads per call", many, "", most=2.0
        ),
        _figure("a steady lag: readable to reply", [median(known[0])], "s", most=2.0),
        _figure("a steady lag: log reads, most", [float(reads[0])], "", most=3.0),
        *_of("a lag that jumps from 6 to 30 s", jumped, 4.0, 8.0),
        _figure("a lag that jumps: log reads, most", _most(jumped), "", most=6.0),
        *_cost([*alone, *together, *steady, *jumped]),
    ]


async def _played(rounds: Rounds) -> Measured:
    # In a thread: virtual time needs an event loop of its own.
    return await asyncio.to_thread(played, rounds)


def _of(
    name: str, found: list[Measured], middle: float, longest: float
) -> list[Figure]:
    return [
        _figure(
            f"{name}: readable to reply",
            [each.median for each in found],
            "s",
            most=middle,
        ),
        _figure(
            f"{name}: longest", [each.longest for each in found], "s", most=longest
        ),
    ]


def _most(found: list[Measured]) -> list[float]:
    return [float(max(each.reads)) for each in found]


def _cost(found: list[Measured]) -> list[Figure]:
    refused = float(sum(each.refused for each in found))
    free = float(min(each.least_free for each in found))
    return [
        of_rounds("lags", "all: 429s", [refused], "", most=0.0),
        of_rounds(
            "lags", "all: Heavy that a read leaves, least", [free], "", least=3.0
        ),
    ]


def _figure(name: str, values: list[float], unit: str, **aims: float) -> Figure:
    return of_rounds("lags", name, values, unit, **aims)
