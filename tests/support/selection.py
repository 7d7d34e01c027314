"""Which tests a run leaves out, and the last lines of its report, which say so.

Without ``--all`` and without a ``-m`` of its own, a run leaves out every test that is
marked with one of `KINDS`, and tries fewer examples of each property. `.ci/run` runs
everything.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from checkout import ROOT, SHARED

KINDS = {
    "browser": "in a browser",
    "demo": "of the whole demo",
    "twin": "on a second database, by a second transport, in a second place",
    "row": "that are the third row of a story's table, or a later one",
}
PLACES = {"town", "closed_town", "scene", "desk", "office", "double", "store", "porch"}
"""Fixtures that start servers or databases: each row of a test with one takes its time."""
DATABASES = {"kind", "database_url", "calls_url"}
"""Parameters that name a database, not a row of the test's table."""
SQL = frozenset({ROOT / "tests" / "storage"})
SEEN_ELSEWHERE = frozenset(ROOT / "tests" / each for each in ("app", "deploy", "docs"))
"""Stories of the whole bot, whose parts have tests; and what only reads files."""

TRANSPORTS = (
    pytest.param(False, id="socket"),
    pytest.param(True, id="http", marks=pytest.mark.twin),
)
"""A story's transports; by signed HTTP it is a twin."""
VENDORS = "RINGOUT_TEST_DATA=<folder with the vendors' schemas>"
WAITING = ("real_time", "demo")
"""The marks of tests in which real time passes."""

LEFT_OUT = pytest.StashKey[Counter[str]]()
FEW, USUAL, MANY = 10, 100, 20_000
"""How many examples Hypothesis tries of each property."""

CHROMIUM = Path(os.environ.get("RINGOUT_TEST_CHROMIUM", "/usr/bin/chromium"))
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"


def may_skip(needed: Path, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether to skip tests because *needed* is missing; never in CI."""
    return not needed.exists() and environment.get("CI") != "true"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--all``."""
    parser.addoption(
        "--all",
        action="store_true",
        help=f"run all tests, those marked {', '.join(KINDS)} as well",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start counting, and choose how many examples of each property are tried.

    None has a deadline: what is slow on a busy machine is no failure, neither in the
    test nor in Hypothesis, whose first example reads tables from a file.
    """
    config.stash[LEFT_OUT] = Counter()
    most = USUAL if _is_chosen(config) else FEW
    most = MANY if os.environ.get("RINGOUT_FUZZ") else most
    slow = [HealthCheck.too_slow]
    settings.register_profile(
        "ours", max_examples=most, deadline=None, suppress_health_check=slow
    )
    settings.load_profile("ours")


def _is_chosen(config: pytest.Config) -> bool:
    """Whether the command line says which tests run, instead of `KINDS`."""
    return bool(config.option.all or config.option.markexpr)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Mark tests by the fixtures that they use; then deselect by their marks.

    They are sorted, because not every process collects the folders in the same order.
    """
    items.sort(key=place_of)
    for item in items:
        _mark(item)
    if _is_chosen(config):
        return
    left = {item: kind for item in items if (kind := _kind(item))}
    items[:] = [item for item in items if item not in left]
    config.stash[LEFT_OUT] = Counter(left.values())
    config.hook.pytest_deselected(items=list(left))


def place_of(item: pytest.Item) -> tuple[bool, Path]:
    """Return the place of a test in a run: first those that mostly wait.

    pytest-xdist gives each worker a share in this order. So the first worker begins with
    them while the others use the processor, and no worker ends with a long one alone.
    """
    waits = any(item.get_closest_marker(each) for each in WAITING)
    return not waits, item.path


def _mark(item: pytest.Item) -> None:
    """Mark tests that coverage gains nothing from; skip browser tests without one.

    The code of bot processes runs outside this one. What is told on both databases is
    measured on SQLite. A property goes where stories have been, a hundred times, and
    takes twice as long if it is measured; so does a twin or a third row, and a story of the
    whole bot. CI alone runs the third row of a table where it starts servers or a
    database, or where the test says that each of its rows is slow.
    """
    asked = getattr(item, "fixturenames", ())
    told = getattr(item, "callspec", None)
    params, rows = getattr(told, "params", {}), getattr(told, "indices", {})
    in_browser = item.get_closest_marker("browser")
    is_property = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    is_slow = item.get_closest_marker("long_table") or not PLACES.isdisjoint(asked)
    is_second = "postgresql" in params.values()
    if is_slow and is_third(rows):
        item.add_marker("row")
    if is_second and not _is_about_sql(item):
        item.add_marker("twin")
    outside = in_browser or not {"scene", "machines"}.isdisjoint(asked)
    is_again = item.get_closest_marker("row") or item.get_closest_marker("twin")
    is_seen = is_again or _is_below(item.path, SEEN_ELSEWHERE)
    if outside or is_property or is_second or is_seen:
        item.add_marker("unmeasured")
    if in_browser and may_skip(CHROMIUM):
        why = f"no Chromium at {CHROMIUM}: apt-get install chromium"
        item.add_marker(pytest.mark.skip(reason=why))


def is_third(rows: Mapping[str, int]) -> bool:
    """Whether *rows* is the third row of a table, or a later one.

    It has the index of each parameter's value. A database is not a row: see `twin`.
    """
    return max((rows[each] for each in rows.keys() - DATABASES), default=0) > 1


def _is_about_sql(item: pytest.Item) -> bool:
    """Whether a test is about SQL, so that every run has it on both databases."""
    return _is_below(item.path, SQL) or bool(item.get_closest_marker("sql"))


@cache
def _is_below(path: Path, folders: frozenset[Path]) -> bool:
    """Whether *path* is in one of *folders*."""
    return not folders.isdisjoint(path.parents)


def _kind(item: pytest.Item) -> str | None:
    return next((each for each in KINDS if item.get_closest_marker(each)), None)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send the counts from a process of pytest-xdist to the one that reports."""
    counts = session.config.stash[LEFT_OUT]
    output: dict[str, Any] = getattr(session.config, "workeroutput", {})
    output["left_out"] = dict(counts)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over the counts of a finished worker; every worker has the same."""
    counts = getattr(node, "workeroutput", {}).get("left_out", {})
    node.config.stash[LEFT_OUT] = Counter[str](counts)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print which tests were left out or skipped, and how to run them."""
    for line in told(config.stash[LEFT_OUT], _skipped(terminalreporter.stats)):
        terminalreporter.write_line(line)
    if not SHARED.exists():
        terminalreporter.write_line(f"no request was checked by a schema: {VENDORS}")


def _skipped(stats: dict[str, list[Any]]) -> Counter[str]:
    """Count the skipped tests by their reasons."""
    found = (report.longrepr for report in stats.get("skipped", ()))
    return Counter(
        each[2].removeprefix("Skipped: ") for each in found if isinstance(each, tuple)
    )


def told(left_out: Counter[str], skipped: Counter[str]) -> list[str]:
    """Return the last lines of a report."""
    lines = [
        f"left out: {left_out[kind]} tests {where} (uv run pytest -m {kind})"
        for kind, where in KINDS.items()
        if left_out[kind]
    ]
    if lines:
        more = f"{USUAL} instead of {FEW} examples of each property"
        lines.append(f"to run everything, and {more}: uv run pytest --all")
    return lines + [
        f"skipped: {count} ({reason})" for reason, count in skipped.most_common()
    ]
