"""Each name means one thing, so a search for it finds the right one."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from checkout import ROOT

BOT = ROOT / "bot"

PORTS = {"bot/follow/ports.py", "bot/slack/entrances/ports.py"}
"""A Protocol has the name of what stands behind it."""

OTHER_PROGRAM = "bot/sandbox/"
"""The doubles know nothing of the bot: RingCentral has calls, phones and endings too."""

TYPE_VARIABLES = {"T"}
"""They mean whatever their function says."""


def names(path: Path) -> Iterator[str]:
    """Return the classes and the constants of a module."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Name) and part.id.lstrip("_")[:1].isupper():
                    yield part.id


def meanings() -> dict[str, set[str]]:
    """Return the modules in which each name means something of its own."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in BOT.rglob("*.py"):
        where = str(path.relative_to(ROOT))
        if where not in PORTS and not where.startswith(OTHER_PROGRAM):
            for name in names(path):
                found[name].add(where)
    return found


def test_no_class_and_no_constant_means_two_things() -> None:
    """A reader who finds one of two namesakes may take it for the other."""
    twice = {name: where for name, where in meanings().items() if len(where) > 1}

    assert twice.keys() <= TYPE_VARIABLES, twice
