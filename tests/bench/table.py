"""Figures, medians and percentiles, and the table that is printed. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One result.

    Attributes:
        bench: Which bench it is of.
        name: What was measured.
        value: The median of its rounds, unless the name says otherwise.
        unit: ``x`` for a ratio of two sides of the same run.
        most: The aim, if it is an upper bound.
        least: The aim, if it is a lower bound.
        rounds: What each round gave.
    """

    bench: str
    name: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None
    rounds: tuple[float, ...] = ()

    @property
    def aim(self) -> str:
        """The aim in words; empty if there is none."""
        if self.most is not None:
            return f"<= {self.most:g}"
        return "" if self.least is None else f">= {self.least:g}"

    @property
    def is_met(self) -> bool | None:
        """Whether the aim is met; None if there is none."""
        if self.most is not None:
            return self.value <= self.most
        return None if self.least is None else self.value >= self.least


def percentile(values: Iterable[float], percent: float) -> float:
    """Return the value below which *percent* of *values* lie, interpolated.

    Raises:
        ValueError: There are no values.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    place = (len(ordered) - 1) * percent / 100
    low, high = math.floor(place), math.ceil(place)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def median(values: Iterable[float]) -> float:
    """Return the middle value."""
    return percentile(values, 50)


def of_rounds(
    bench: str, name: str, values: Sequence[float], unit: str, **aims: float
) -> Figure:
    """Return the figure of several rounds: their median."""
    return Figure(bench, name, median(values), unit, rounds=tuple(values), **aims)


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return one ratio per round, because both sides of a round saw the same load."""
    return [each / other for each, other in zip(ours, theirs, strict=True)]


def written(value: float) -> str:
    """Return a number with three significant digits."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def rendered(figures: Sequence[Figure]) -> str:
    """Return *figures* as a Markdown table."""
    head = ("bench", "what", "value", "unit", "rounds", "aim", "met")
    rows = [head, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def as_json(figures: Sequence[Figure], about: dict[str, Any]) -> str:
    """Return *figures* as JSON, with *about*, the description of the run."""
    listed = [
        {**asdict(figure), "aim": figure.aim, "met": figure.is_met}
        for figure in figures
    ]
    return json.dumps({"about": about, "figures": listed}, indent=1)


def _row(figure: Figure) -> tuple[str, ...]:
    met = {None: "", True: "yes", False: "NO"}[figure.is_met]
    low_high = ""
    if len(figure.rounds) > 1:
        low_high = f"{written(min(figure.rounds))} - {written(max(figure.rounds))}"
    return (
        figure.bench,
        figure.name,
        written(figure.value),
        figure.unit,
        low_high,
        figure.aim,
        met,
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return "| " + " | ".join(cells) + " |"
