"""The policy file: what is written is read back; what is wrong is named with its line."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.numbers.tariff import Tariff
from bot.policy import file
from bot.policy.gate import verdict
from bot.policy.rule_fields import RULE_FIELDS
from bot.policy.rules import (
    Askable,
    CallCap,
    PolicyRules,
    QuietHours,
    Ruling,
    Section,
)
from bot.policy.wish import Counts, Wish
from policy_rules import COUNTS, NOON, RULES, WISHES

ROOT = Path(__file__).resolve().parents[2]
OUTER = PolicyRules(countries=None, guests=True, askable=frozenset(Askable))


def _within(own: PolicyRules, outer: PolicyRules) -> PolicyRules:
    """Return *own*, with the operator's value of each rule that would be wider."""
    bounded = {
        name: getattr(outer, name)
        for name, field in RULE_FIELDS.items()
        if not field.is_within(getattr(outer, name), getattr(own, name))
    }
    return replace(own, **bounded)


@given(RULES, RULES)
def test_what_is_exported_is_imported(own: PolicyRules, outer: PolicyRules) -> None:
    """The file is kept in git, and put back after the database was lost."""
    rules = _within(own, outer)
    text = file.write(rules, outer)

    tomllib.loads(text)
    assert file.read(text, outer) == rules
    assert file.narrowed(outer, text) == replace(rules, within=outer)
    assert file.write(file.read(text, outer), outer) == text


def test_a_file_without_rules_is_what_the_operator_has_set() -> None:
    """Undoing the first change brings this back."""
    assert file.read("", OUTER) == OUTER
    assert file.write(OUTER, OUTER) == ""


WHOLE = """
# who may call whom
users = ["U0123ABCD", "S0123ABCD"]
channels = ["C0123ABCD"]
countries = ["US", "CA"]
number_types = []
calls_per_minute = 5
throttle = "1/60s,3/15m,5/1h"
quiet_hours = "21:00-08:00"
calls_at_once = "2,20"
calls_per_day = 60
minutes_per_month = "*,6000"
first_time = "ask"
foreign = "refuse"
guests = false
shared_channels = false
askable = ["quiet"]

[[section]]
who = ["S0456ABCD"]
countries = ["US", "CA", "MX"]
number_types = ["personal"]
calls_per_day = 120
"""


def test_every_rule_can_stand_in_a_file() -> None:
    """The page for admins shows such a file."""
    rules = file.read(WHOLE, OUTER)

    assert rules == replace(
        OUTER,
        users=frozenset({"U0123ABCD", "S0123ABCD"}),
        channels=frozenset({"C0123ABCD"}),
        countries=frozenset({"US", "CA"}),
        calls_per_minute=5,
        throttle=(*OUTER.throttle[:2], replace(OUTER.throttle[2], most=5)),
        quiet_hours=QuietHours(time(21), time(8)),
        calls_at_once=CallCap(2, 20),
        calls_per_day=CallCap(60),
        minutes_per_month=CallCap(None, 6000),
        first_time=Ruling.ASK,
        foreign=Ruling.REFUSE,
        guests=False,
        shared_channels=False,
        askable=frozenset({Askable.QUIET}),
        sections=(
            Section(
                who=frozenset({"S0456ABCD"}),
                countries=frozenset({"US", "CA", "MX"}),
                number_types=frozenset({Tariff.PERSONAL}),
                calls_per_day=120,
            ),
        ),
    )
    assert set(tomllib.loads(WHOLE)) == {*RULE_FIELDS, "users", "channels", "section"}


@pytest.mark.skipif(
    not (ROOT / "docs" / "admin.md").exists(), reason="an installed package has no docs"
)
def test_the_file_in_the_docs_is_one() -> None:
    """Whoever copies it must not meet an error first."""
    page = (ROOT / "docs" / "admin.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    outer = replace(OUTER, number_types=frozenset({Tariff.PERSONAL}))

    assert file.read(shown, outer) != outer
    assert set(tomllib.loads(shown)) == {*RULE_FIELDS, "users", "channels", "section"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('throttel = "off"', "line 1: throttel is no rule; did you mean throttle?"),
        ("zzz = 1", "line 1: zzz is no rule"),
        (
            "guests = true\nguests = false",
            "line 2: this key, or a table, is given twice",
        ),
        ("[a]\n[a]", "line 2: this key, or a table, is given twice"),
        ("guests", "line 1: this is no TOML"),
    ],
)
def test_a_slip_is_named_as_what_it_is(text: str, said: str) -> None:
    """Whoever merged two branches has a key twice, and looks for a comma."""
    with pytest.raises(file.PolicyFileError) as wrong:
        file.read(text, OUTER)

    assert str(wrong.value) == said


