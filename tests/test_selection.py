"""A run says which tests it leaves out, and how to have them."""

from __future__ import annotations

from collections import Counter

import pytest

from checkout import ROOT
from selection import KINDS, told


def test_what_is_left_out_or_skipped_is_said() -> None:
    """Nobody should think that a green run covered the tests it left out."""
    lines = told(Counter({"twin": 3}), Counter({"no axe-core: npm ci": 2}))

    assert [line.partition(" (")[::2] for line in lines] == [
        (f"left out: 3 tests {KINDS['twin']}", "uv run pytest -m twin)"),
        ("to run everything: uv run pytest --all", ""),
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
