"""A run says which tests it leaves out, and how to have them."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from coverage import CoverageData

from checkout import ROOT
from selection import KINDS, is_third, place_of, told

SLEEP = 0.1


def test_what_is_left_out_or_skipped_is_said() -> None:
    """Nobody should think that a green run covered the tests it left out."""
    lines = told(Counter({"twin": 3}), Counter({"no axe-core: npm ci": 2}))

    assert [line.partition(" (")[::2] for line in lines] == [
        (f"left out: 3 tests {KINDS['twin']}", "uv run pytest -m twin)"),
        (
            (
                "to run everything, and 100 instead of 10 examples of each property: "
                "uv run pytest --all"
            ),
            "",
        ),
        ("skipped: 2", "no axe-core: npm ci)"),
    ]
    assert told(Counter(), Counter()) == []


def test_ci_leaves_out_nothing(pytestconfig: pytest.Config) -> None:
    """A test that no command runs proves nothing; each kind is a mark with its reason."""
    script = (ROOT / ".ci" / "run").read_text()
    marks = {line.partition(":")[0] for line in pytestconfig.getini("markers")}

    assert "pytest --all" in script
    assert "pytest -m" not in script
    assert marks >= set(KINDS)


def an_item(name: str, *marks: str) -> Any:
    """Return a test in the file *name*."""
    return SimpleNamespace(
        path=Path(name), get_closest_marker={each: each for each in marks}.get
    )


def test_those_that_mostly_wait_come_first() -> None:
    """One that begins last keeps a whole run waiting while the other workers idle."""
    items = [
        an_item("b"),
        an_item("a", "unmeasured"),
        an_item("d", "real_time"),
        an_item("c", "twin", "demo"),
    ]

    found = [str(each.path) for each in sorted(items, key=place_of)]

    assert found == ["c", "d", "a", "b"]


def test_two_rows_of_a_slow_table_are_in_every_run() -> None:
    """A story that breaks should break before CI; that it does so twelve times can wait."""
    assert not is_third({})
    assert not is_third({"answer": 1, "code": 1})
    assert is_third({"answer": 0, "code": 2})
    assert not is_third({"answer": 1, "kind": 2, "database_url": 2})


WATCHED = """
def in_measured():
    return 1
def in_unmeasured():
    return 2
def in_a_later_one():
    return 3
"""
WATCHING = """
import os, pytest, sys, watched
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
IS_PAUSED = sys.gettrace() is None
def test_first():
    assert IS_PAUSED == (WORKER != "gw0")
    watched.in_measured()
@pytest.mark.unmeasured
def test_second():
    assert sys.gettrace() is None
    watched.in_unmeasured()
@pytest.mark.unmeasured
def test_third(): assert sys.gettrace() is None
def test_fourth():
    assert IS_PAUSED == (WORKER != "gw0")
    watched.in_a_later_one()
"""
RUN_CONFIG = """
[run]
parallel = true
patch = subprocess
"""


@pytest.mark.parametrize("workers", ["0", pytest.param("2", marks=pytest.mark.twin)])
def test_coverage_pauses_during_tests_that_are_unmeasured(
    tmp_path: Path, workers: str
) -> None:
    """They take three times as long under the tracer, and so do the processes they start.

    Of several workers only the first is measured while it collects.
    """
    (tmp_path / "watched.py").write_text(WATCHED)
    (tmp_path / "test_watching.py").write_text(WATCHING)
    (tmp_path / ".coveragerc").write_text(RUN_CONFIG)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = unmeasured\n")
    support = str(ROOT / "tests" / "support")
    options = ["-q", "-p", "measured", "-n", workers, "--cov=watched", "--cov-report="]
    env = {**os.environ, "PYTHONPATH": f"{support}{os.pathsep}{tmp_path}"}
    env.pop("PYTEST_XDIST_WORKER", None)  # that of the run that this test is in

    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    found = CoverageData(str(tmp_path / ".coverage"))
    found.read()
    assert set(found.lines(str(tmp_path / "watched.py")) or ()) == {2, 3, 4, 6, 7}


def test_a_test_that_lets_real_time_pass_says_so() -> None:
    """Each costs its seconds in every run; the mark makes them few, and easy to list."""
    unmarked = [
        f"{path.relative_to(ROOT)}::{test.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        if ".sleep(" in (text := path.read_text(encoding="utf-8"))
        for test in ast.parse(text).body
        if isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef)
        and test.name.startswith("test_")
        and _sleeps(test)
        and "in_virtual_time" not in ast.unparse(test)
        and "pytest.mark.real_time" not in map(ast.unparse, test.decorator_list)
    ]

    assert unmarked == []


def _sleeps(test: ast.AST) -> bool:
    """Whether it sleeps for a tenth of a second or more, other than between looks."""
    loops = (ast.For, ast.AsyncFor, ast.While)
    if isinstance(test, loops):
        return False
    if isinstance(test, ast.Call) and ast.unparse(test.func).endswith(".sleep"):
        seconds = test.args[0] if test.args else None
        known = seconds.value if isinstance(seconds, ast.Constant) else None
        return isinstance(known, int | float) and known >= SLEEP
    return any(_sleeps(each) for each in ast.iter_child_nodes(test))
