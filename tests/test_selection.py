"""A run says which tests it leaves out, and how to have them."""

from __future__ import annotations

import ast
import os
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

import measured
from checkout import ROOT
from measured import CHILDREN
from selection import KINDS, told

SLEEP = 0.1


def test_what_is_left_out_or_skipped_is_said() -> None:
    """Nobody should think that a green run covered the tests it left out."""
    lines = told(Counter({"twin": 3}), Counter({"no axe-core: npm ci": 2}))

    assert [line.partition(" (")[::2] for line in lines] == [
        (f"left out: 3 tests {KINDS['twin']}", "uv run pytest -m twin)"),
        (
            (
                "to run everything, and 100 instead of 20 examples of each property: "
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


class Tracer:
    """Stands for pytest-cov's controller, which is running at first."""

    def __init__(self) -> None:
        self.started = True

    def pause(self) -> None:
        """Stop."""
        assert self.started
        self.started = False

    def resume(self) -> None:
        """Go on; coverage sets the variable whenever it starts."""
        assert not self.started
        self.started = True
        os.environ[CHILDREN] = "its configuration"


def test_coverage_pauses_during_tests_that_are_unmeasured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They take twice as long under the tracer, and so do the processes they start."""
    tracer, seen = Tracer(), []
    marks: list[str | None] = [None, "unmeasured", "unmeasured", None, "browser"]
    monkeypatch.setenv(CHILDREN, "its configuration")
    for mark in marks:
        measured.pytest_runtest_protocol(
            _item(mark, SimpleNamespace(cov_controller=tracer))
        )
        seen.append((tracer.started, CHILDREN in os.environ))

    on, off = (True, True), (False, False)
    assert seen == [on, off, off, on, on]
    measured.pytest_runtest_protocol(_item(None, None))  # without --cov


def _item(mark: str | None, plugin: object) -> Any:
    return SimpleNamespace(
        get_closest_marker=lambda name: mark if mark == name else None,
        config=SimpleNamespace(
            pluginmanager=SimpleNamespace(getplugin=lambda _name: plugin)
        ),
    )


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
