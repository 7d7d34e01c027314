"""Every sentence that people can read is printed, and fit for who reads it."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import CodeType

import pytest

import sentences
from bot.calls.numbers.refusal import Flaw, UnreadableNumber
from bot.settings.settings import NAMES
from bot.slack.texts import account, card, dialer, reply
from bot.slack.texts.contact import NO_CONTACT
from bot.user_errors import DisconnectedMeanwhile
from checkout import ROOT
from first_calls import first_calls
from sentences import Sentence

TEXTS = [
    *(ROOT / "bot" / "slack" / "texts").glob("*.py"),
    ROOT / "bot" / "serving" / "page_texts.py",
    ROOT / "bot" / "serving" / "refusals.py",
]
OPERATORS = re.compile(
    rf"\b(?:{'|'.join(NAMES)})\b|JWT|OAuth|\bscopes?\b|client id|redirect|[a-z]+:read"
    r"|\b(?:CMN|OAU)-\d|ringout-bot|person who runs|\btoken\b|database",
    re.IGNORECASE,
)
"""Words of an operator: in the doctor, in logs and in docs."""

NOT_READ = {"parties.py", "countries.py", "text.py", "profile.py"}
"""Modules without sentences."""


@pytest.fixture(scope="module")
def printed() -> tuple[set[Sentence], set[CodeType]]:
    """Return all sentences, and the functions that were called for them."""
    with first_calls(TEXTS) as called:
        found = set(sentences.everything())
    return found, called


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the name and first line of each function and method of a module."""
    body = ast.parse(path.read_text("utf-8")).body
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    for node in itertools.chain(body, *(each.body for each in classes)):
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            yield node.name, first


def test_every_function_of_the_texts_says_something(
    printed: tuple[set[Sentence], set[CodeType]],
) -> None:
    """One that is left out would not be read aloud."""
    called = {(Path(code.co_filename).name, code.co_firstlineno) for code in printed[1]}
    silent = {
        f"{path.name}: {name}"
        for path in TEXTS
        if path.name not in NOT_READ
        for name, line in functions(path)
        if (path.name, line) not in called
    }

    assert silent == NOT_A_TEXT


def test_a_function_is_noted_once_it_is_called_and_only_then() -> None:
    """Otherwise a text that is left out would not be found."""
    with first_calls(TEXTS) as called:
        for _ in range(2):
            assert account.nothing_to_disconnect().text
    again = account.offer_form()

    assert {code.co_name for code in called} == {"nothing_to_disconnect"}
    assert "Connect RingCentral" in again.text
    assert account.offer_form.__code__.co_name == "offer_form"


NOT_A_TEXT = {
    "refused_number.py: words",
    "asking.py: load",
    "asking.py: is_for",
    "desk_audit.py: load",
    "dialer.py: load",
    "dialer.py: name_in",
    "dialer.py: phone_in",
    "forms.py: shown_in",
}
"""Functions that read what a button sends back."""


def literals(path: Path) -> Iterator[str]:
    """Yield the pieces of sentences in a module: texts of some words, no docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    silent = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for piece in re.split(r"\{[^}]*\}|\n|</?\w[^>]*>|\">", node.value):
                plain = " ".join(piece.split())
                words = re.findall(r"[A-Za-z']{2,}", plain)
                if id(node) not in silent and " " in plain and len(words) > 1:
                    yield plain


def test_every_sentence_is_printed(
    printed: tuple[set[Sentence], set[CodeType]],
) -> None:
    """Also those of a table, or of a value that hardly ever comes."""
    said = "\n".join({" ".join(each.text.split()) for each in printed[0]})
    said = said.replace("&lt;", "<").replace("&gt;", ">").casefold()
    missing = {
        f"{path.name}: {piece}"
        for path in TEXTS
        if path.name not in NOT_READ
        for piece in literals(path)
        if piece.casefold() not in said
    }

    assert missing == UNREACHABLE


UNREACHABLE = {
    "refusals.py: I can't do that.",
    "words.py: Answered Elsewhere",
    "words.py: Call Failure",
    "words.py: Failed Try Again",
    "words.py: IP Phone Offline",
    "words.py: Not Answered",
}
"""RingCentral's own words, which are only compared, and what a test finds missing."""


