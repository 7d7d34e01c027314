"""A run says which tests it leaves out, and how to have them."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from checkout import ROOT
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

    assert "pytest -m unmeasured" in script
    assert 'pytest -m "not unmeasured"' in script
    assert marks >= set(KINDS)


def test_a_test_that_lets_real_time_pass_says_so() -> None:
    """Each costs its seconds in every run; the mark makes them few, and easy to list."""
    unmarked = [
        f"{path.relative_to(ROOT)}::{test.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for test in ast.parse(path.read_text(encoding="utf-8")).body
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
