"""The rules of the layout, over the graph of imports of any copy of ``bot``.

An import counts wherever it stands: in a function, or under ``TYPE_CHECKING``.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

OUTSIDERS = {
    "bot.slack": ("bot.ringcentral", "bot.storage", "sqlalchemy", "ringcentral"),
    "bot.ringcentral": ("bot.slack", "bot.storage"),
}
"""No module below the first may reach the others, directly or indirectly."""

BOTH = {"__main__", "cli", "demo", "doctor", "app"}
"""The folders whose modules may reach Slack and RingCentral."""

SEEN_BY = {
    "bot.accounts.pages": "a sign-in's page says what Slack's form for it says",
}
"""Other modules that may reach both, each with its reason."""

WITHOUT_IO = {
    "__future__",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "html",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "typing",
    "unicodedata",
    "phonenumbers",
}
"""What `bot.calls` may import besides itself and `bot.errors`."""

IN_FUNCTIONS = {
    (
        "bot.storage.database.migrate",
        "alembic",
    ): "slow to import, and few starts migrate",
    (
        "bot.demo.stage",
        "bot",
    ): "slow to import, as the database's library is, and few visitors want a digest",
    ("bot.telemetry.spans", "opentelemetry"): "the extra `otel` may not be installed",
}
"""Imports in functions outside `bot.cli`, each with its reason."""

INDENTED = re.compile(r"^ +(?:import|from) ", re.MULTILINE)

LONGEST = 450
"""The most lines of a file; one of 300 already deserves a second look."""


WIDEST = 100
"""The most characters in a line of prose; words for people, and links, are code."""

_WIDE = re.compile(rf"^.{{{WIDEST + 1}}}", re.MULTILINE)


@dataclass(frozen=True)
class Layout:
    """A checkout of the bot below *root*; *cache* keeps the imports of unchanged files."""

    root: Path
    cache: Path | None = None

    @cached_property
    def edges(self) -> dict[str, set[str]]:
        """Map each module of the bot to its imports; other packages only by name."""
        found = _graph(self.root, self.cache)
        return {
            module: found.find_modules_directly_imported_by(module)
            for module in found.modules
            if _is_in(module, "bot")
        }

    @cached_property
    def order(self) -> list[str]:
        """The folders and files of the list in ``bot/__init__.py``, the top first."""
        tree = ast.parse((self.root / "bot/__init__.py").read_text(encoding="utf-8"))
        listed = (ast.get_docstring(tree) or "").split("from the top down")[1]
        names = re.findall(r"^    (\w[\w/]*?)/?  ", listed, re.MULTILINE)
        return [f"bot.{name.replace('/', '.')}" for name in names]

    def files(self) -> Iterator[tuple[str, str]]:
        """Return the path and the text of each source file."""
        for path in sorted((self.root / "bot").rglob("*.py")):
            yield str(path.relative_to(self.root)), path.read_text(encoding="utf-8")

    def place(self, module: str) -> str:
        """Return the listed folder of a module, the innermost one; empty if none is."""
        return max((e for e in self.order if _is_in(module, e)), key=len, default="")

    def floor(self, module: str) -> int | None:
        """Return the row of the list where a module stands, 0 at the top.

        A package that is not listed itself stands where its lowest listed folder does:
        Python loads it before any of them. None for other programs' modules.
        """
        place = self.place(module)
        if place:
            return self.order.index(place)
        below = [row for row, each in enumerate(self.order) if _is_in(each, module)]
        return max(below, default=None)

    def loads(self, module: str) -> set[str]:
        """Return what Python loads for a module: its imports, and its package first."""
        package = module.rpartition(".")[0]
        return self.edges.get(module, set()) | {package} - {""}

    def road(self, start: str, to: Callable[[str], bool]) -> list[str]:
        """Return the shortest chain of imports to a module that *to* accepts, or []."""
        before = {start: ""}
        queue = deque([start])
        while queue:
            here = queue.popleft()
            for other in sorted(self.loads(here)):
                if other not in before:
                    before[other] = here
                    queue.append(other)
                    if to(other):
                        return _back(before, other)
        return []

    def roads(self, start: str, to: Callable[[str], bool]) -> list[str]:
        """Return the chains from each module below *start*, as text."""
        below = (each for each in sorted(self.edges) if _is_in(each, start))
        found = (self.road(each, to) for each in below)
        return [" > ".join(chain) for chain in found if chain]


def _graph(root: Path, cache: Path | None) -> grimp.ImportGraph:
    """Read the imports of ``root/bot``, whichever ``bot`` is loaded in this process."""
    loaded = sys.modules.pop("bot")
    sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    try:
        return grimp.build_graph(
            "bot",
            include_external_packages=True,
            cache_dir=str(cache) if cache else None,
        )
    finally:
        sys.path.remove(str(root))
        sys.modules["bot"] = loaded


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _back(before: dict[str, str], end: str) -> list[str]:
    chain = [end]
    while before[chain[-1]]:
        chain.append(before[chain[-1]])
    return chain[::-1]


def outsiders(layout: Layout) -> list[str]:
    """Return the import chains from Slack or RingCentral to forbidden modules."""
    return [
        road
        for start, ends in OUTSIDERS.items()
        for end in ends
        for road in layout.roads(start, lambda module, end=end: _is_in(module, end))  # type: ignore[misc]
    ]


def both(layout: Layout) -> list[str]:
    """Return modules outside the assembly that reach both Slack and RingCentral."""

    def reaches(module: str, end: str) -> bool:
        return _is_in(module, end) or bool(
            layout.road(module, lambda each: _is_in(each, end))
        )

    return [
        module
        for module in sorted(layout.edges)
        if module.removeprefix("bot.").partition(".")[0] not in BOTH
        if module not in SEEN_BY
        if reaches(module, "bot.slack") and reaches(module, "bot.ringcentral")
    ]


def calls_do_no_io(layout: Layout) -> list[str]:
    """Return the import chains from the pure values to anything that does I/O."""

    def is_strange(module: str) -> bool:
        own = _is_in(module, "bot.calls") or module in {"bot", "bot.errors"}
        return not own and module.partition(".")[0] not in WITHOUT_IO

    return layout.roads("bot.calls", is_strange)


def sandbox_is_apart(layout: Layout) -> list[str]:
    """Return the import chains from the doubles to the bot that they test."""
    return layout.roads(
        "bot.sandbox",
        lambda module: (
            _is_in(module, "bot")
            and not _is_in(module, "bot.sandbox")
            and module != "bot"
        ),
    )


def circles(layout: Layout) -> list[str]:
    """Return an import cycle, if there is one."""
    try:
        TopologicalSorter({each: layout.loads(each) for each in layout.edges}).prepare()
    except CycleError as error:
        return [" > ".join(reversed(error.args[1]))]
    return []


def upward(layout: Layout) -> list[str]:
    """Return imports from a folder that stands higher in the list."""
    floors = {module: layout.floor(module) for module in layout.edges}
    return [
        f"{module} > {other}"
        for module, others in sorted(layout.edges.items())
        for other in sorted(others & floors.keys())
        if (here := floors[module]) is not None
        if (there := floors[other]) is not None and here > there
    ]


def unlisted(layout: Layout) -> list[str]:
    """Return modules that the list does not place, and entries without a module."""
    used = {layout.place(module) for module in layout.edges}
    read = {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path, _ in layout.files()
    }
    parents = {each.rpartition(".")[0] for each in layout.order}
    strangers = {m for m in layout.edges if not layout.place(m)} - parents
    return sorted(strangers | set(layout.order) - used | read - set(layout.edges))


def in_functions(layout: Layout) -> list[str]:
    """Return imports in functions that are not listed, and listed ones not found."""
    found = {
        (path.removesuffix(".py").replace("/", "."), name.partition(".")[0])
        for path, text in layout.files()
        if not path.startswith("bot/cli/") and INDENTED.search(text)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        for name in _names(inner)
    }
    return [f"{module}: {name}" for module, name in sorted(found ^ IN_FUNCTIONS.keys())]


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or "."]
    return [each.name for each in node.names] if isinstance(node, ast.Import) else []


def too_long(layout: Layout) -> list[str]:
    """Return files that are longer than `LONGEST`."""
    return [
        f"{path}: {len(text.splitlines())} lines"
        for path, text in layout.files()
        if len(text.splitlines()) > LONGEST
    ]


def too_wide(layout: Layout) -> list[str]:
    """Return prose that has to be scrolled: the formatter wraps code alone."""
    return [
        f"{path}:{line}"
        for path, text in layout.files()
        if _WIDE.search(text)
        for line, each in _prose(text)
        if len(each) > WIDEST
    ]


def _prose(text: str) -> Iterator[tuple[int, str]]:
    """Return the lines of docstrings and comments, and their numbers."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                yield number, lines[number - 1]
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("#"):
            yield number, line


