"""Every error for people has words, and no sentence for people stands elsewhere."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import bot
from bot.calls.numbers.refusal import Flaw, Length
from bot.calls.numbers.tariff import Tariff
from bot.calls.typed.dialing import Slip
from bot.errors import UserError
from bot.serving import refusals as in_browser
from bot.slack.texts import refusals, refused_number
from bot.slack.texts.contact import NO_CONTACT
from bot.user_errors import (
    AccessDenied,
    AccessRule,
    Blame,
    CancelLimited,
    CredentialRefused,
    FormTooLate,
    NoOwnAccounts,
    NoSecondNumber,
    Restarting,
    SameNumber,
    UnknownCall,
)
from checkout import ROOT
from sentences import errors

SILENT = ("calls", "switchboard", "accounts", "follow", "workspaces")
"""Folders that say nothing to people."""


def kinds(of: type[UserError] = UserError) -> Iterator[type[UserError]]:
    """Return every class of errors for people, bases too."""
    yield of
    for each in of.__subclasses__():
        if each.__module__.startswith("bot."):
            yield from kinds(each)


def import_all() -> None:
    """Make every module's errors known; the doubles and the migrations have none."""
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.startswith(("bot.sandbox", "bot.demo")) and (
            "migrations" not in module.name
        ):
            importlib.import_module(module.name)


def test_every_error_for_people_has_words() -> None:
    """An error without words would tell the person nothing."""
    import_all()
    worded = {
        *refusals.FIXED,
        *refusals.words.registry,
        *refused_number.words.registry,
        *in_browser.words.registry,
    }
    leaves = {each for each in kinds() if not each.__subclasses__()}

    assert leaves - worded == set()


def test_no_code_mark_stands_where_it_is_not_drawn() -> None:
    """Under a form's input and in a terminal, back-ticks are shown as they are."""
    for error in errors():
        said = refusals.told_plainly(error, NO_CONTACT)
        assert "`" not in said + refusals.plain_words(error)
        assert "`" in refusals.words(error) or said.startswith(refusals.words(error))


def test_no_value_of_an_error_lacks_its_words() -> None:
    """A table with a hole would fail where somebody waits for the sentence."""
    assert set(refused_number.SLIP_WORDS) == set(Slip)
    assert set(refused_number.FLAW_WORDS) == set(Flaw)
    assert set(refused_number.LENGTH_WORDS) == set(Length)
    assert set(refused_number.TARIFF_WORDS) == set(Tariff)
    assert set(refusals.RULE_WORDS) == set(AccessRule)


@cache
def raised(path: Path) -> list[tuple[str, ast.expr]]:
    """Return the errors that *path* makes or raises, by the names of their classes."""
    return list(_raised(path))


def _raised(path: Path) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        made = node.exc if isinstance(node, ast.Raise) else node
        called = made.func if isinstance(made, ast.Call) else None
        named = called or (made if isinstance(node, ast.Raise) else None)
        if isinstance(named, ast.Name | ast.Attribute) and isinstance(made, ast.expr):
            yield named.id if isinstance(named, ast.Name) else named.attr, made


@pytest.mark.unmeasured
@pytest.mark.parametrize("folder", SILENT)
def test_no_error_for_people_is_made_of_a_sentence(folder: str) -> None:
    """Its words would be found neither by a reader nor by a translator."""
    import_all()
    names = {each.__name__ for each in kinds()}
    spoken = {
        f"{path.relative_to(ROOT)}:{made.lineno}"
        for path in (ROOT / "bot" / folder).rglob("*.py")
        for name, made in raised(path)
        if name in names
        for part in ast.walk(made)
        if isinstance(part, ast.Constant) and " " in str(part.value)
    }

    assert spoken == set()


@pytest.mark.unmeasured
def test_no_error_is_raised_that_only_sorts_others() -> None:
    """A base has no words: its person would be told nothing of use."""
    import_all()
    bases = {each.__name__ for each in kinds() if each.__subclasses__()}
    wordless = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "bot").rglob("*.py")
        for name, _ in raised(path)
        if name in bases
    }

    assert wordless == set()


def test_an_error_shows_a_log_nothing_that_was_typed() -> None:
    """A log line or a traceback would hold the number that somebody typed."""
    error = CredentialRefused("400 +14155550142", Blame.APP)

    for shown in (str(error), repr(error), f"{error}"):
        assert "4155550142" not in shown
        assert "CredentialRefused" in shown


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (AccessDenied(AccessRule.USERS), "You aren't allowed to place calls here"),
        (AccessDenied(AccessRule.CHANNELS), "aren't allowed in this channel"),
        (AccessDenied(AccessRule.ADMINS), "Only RingOut admins can see"),
        (AccessDenied(AccessRule.PLACER), "Only the person who placed this call"),
        (AccessDenied(AccessRule.ASKED), "Only the person who was asked"),
        (SameNumber(), "That's your own phone"),
        (Restarting(), "restarting, so no call was placed"),
        (CancelLimited(0.2), "Try again in 1 s"),
        (CancelLimited(41.6), "Try again in 42 s"),
        (UnknownCall(), "don't have that call any more"),
        (NoSecondNumber(), "no second number for a test call"),
        (NoOwnAccounts(), "nothing to connect"),
        (FormTooLate(), "took too long"),
    ],
)
def test_what_may_not_be_done_is_said(error: UserError, part: str) -> None:
    """Each names what the person, or who runs the bot, can do about it."""
    assert part in refusals.words(error)