def test_nobody_reads_an_operators_words(
    printed: tuple[set[Sentence], set[CodeType]],
) -> None:
    """A setting's name, a scope or a JWT is of no use to whoever can't change it."""
    told = {each.text for each in printed[0] if OPERATORS.search(each.text)}

    assert told == set()


OPERATORS_FOLDERS = {"cli", "demo", "doctor", "sandbox", "settings", "telemetry"}
"""What is said there is for who runs the bot, or made up."""

LOGGED = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def sentences_in(path: Path) -> Iterator[str]:
    """Yield whole sentences in a module, but for docstrings, errors and logs."""
    below: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while below:
        node = below.pop()
        is_alone = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_logged = (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in LOGGED
        )
        if is_alone or is_logged or isinstance(node, ast.Raise | ast.Assert):
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            said = node.value.strip()
            if re.match(r"[A-Z].*\s\w.*[.?!…]$", said):
                yield said
        below += ast.iter_child_nodes(node)


@pytest.mark.unmeasured
def test_people_are_told_nothing_that_is_written_elsewhere() -> None:
    """A sentence in a handler would be printed by nobody, and so read by nobody."""
    for path in (ROOT / "bot").rglob("*.py"):
        folder = path.relative_to(ROOT / "bot").parts[0]
        if path in TEXTS or folder in OPERATORS_FOLDERS | {"errors.py"}:
            continue
        found = set(sentences_in(path))
        if path.name == "manifest.py":
            assert found < {each.text for each in sentences.everything()}
        else:
            assert found == set(), path


HOLE = re.compile(
    r"\{\w*\}|\S {2,}\S|\s[.;:!?](?=\s|$)|“”|\(\)|: [A-Z]\w+ up\b|[.] [a-z]|[.]{2}"
    r"|(?<!of )(?<!\d)\b1 (?:calls|minutes|seconds|times|hours|days|numbers|voicemails)\b"
)
"""What is left in a sentence whose value was empty, never filled in, or one."""

MOMENT = re.compile(r"<!date[^>]*>")


def test_no_sentence_has_a_hole_where_a_value_was_to_be(
    printed: tuple[set[Sentence], set[CodeType]],
) -> None:
    """A "Calls to aren't allowed" and a "1 calls" look like a bot that is broken."""
    said = {MOMENT.sub("today", each.text) for each in printed[0]}

    assert {each for each in said if HOLE.search(each)} == set()


def test_people_read_american_english(
    printed: tuple[set[Sentence], set[CodeType]],
) -> None:
    """The same word twice, spelled two ways, looks like two people's work."""
    british = re.compile("cancelled|cancelling|dialled|colour|favour", re.IGNORECASE)

    assert {each.text for each in printed[0] if british.search(each.text)} == set()


def test_a_form_names_the_whole_command_for_a_new_link() -> None:
    """Its field takes a number alone; "connect" would be taken for a name."""
    number = dialer.sentence(UnreadableNumber("bob", Flaw.LETTERS), NO_CONTACT)

    assert "/ringout connect" in dialer.sentence(DisconnectedMeanwhile(), NO_CONTACT)
    assert "/ringout" not in number


def test_every_card_and_reply_is_one_glance_and_one_sentence_for_the_ear() -> None:
    """In every state: whom it is about comes first, one row of buttons, a whole `text`."""
    for call in sentences.calls():
        told = [card.card(call, full=False)]
        if call.end is not None:
            told.append(reply.reply(call, full=False, give_up=timedelta(minutes=15)))
        for message in told:
            rows = [each for each in message.blocks if each["type"] == "actions"]
            assert len(rows) <= 1
            assert message.text[0].isalnum() or message.text.startswith("<@")
            assert message.text.endswith(".")
        first = next(sentences.spoken(told[0].blocks)).splitlines()[0]
        assert "0142" in first
