"""Each name means one thing, so a search for it finds the right one."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from checkout import ROOT

pytestmark = pytest.mark.unmeasured

BOT = ROOT / "bot"

PORTS = {"bot/follow/ports.py", "bot/slack/entrances/ports.py"}
"""A Protocol has the name of what stands behind it."""

DOUBLES = BOT / "sandbox"
"""They import nothing of the bot: RingCentral has calls, phones and endings too."""


@cache
def names(path: Path) -> frozenset[str]:
    """Return the classes and the constants of a module, all without underscores."""
    return frozenset(_names(path))


def _names(path: Path) -> Iterator[str]:
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


THEIR_WORDS = """
    CALL_CONTROL Connection Deliveries E164 ENDINGS Ending Events Functions
    LONGEST_BUTTON_VALUE LONGEST_OPTION_VALUE MOST_OPTIONS MOST_SYNCED Message
    NOT_INSTALLED People Person Phone READ_CONTACTS READ_MESSAGES READ_PRESENCE REASONS ROLES
    ResponseUrls SERVICE Session Side Subscription Subscriptions USER UserGroup UserGroups
    Views Webhooks
"""
"""Slack's or RingCentral's words and limits: the bot reads what a double imitates."""

BOUNDS = "MOST_BYTES MOST_GROUPS MOST_HELD MOST_PEOPLE MOST_SUGGESTED MOST_TEAMS"
"""Bounds of what their own module counts."""

COMMON_WORDS = """
    CONVERSATION Edit FORM HOST Kind Moment NAME NAMED NOBODY Reader Seen Space Typed
"""
"""Words too common to be kept for one side; no file imports both."""


def test_a_double_shares_a_name_with_the_bot_only_where_that_is_decided() -> None:
    """The demo and tests see both: a new namesake is renamed, or listed for a reason."""
    doubles = {name for path in DOUBLES.rglob("*.py") for name in names(path)}
    bots = {
        name
        for path in BOT.rglob("*.py")
        if DOUBLES not in path.parents and str(path.relative_to(ROOT)) not in PORTS
        for name in names(path)
    }

    decided = set(f"{THEIR_WORDS} {BOUNDS} {COMMON_WORDS}".split())
    assert doubles & bots == decided


RIDDLES = {
    *(
        "Aside",
        "Farewell",
        "Goodbye",
        "Heard",
        "Ill",
        "Line",
        "Parted",
        "Plain",
        "Secure",
    ),
    *(
        "Shelf",
        "SHELVES",
        "AGAIN",
        "EVERY",
        "FORGET",
        "LONGEST",
        "MOST",
        "SLACK",
        "TRIES",
    ),
}
"""Names that had to be deciphered, and were replaced by the trade's words."""

IN_ONE_WORD = {
    "CONFLICT": "HTTP's word for 409",
    "FAILED": "an exit code, which is read as `codes.FAILED`",
    "FORBIDDEN": "HTTP's word for 403",
    "REFUSED": "an exit code, which is read as `codes.REFUSED`",
    "ZERO": "no time at all, of any unit",
}
"""Numbers and times whose names have one word, each with its reason."""


def numbers(path: Path) -> Iterator[str]:
    """Return the public constants of a module that are numbers or times."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=True))
            yield from (
                name.id
                for name, value in pairs
                if isinstance(name, ast.Name) and name.id.isupper()
                if _is_amount(value) and not name.id.startswith("_")
            )


def _is_amount(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return ast.unparse(value.func) == "timedelta"
    return isinstance(value, ast.Constant) and type(value.value) in {int, float}


def test_no_name_is_a_riddle() -> None:
    """`FORGET = 60.0`: whoever reads it where it is used can't tell what it is."""
    paths = [path for path in BOT.rglob("*.py") if DOUBLES not in path.parents]
    short = {name for path in paths for name in numbers(path) if "_" not in name}

    assert {name for path in paths for name in names(path)} & RIDDLES == set()
    assert short == IN_ONE_WORD.keys()


BRITISH = re.compile(
    r"""
    cancell(?:ed|ing|er) | (?:dia|labe|mode|signa|tota|tunne|trave|leve)ll(?:ed|ing|er)\b
    | licence | \b(?:after|up|down|back|to)wards\b
    | (?:col|neighb|behavi|fav|hon|lab|hum|rum|flav|harb|endeav)our
    | \b(?:mis)?spelt\b | \b(?:learnt|burnt|whilst|amongst|grey|cheque|programme)s?\b
    | \b(?:judgement|fulfil|skilful|defence|offence|enquiry|analyse)[sd]?\b
    | \b(?:cent|met|lit|fib)res?\b
    | (?:organ|recogn|real|initial|serial|normal|optim|minim|maxim|synchron|author|categor
      |custom|summar|emphas|apolog|final|special|general|capital|local|standard)
      is(?:e|ed|es|er|ing|ation)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)

OTHERS = {"cancelled_at", "cancelled", "CancelledError"}
"""A column, and the field that is read from it, are never renamed; the others are asyncio's."""

QUOTED = re.compile(r"""(`+)[^`]*\1|expr: .*|developer guide, "[^"]*"|cancelled_at""")
"""Names, those of other programs among them, and labels of metrics."""

PAGES = [
    *ROOT.glob("*.md"),
    *(
        page
        for folder in ("docs", "deploy", "tests", "web/src", ".ci")
        for page in (ROOT / folder).rglob("*")
        if page.suffix in {"", ".md", ".ts", ".tsx", ".css"} and page.is_file()
    ),
    ROOT / "web/README.md",
]


WORD = re.compile("[a-z]+")


@cache
def is_british(word: str) -> bool:
    """Return whether a word in small letters is spelled as in Britain."""
    return bool(BRITISH.search(word))


def british(text: str) -> bool:
    """Return whether *text* has such a word."""
    return any(map(is_british, WORD.findall(text.lower())))


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Return the modules with a British word, but for migrations, which never change."""
    for path in (*BOT.rglob("*.py"), *(ROOT / "tests").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "versions" not in path.parts and british(text):
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
    """Python, RingCentral and the database say `cancelled`; the bot's own word is one."""
    found = {
        name
        for _, tree in modules()
        for node in ast.walk(tree)
        for kind in ("id", "name", "arg", "attr")
        if isinstance(name := getattr(node, kind, None), str) and british(name)
    }

    assert found == OTHERS
    assert not [path for path in BOT.rglob("*.*") if _is_british(path)]


def _is_british(path: Path) -> bool:
    """Whether a file's name is; an older version's bytecode may still lie there."""
    return path.suffix != ".pyc" and british(path.name)


def test_prose_is_spelled_the_american_way() -> None:
    """Whoever searches for a word must not have to guess how it is spelled."""
    texts = [QUOTED.sub("", each) for each in prose()]

    assert [each for each in texts if british(each)] == []
    assert len(texts) > len(PAGES) > len(list((ROOT / "docs").rglob("*.md"))) > 1


@pytest.mark.parametrize(
    "word",
    ["Cancelling", "dialler", "afterwards", "neighbours", "misspelt", "recognised"],
)
def test_a_british_word_is_found(word: str) -> None:
    """Half a list would let the other half in."""
    assert british(f"It is {word}.")
