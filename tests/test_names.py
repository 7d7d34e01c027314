"""Each name means one thing, so a search for it finds the right one."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from checkout import ROOT

pytestmark = pytest.mark.unmeasured

BOT = ROOT / "bot"

PORTS = {"bot/follow/ports.py", "bot/slack/entrances/ports.py"}
"""A Protocol has the name of what stands behind it."""

DOUBLES = BOT / "sandbox"
"""They import nothing of the bot: RingCentral has calls, phones and endings too."""


def names(path: Path) -> Iterator[str]:
    """Return the classes and the constants of a module, all without underscores."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            yield node.name.lstrip("_")
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.Assign) and _is_type_variable(node.value):
            continue
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Name) and part.id.lstrip("_")[:1].isupper():
                    yield part.id.lstrip("_")


def _is_type_variable(value: ast.expr) -> bool:
    """Whether *value* makes one: its name is of the functions beside it."""
    return isinstance(value, ast.Call) and ast.unparse(value.func) == "TypeVar"


def twice(paths: Iterable[Path]) -> dict[str, set[str]]:
    """Return the names that more than one of these modules defines, and where."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        where = str(path.relative_to(ROOT))
        if where not in PORTS:
            for name in names(path):
                found[name].add(where)
    return {name: where for name, where in found.items() if len(where) > 1}


def test_no_class_and_no_constant_means_two_things() -> None:
    """A reader who finds one of two namesakes may take it for the other."""
    paths = (path for path in BOT.rglob("*.py") if DOUBLES not in path.parents)

    assert twice(paths) == {}


@pytest.mark.parametrize("double", ["slack", "ringcentral", "web", ""])
def test_none_means_two_things_within_a_double(double: str) -> None:
    """Slack's double and RingCentral's are two programs: both have limits and faults."""
    folder = DOUBLES / double

    assert twice(folder.rglob("*.py") if double else folder.glob("*.py")) == {}


BRITISH = re.compile(r"cancelled|dialled|dialling|travelled|licence", re.IGNORECASE)

OTHERS = {"cancelled_at", "cancelled"}
"""A column, and the field that is read from it, are never renamed; `asyncio` has the other."""

QUOTED = re.compile(r"(`+)[^`]*\1|expr: .*")
"""Names, those of other programs among them, and labels of metrics."""

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Return the modules with a British word, but for migrations, which never change."""
    for path in BOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "versions" not in path.parts and BRITISH.search(text):
            yield text, ast.parse(text)


def prose() -> Iterator[str]:
    """Return the docstrings and comments of these modules, and the pages."""
    for text, tree in modules():
        yield from re.findall("#.*", text)
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                yield str(node.value.value)
    yield from (page.read_text(encoding="utf-8") for page in PAGES)


def test_names_are_spelled_the_american_way() -> None:
    """Python, RingCentral and the database say "cancelled"; the bot's own word is one."""
    british = {
        name
        for _, tree in modules()
        for node in ast.walk(tree)
        for kind in ("id", "name", "arg", "attr")
        if isinstance(name := getattr(node, kind, None), str) and BRITISH.search(name)
    }

    assert british == OTHERS
    assert not [path for path in BOT.rglob("*.*") if _is_british(path)]


def _is_british(path: Path) -> bool:
    """Whether a file's name is; an older version's bytecode may still lie there."""
    return path.suffix != ".pyc" and bool(BRITISH.search(path.name))


def test_prose_is_spelled_the_american_way() -> None:
    """Whoever searches for a word must not have to guess how it is spelled."""
    texts = [QUOTED.sub("", each) for each in prose()]

    assert [each for each in texts if BRITISH.search(each)] == []
    assert len(texts) > len(PAGES)
