"""How soon people hear after the log shows their call, whatever the account's lag.

The real follower, recorder, store and budget in virtual time, with RingCentral's default
limits: forty calls take hours of it, and seconds of a processor.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from pathlib import Path

from children import ROOT, a_child, of_before
from table import Figure, median, of_rounds

CALLS, AT_ONCE = 40, 5
SHORTEST, LONGEST = 3.0, 45.0
STEADY, JUMPS = 22.0, (6.0, 30.0)
LEARNED_AFTER = 8
"""Rounds after which an account's steady lag counts as known."""

TALK = 20.0
SEEDS = (13, 705, 2026)

Rounds = list[list[float]]
"""The lags of the calls of each round."""


@dataclass(frozen=True, slots=True)
class Played:
    """The waits of each call in seconds, the log reads of each round, and what it cost."""

    waits: list[float]
    reads: list[int]
    refused: int
    least_free: int


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
    return [lags[at : at + at_once] for at in range(0, CALLS, at_once)]


async def played(rounds: Rounds, root: Path) -> Played:
    """Play *rounds* from the first hang-up to the last reply, with the bot in *root*."""
    given = ("--talk", TALK, "--rounds", json.dumps(rounds))
    async with a_child("lag_rounds", *given, root=root) as child:
        return Played(**await child.says())


async def measure(*, quick: bool, before: Path | None) -> list[Figure]:
    """Play each kind of account, with our bot and with that of the commit before."""
    figures = await _figures(quick=quick, root=ROOT)
    if before is None:
        return figures
    theirs = await of_before(_figures(quick=quick, root=before), "lags")
    return [
        *figures,
        *(
            replace(each, name=f"ours before: {each.name}", most=None, least=None)
            for each in theirs or ()
        ),
    ]


async def _figures(*, quick: bool, root: Path) -> list[Figure]:
    seeds = SEEDS[:1] if quick else SEEDS
    alone = [await played(at_random(seed, 1), root) for seed in seeds]
    together = [await played(at_random(seed, AT_ONCE), root) for seed in seeds]
    steady = [await played(_rounds([STEADY] * CALLS, 1), root)]
    jumped = [await played(jumping(), root)]
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


def _of(name: str, found: list[Played], middle: float, longest: float) -> list[Figure]:
    return [
        _figure(
            f"{name}: readable to reply",
            [median(each.waits) for each in found],
            "s",
            most=middle,
        ),
        _figure(
            f"{name}: longest", [max(each.waits) for each in found], "s", most=longest
        ),
    ]


def _most(found: list[Played]) -> list[float]:
    return [float(max(each.reads)) for each in found]


def _cost(found: list[Played]) -> list[Figure]:
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
