"""Many open calls in one process: the cost of a poll, and how late it starts."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from children import a_child
from table import Figure, of_rounds, ratios

SIZES = (100, 1_000, 10_000)
EVERY = 5.0
"""Seconds between polls of one call: 10,000 calls are 2,000 polls a second."""


async def held(size: int, *, bare: bool, quick: bool) -> dict[str, Any]:
    """Hold *size* calls in a child for a while; return its report."""
    warm, seconds = (6, 5) if quick else (6, 10)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/calls.db"
        how = ["--bare"] if bare else ["--fill", "--url", url]
        times = ["--every", EVERY, "--warm", warm, "--seconds", seconds]
        async with a_child("hold", "--calls", size, *times, *how) as child:
            await child.says()
            return await child.says()


async def measure(*, quick: bool, before: Path | None) -> list[Figure]:
    """Measure each size, the bare loop and our follower in turn."""
    del before
    rounds = 1 if quick else 2
    ours: dict[int, list[dict[str, Any]]] = {size: [] for size in SIZES}
    theirs: dict[int, list[dict[str, Any]]] = {size: [] for size in SIZES}
    for _ in range(rounds):
        for size in SIZES:
            theirs[size].append(await held(size, bare=True, quick=quick))
            ours[size].append(await held(size, bare=False, quick=quick))
    figures: list[Figure] = []
    for size in SIZES:
        figures += _of_size(size, ours[size], theirs[size])
    small = [each["cpu_ms"] for each in ours[SIZES[0]]]
    large = [each["cpu_ms"] for each in ours[SIZES[-1]]]
    figures.append(
        of_rounds(
            "holding",
            "CPU per poll: 10,000 calls / 100 calls",
            ratios(large, small),
            "x",
            most=1.3,
        )
    )
    return figures


def _of_size(
    size: int, ours: list[dict[str, Any]], theirs: list[dict[str, Any]]
) -> list[Figure]:
    def figure(name: str, key: str, unit: str, **aims: float) -> Figure:
        values = [float(each[key]) for each in ours]
        return of_rounds("holding", f"{size:,} calls: {name}", values, unit, **aims)

    def ratio(name: str, key: str, **aims: float) -> Figure:
        both = [[float(each[key]) for each in side] for side in (ours, theirs)]
        return of_rounds(
            "holding", f"{size:,} calls: {name}", ratios(*both), "x", **aims
        )

    largest = size == SIZES[-1]
    late = {"most": 300.0} if largest else {}
    memory = {"most": 150.0} if largest else {}
    return [
        ratio("polls a second / bare loop's", "polls", least=0.95),
        figure("polls a second", "polls", "/s"),
        figure("CPU per poll", "cpu_ms", "ms"),
        ratio("CPU per poll / bare loop's", "cpu_ms"),
        figure("share of a core", "cpu_share", "x"),
        figure("lateness p50", "late_p50_ms", "ms"),
        figure("lateness p99", "late_p99_ms", "ms", **late),
        figure("memory", "rss_mb", "MB", **memory),
        ratio("memory / bare loop's", "rss_mb"),
    ]
