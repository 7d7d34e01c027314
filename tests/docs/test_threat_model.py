"""Each threat in docs/threat-model.md names tests, and each of them exists."""

from __future__ import annotations

import ast
import re

import pytest

from bot.ringcentral.transport import network
from bot.ringcentral.transport.bounds import USUAL_BOUNDS
from bot.serving import connections
from bot.slack.posting import web
from checkout import ROOT

PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
_PARTS = re.split(r"^###? ", PAGE, flags=re.MULTILINE)
THREATS = dict(part.split("\n", 1) for part in _PARTS if "**Stopped by" in part)
TEST = re.compile(r"`(tests/[\w/]*test_\w+\.py)::(test_\w+)`")
NAMED = sorted({path for path, _ in TEST.findall(PAGE)})


def _tests(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {each.name for each in tree.body if isinstance(each, kinds)}


FIGURES = {
    "30 s from connecting to its last unpacked byte (Slack's 10 s)": (
        (USUAL_BOUNDS.seconds, web.SLACK_TIMEOUT),
        (30, 10),
    ),
    "8 MB (4 MB), and have 400,000 values (200,000)": (
        (USUAL_BOUNDS.size, web.MOST_BYTES, USUAL_BOUNDS.weight, web.MOST_WEIGHT),
        (8_000_000, 4_000_000, 400_000, 200_000),
    ),
    "up to 64 such answers at once, and for 16 more to": (
        (network.MOST_SLOW_OF_ALL, network.SLOW_PLACING),
        (64, 16),
    ),
    "While eight answers of one account are that slow": (network.SLOW_OF_ONE, 8),
    "without an answer may hold 32 MB": (connections.MOST_HELD, 32_000_000),
}
"""What the page says in figures that no other test holds, beside what the bot has."""


@pytest.mark.parametrize("said", FIGURES)
def test_a_figure_of_the_page_is_the_bots(said: str) -> None:
    """An operator plans with it."""
    found, meant = FIGURES[said]

    assert said in " ".join(PAGE.split())
    assert found == meant


@pytest.mark.parametrize("path", NAMED)
def test_a_test_that_is_named_is_there(path: str) -> None:
    """If a test was renamed, the threat has no proof any more."""
    named = {name for where, name in TEST.findall(PAGE) if where == path}

    assert named - _tests(path) == set()


@pytest.mark.parametrize("threat", THREATS)
def test_a_threat_says_what_stops_it_what_does_not_and_how_we_know(threat: str) -> None:
    """Operators must know what is not prevented."""
    text = THREATS[threat]
    parts = re.split(r"^- \*\*(.+?):\*\*", text, flags=re.MULTILINE)

    assert parts[1::2] == ["Stopped by", "Not stopped", "Shown by"]
    assert all(each.strip() for each in parts[2::2])
    assert TEST.search(parts[-1])


def test_every_reference_to_a_test_is_of_the_form_that_is_checked() -> None:
    """Otherwise a misspelled reference would not be checked."""
    assert PAGE.count("tests/") == len(TEST.findall(PAGE))
    assert len(THREATS) == PAGE.count("\n### ")
