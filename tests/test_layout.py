"""Enforces the layout of ``bot/``: which modules may reach which others."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from checkout import ROOT
from layout import RULES, Layout

pytestmark = pytest.mark.unmeasured

FAULTS = (
    (
        "outsiders",
        "slack/texts/words.py",
        "def f() -> None:\n    import sqlalchemy",
        "bot.slack.texts.words > sqlalchemy",
    ),
    (
        "outsiders",
        "slack/posting/pace.py",
        "from bot.accounts import registry",
        "bot.slack.posting.pace > bot.accounts.registry > bot.storage.people.connections",
    ),
    (
        "outsiders",
        "telemetry/measures.py",
        "from bot.ringcentral import budget",
        "bot.slack.posting.web > bot.telemetry.measures > bot.ringcentral.budget",
    ),
    (
        "outsiders",
        "slack/texts/text.py",
        "if TYPE_CHECKING:\n    import ringcentral",
        "bot.slack.texts.words > bot.slack.texts.text > ringcentral",
    ),
    (
        "outsiders",
        "ringcentral/budget.py",
        "from bot.storage import retention",
        "bot.ringcentral.budget > bot.storage.retention",
    ),
    (
        "outsiders",
        "ringcentral/sign_in/oauth.py",
        "import bot.slack.texts.text",
        "bot.ringcentral.sign_in.oauth > bot.slack.texts.text",
    ),
    (
        "outsiders",
        "slack/__init__.py",
        "import bot.storage.retention",
        "bot.slack.texts.words > bot.slack.texts > bot.slack > bot.storage.retention",
    ),
    (
        "both",
        "switchboard/policy.py",
        "from bot.slack.texts import text",
        "bot.switchboard.own_account",
    ),
    (
        "calls_do_no_io",
        "errors.py",
        "def f() -> None:\n    import socket",
        "bot.calls.numbers.phone > bot.errors > socket",
    ),
    (
        "calls_do_no_io",
        "calls/numbers/phone.py",
        "from bot.clock import Clock",
        "bot.calls.numbers.phone > bot.clock",
    ),
    (
        "sandbox_is_apart",
        "sandbox/limits.py",
        "from bot.errors import BotError",
        "bot.sandbox.limits > bot.errors",
    ),
    (
        "circles",
        "errors.py",
        "def f() -> None:\n    from bot.calls.numbers import phone",
        "bot.errors",
    ),
    (
        "circles",
        "slack/__init__.py",
        "from bot.slack.texts import text",
        "bot.slack.texts > bot.slack",
    ),
    (
        "circles",
        "calls/lists/__init__.py",
        "from bot.calls.lists import history",
        "bot.calls.lists.history > bot.calls.lists",
    ),
    (
        "upward",
        "slack/__init__.py",
        "from bot.serving import page",
        "bot.slack > bot.serving.page",
    ),
    (
        "upward",
        "slack/__init__.py",
        "from bot.follow import ports",
        "bot.slack > bot.follow.ports",
    ),
    (
        "upward",
        "slack/__init__.py",
        "from bot.slack.posting import pace",
        "bot.slack > bot.slack.posting.pace",
    ),
    (
        "upward",
        "__init__.py",
        "def f() -> None:\n    import bot.clock",
        "bot > bot.clock",
    ),
    (
        "upward",
        "errors.py",
        "import bot.slack",
        "bot.errors > bot.slack",
    ),
    (
        "upward",
        "storage/retention.py",
        "from bot.serving import page",
        "bot.storage.retention > bot.serving.page",
    ),
    (
        "upward",
        "slack/texts/words.py",
        "if TYPE_CHECKING:\n    import bot.slack.posting.pace",
        "bot.slack.texts.words > bot.slack.posting.pace",
    ),
    (
        "unlisted",
        "news/__init__.py",
        '"""A folder that nobody has placed."""',
        "bot.news",
    ),
    (
        "unlisted",
        "slack/posting/novel/thing.py",
        "import bot.storage.calls.store",
        "bot.slack.posting.novel.thing",
    ),
    ("unlisted", "novel/thing.py", "A = 1", "bot.novel.thing"),
    (
        "by_name",
        "slack/posting/pace.py",
        'import importlib\nimportlib.import_module("bot.storage.calls.store")',
        "bot/slack/posting/pace.py",
    ),
    ("by_name", "clock.py", 'A = __import__("sqlalchemy")', "bot/clock.py"),
    (
        "by_name",
        "clock.py",
        'import runpy\nrunpy.run_module("bot.storage.retention")',
        "bot/clock.py",
    ),
    (
        "by_name",
        "clock.py",
        'from importlib import util\nutil.find_spec("bot.storage")',
        "bot/clock.py",
    ),
    (
        "by_name",
        "clock.py",
        "from importlib.util import find_spec as a",
        "bot/clock.py",
    ),
    ("by_name", "clock.py", "import importlib.machinery", "bot/clock.py"),
    (
        "by_name",
        "clock.py",
        'import pkgutil\npkgutil.get_loader("bot.storage")',
        "bot/clock.py",
    ),
    ("by_name", "clock.py", 'exec("import bot.storage")', "bot/clock.py"),
    (
        "by_name",
        "clock.py",
        'A = eval("__imp" + "ort__")("sqlalchemy")',
        "bot/clock.py",
    ),
    (
        "by_name",
        "clock.py",
        'import sys\nA = sys.modules["sqlalchemy"]',
        "bot/clock.py",
    ),
    (
        "in_functions",
        "clock.py",
        "def f() -> None:\n    from bot.errors import BotError",
        "bot.clock: bot",
    ),
    ("formatted_by_hand", "clock.py", "A = [1,  2]  # fmt: skip", "bot/clock.py"),
    ("formatted_by_hand", "clock.py", "A = [1,  2]  #fmt:skip", "bot/clock.py"),
    ("too_long", "clock.py", "\n" * 450, "bot/clock.py: "),
    ("too_wide", "clock.py", f'A = 1\n"""{"word " * 20}"""', "bot/clock.py:"),
    (
        "words_for_people",
        "slack/entrances/dialer.py",
        'def f() -> Block:\n    return forms.note("Not done", "")',
        "bot/slack/entrances/dialer.py: Not done",
    ),
    (
        "words_for_people",
        "switchboard/policy.py",
        'TITLE = "Connect RingCentral"',
        "bot/switchboard/policy.py: Connect RingCentral",
    ),
    ("too_wide", "clock.py", f"# {'word ' * 20}", "bot/clock.py:"),
)
"""Rule, file, the text added to it, and the violation that the rule reports."""


@pytest.fixture(scope="module")
def today() -> Layout:
    """The layout as it is."""
    return Layout(ROOT)


@pytest.fixture(scope="module")
def imports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the imports of files that no fault changes are kept."""
    return tmp_path_factory.mktemp("imports")


