"""RESULTS.md: one page with the aims and the figures of one run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from table import Figure, written

UNITS = {"": "", "x": "", "%": " %"}


def page(figures: Sequence[Figure], about: dict[str, Any]) -> str:
    """Return the page: what was aimed at first, then every figure by its bench."""
    aimed = [each for each in figures if each.aim]
    parts = [_head(about), "## Aims", _aims(aimed)]
    for bench, its in groupby(figures, key=lambda each: each.bench):
        parts += [f"## {bench}", _figures(list(its))]
    return "\n\n".join(parts) + "\n"


def _head(about: dict[str, Any]) -> str:
    packages = ", ".join(f"{name} {at}" for name, at in about["packages"].items())
    before = about["before"]
    against = f"\n*Ours before* is commit `{before}`." if before else ""
    short = "A short try, one round each. " if about["quick"] else ""
    return (
        f"# Results of {about['date'][:10]}\n\n"
        f"One run of `{about['command'].strip()}`\n"
        f"on {about['processors']} processors, {about['system']}, "
        f"Python {about['python']};\n{packages}.\n{short}Medians, and the range of the "
        f"rounds; [README](README.md) says how to read them.{against}"
    )


def _aims(figures: Iterable[Figure]) -> str:
    rows = [
        (
            f"{each.bench}: {each.name}",
            f"{each.aim}{_unit(each)}",
            f"{written(each.value)}{_unit(each)}{_range(each)}",
            "yes" if each.is_met else "**no**",
        )
        for each in figures
    ]
    return _table([("aim", "", "measured", "met"), *rows])


def _figures(figures: Sequence[Figure]) -> str:
    """Return a row for each thing that was measured, a column for each figure of it."""
    split = [(each.name.rpartition(": "), each) for each in figures]
    columns = list(dict.fromkeys(name[2] for name, _ in split))
    values = {
        (name[0], name[2]): f"{written(each.value)}{_unit(each)}"
        for name, each in split
    }
    names = dict.fromkeys(name[0] for name, _ in split)
    rows = [
        (name or "all", *(values.get((name, column), "") for column in columns))
        for name in names
    ]
    return _table([("", *columns), *rows])


def _unit(figure: Figure) -> str:
    return UNITS.get(figure.unit, f" {figure.unit}")


def _range(figure: Figure) -> str:
    if len(figure.rounds) < 2:
        return ""
    return f" ({written(min(figure.rounds))} to {written(max(figure.rounds))})"


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *others = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|" + " --- |" * len(rows[0]), *others])
