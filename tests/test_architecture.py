"""Who may import whom: the layout, held."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from checkout import ROOT

BOT = ROOT / "bot"
STDLIB = set(sys.stdlib_module_names)

ALLOWED: dict[str, set[str]] = {
    "calls": {"bot.calls", "bot.errors", "phonenumbers"},
    "ringcentral": {"bot.ringcentral", "bot.calls", "bot.errors", "ringcentral",
                    "requests", "urllib3", "bot.telemetry.measures", "bot.telemetry.spans"},
    "slack": {"bot.slack", "bot.calls", "bot.errors", "bot.user_errors", "bot.background", "bot.clock",
              "bot.switchboard.calls", "bot.switchboard.history", "bot.switchboard.own_account", "slack_bolt", "slack_sdk", "aiohttp",
              "bot.telemetry.measures", "bot.telemetry.call_context", "bot.telemetry.spans"},
    "follow": {"bot.follow", "bot.calls", "bot.errors", "bot.background", "bot.clock",
               "bot.storage", "bot.telemetry.spans"},
    "storage": {"bot.storage", "bot.calls", "bot.errors", "bot.telemetry.measures", "sqlalchemy",
                "alembic", "psycopg", "bot.vault"},
    "sandbox": {"bot.sandbox", "aiohttp"},
}  # fmt: skip
"""Slack and RingCentral never see each other; the calls see nobody; the doubles
know nothing of the bot that they test."""


def imports(path: Path) -> set[str]:
    """Return every module that *path* names in an import."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "bot":
                found |= {f"bot.{alias.name}" for alias in node.names}
            else:
                found.add(node.module)
    return found


def is_allowed(module: str, allowed: set[str]) -> bool:
    """Say whether *module* is of the standard library or below an allowed one."""
    if module.split(".", maxsplit=1)[0] in STDLIB:
        return True
    return any(module == each or module.startswith(f"{each}.") for each in allowed)


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_a_package_imports_what_it_may_and_nothing_else(package: str) -> None:
    """A shortcut across the layout would be the first of many."""
    strangers = {
        f"{path.relative_to(BOT)}: {module}"
        for path in (BOT / package).rglob("*.py")
        for module in imports(path)
        if not is_allowed(module, ALLOWED[package])
    }

    assert strangers == set()


def test_only_the_assembly_sees_both_outsiders() -> None:
    """Everything else could be tested without one of them."""
    both = {
        path.name
        for path in BOT.glob("*.py")
        if any(name.startswith("bot.slack") for name in imports(path))
        and any(name.startswith("bot.ringcentral") for name in imports(path))
    }

    assert both <= {"app.py", "doctor.py"}


def test_nothing_imports_the_assembly_but_the_command_line() -> None:
    """Else it would not be the top."""
    users = {
        str(path.relative_to(BOT))
        for path in BOT.rglob("*.py")
        if "bot.app.bot" in imports(path)
    }

    assert users <= {"cli/serve.py"}


@pytest.mark.parametrize("path", sorted(BOT.rglob("*.py")), ids=lambda p: p.name)
def test_no_file_is_longer_than_a_sitting(path: Path) -> None:
    """Past 300 lines a file has two reasons to change."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