@pytest.mark.parametrize("rule", RULES)
def test_the_layout_holds(today: Layout, rule: str) -> None:
    """One forbidden import would soon be followed by more."""
    assert RULES[rule](today) == []


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the bot's files, by links."""
    root = tmp_path_factory.mktemp("copied")
    shutil.copytree(
        ROOT / "bot",
        root / "bot",
        ignore=shutil.ignore_patterns("[!_a-z]*.*", "static", "__pycache__"),
        copy_function=os.symlink,
    )
    return root


@contextmanager
def planted(path: Path, added: str) -> Iterator[None]:
    """Add a text to a linked file, or make one of it; take it away at the end."""
    link = path.readlink() if path.exists() else None
    before = path.read_text(encoding="utf-8") if link else ""
    is_new_folder = not path.parent.exists()
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)  # the link, or the fault would be in the original
    path.write_text(f"{before}\n{added}\n", encoding="utf-8")
    yield
    path.unlink()
    if link:
        path.symlink_to(link)
    if is_new_folder:
        path.parent.rmdir()


@pytest.mark.long_table
@pytest.mark.parametrize(
    ("rule", "file", "added", "said"), FAULTS, ids=[f"{f[0]}-{f[1]}" for f in FAULTS]
)
def test_a_fault_is_found(
    copied: Path, imports: Path, rule: str, file: str, added: str, said: str
) -> None:
    """A rule that misses a planted violation would protect nothing."""
    with planted(copied / "bot" / file, added):
        assert any(said in each for each in RULES[rule](Layout(copied, imports)))


def test_the_formatter_lays_out_the_tests_too() -> None:
    """A table by hand is one more style to learn, and hides how long a file is."""
    by_hand = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if re.search(r"  # fmt: (skip|off)$", path.read_text("utf-8"), re.MULTILINE)
    ]

    assert by_hand == []