WRONG = [
    ('countries = "US"', 1, "countries"),
    ('\ncountries = ["XX"]', 2, "countries"),
    ("countries = []", 1, "countries"),
    ('countries = ["US,CA"]', 1, "countries"),
    ("guests = 1", 1, "guests"),
    ('guests = "on"', 1, "guests"),
    ("\n\ncalls_per_day = 0", 3, "calls_per_day"),
    ("calls_per_day = true", 1, "calls_per_day"),
    ("calls_per_day = 1.5", 1, "calls_per_day"),
    ("calls_per_minute = 11", 1, "calls_per_minute"),
    ('throttle = "often"', 1, "throttle"),
    ('quiet_hours = "night"', 1, "quiet_hours"),
    ("quiet_hours = 21:00:00", 1, "quiet_hours"),
    ('first_time = "no"', 1, "first_time"),
    ('askable = ["emergency"]', 1, "askable"),
    ('users = ["ann"]', 1, "users"),
    ('users = "U0123ABCD"', 1, "users"),
    ('channels = ["U0123ABCD"]', 1, "channels"),
    ("premium = true", 1, "premium"),
    ('admins = ["U0123ABCD"]', 1, "admins"),
    ("[section]\ncalls_per_day = 1", 1, "section"),
    ("section = 1", 1, "section"),
    ("[[section]]\nguests = true", 2, "guests"),
    ('[[section]]\n[[section]]\n\nwho = ["bob"]', 4, "who"),
    ('calls_per_day = 5\n[[section]]\ncalls_per_day = "x"', 3, "calls_per_day"),
    ("[[section]]\ncalls_at_once = true", 2, "calls_at_once"),
    ('[[section]]\ncountries = "*"', 2, "countries"),
    ("x = [", 1, ""),
    ("= 1", 1, ""),
    ("a.b.c = 1", 1, "a"),
    ('"not to be printed" = 1', 1, "this key"),
]


@pytest.mark.parametrize(("text", "line", "key"), WRONG)
def test_what_is_wrong_is_named_with_its_line(text: str, line: int, key: str) -> None:
    """An admin with a file of fifty lines has to find the one."""
    with pytest.raises(file.PolicyFileError) as caught:
        file.read(text, OUTER)

    (flaw,) = caught.value.flaws
    assert (flaw.line, flaw.key) == (line, key)
    assert "not to be printed" not in str(flaw)


def test_all_that_is_wrong_is_named_at_once() -> None:
    """One run for each mistake would try anybody's patience."""
    text = 'guests = 1\nusers = ["ann"]\n[[section]]\nwho = 3'
    with pytest.raises(file.PolicyFileError) as caught:
        file.read(text, OUTER)

    assert [each.line for each in caught.value.flaws] == [1, 2, 4]


@given(st.text(max_size=60) | st.text("[]=\"'\n#{}.,0a", max_size=60))
def test_any_text_is_rules_or_flaws(text: str) -> None:
    """A traceback tells an admin nothing."""
    try:
        file.read(text, OUTER)
    except file.PolicyFileError as error:
        assert error.flaws  # noqa: PT017 - most texts are wrong


@given(RULES, RULES, RULES, WISHES, COUNTS)
def test_saved_rules_never_open_what_the_operator_shuts_later(
    own: PolicyRules, then: PolicyRules, now: PolicyRules, wish: Wish, counts: Counts
) -> None:
    """The environment may be tightened after the desk has saved its rules."""
    text = file.write(_within(own, then), then)
    wish = replace(wish, granted=frozenset())
    order = list(Ruling)
    outer = verdict(wish, NOON, counts, now).ruling
    inner = verdict(wish, NOON, counts, file.narrowed(now, text)).ruling

    assert order.index(inner) >= order.index(outer)


def test_a_number_of_thousands_of_digits_is_a_flaw_of_its_line() -> None:
    """Python reads none that is longer than 4,300 digits."""
    text = f"guests = true\ncalls_per_minute = {'9' * 5_000}\n"

    with pytest.raises(file.PolicyFileError) as found:
        file.read(text, OUTER)
    assert str(found.value) == "line 2: this has a number that is too long"