WORDLESS = (
    "slack/entrances",
    "slack/posting",
    "switchboard",
    "follow",
    "after",
    "steps",
)
"""Folders that hand on what people read, and word none of it."""

_TITLED = re.compile(r"forms\.(?:note|titled)\(\s*\"([^\"]*)")
_TITLE = re.compile(r"[A-Z][a-z']+ \w")
_NOT_FOR_PEOPLE = ("log.", "raise", "spans.", "Error", "Unknown", "Busy", "Refused")


def words_for_people(layout: Layout) -> list[str]:
    """Return texts that look like a title or a sentence outside ``slack/texts``."""
    return [
        f"{path}: {found}"
        for path, text in layout.files()
        if path.removeprefix("bot/").startswith(WORDLESS)
        if re.search(r'"[A-Z][a-z\']+ \w', text)
        for found in _said(ast.parse(text))
    ] + [
        f"{path}: {found}"
        for path, text in layout.files()
        for found in _TITLED.findall(text)
        if not path.startswith("bot/slack/texts/")
    ]


def _said(tree: ast.Module) -> Iterator[str]:
    """Return the texts that are neither docstrings nor for logs and errors."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        is_prose = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_ours = isinstance(node, ast.Raise) or (
            isinstance(node, ast.Call)
            and any(each in ast.unparse(node.func) for each in _NOT_FOR_PEOPLE)
        )
        if is_prose or is_ours:
            skipped.update(ast.walk(node))
        text = node.value if isinstance(node, ast.Constant) else None
        if node not in skipped and isinstance(text, str) and _TITLE.match(text):
            yield text


_BY_HAND = re.compile(r"#\s*(fmt|yapf):")
_BY_NAME = re.compile(
    r"\b(__import__|__loader__|__builtins__|builtins|import_module|resolve_name)\b"
    r"|\b(find_spec|get_loader|runpy|pkgutil|zipimport|sys\.modules)\b"
    r"|^ *(import|from) importlib\b(?!\.(metadata|resources) | import (metadata|resources)$)"
    r"|(?<![\w.])(exec|eval|compile)\(",
    re.MULTILINE,
)


def formatted_by_hand(layout: Layout) -> list[str]:
    """Return files that switch off the formatter."""
    return [path for path, text in layout.files() if _BY_HAND.search(text)]


def by_name(layout: Layout) -> list[str]:
    """Return files that import by a text, which the graph does not see."""
    return [path for path, text in layout.files() if _BY_NAME.search(text)]


RULES = {
    rule.__name__: rule
    for rule in (
        outsiders,
        both,
        calls_do_no_io,
        sandbox_is_apart,
        circles,
        upward,
        unlisted,
        in_functions,
        too_long,
        too_wide,
        words_for_people,
        formatted_by_hand,
        by_name,
    )
}
"""The rules; each returns its violations."""
