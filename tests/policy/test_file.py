"""The rules as a text: what is stored of them, and kept in git."""

from __future__ import annotations

from datetime import time

import pytest

from bot.calls.numbers.tariff import Tariff
from bot.policy.file import dump, load
from bot.policy.rules import (
    Askable,
    CallCap,
    PolicyRules,
    QuietHours,
    Ruling,
    Section,
)

STRICT = PolicyRules(
    users=frozenset({"U1", "S2"}),
    channels=frozenset({"C1"}),
    guests=True,
    shared_channels=False,
    countries=None,
    number_types=frozenset({Tariff.SHARED_COST}),
    calls_per_minute=3,
    throttle=(),
    quiet_hours=QuietHours(time(21), time(8)),
    calls_at_once=CallCap(None, 40),
    calls_per_day=CallCap(5),
    first_time=Ruling.ASK,
    foreign=Ruling.REFUSE,
    askable=frozenset({Askable.CAP}),
    sections=(
        Section(who=frozenset({"U1"}), calls_per_day=3),
        Section(where=frozenset({"C2"}), countries=frozenset({"US"})),
    ),
)


@pytest.mark.parametrize("rules", [PolicyRules(), STRICT])
def test_what_is_written_is_read_again(rules: PolicyRules) -> None:
    """A rule lost in the text is a rule that nobody has lifted and that no longer holds."""
    assert load(dump(rules), PolicyRules()) == rules


def test_what_a_text_leaves_out_is_as_the_operator_has_it() -> None:
    """A file of one line narrows one rule alone."""
    assert load('countries = ["GB"]', STRICT).quiet_hours == STRICT.quiet_hours
