"""The advice that people get after a call that connected nobody."""

from __future__ import annotations

from itertools import product

import pytest

from bot.calls.outcome import Ending, Outcome, Side
from bot.slack.texts import advice, words

PAIRS = [Outcome(Side(one), Side(other)) for one, other in product(Ending, Ending)]


@pytest.mark.parametrize("outcome", PAIRS, ids=str)
def test_only_a_conversation_needs_no_advice(outcome: Outcome) -> None:
    """A result alone leaves the person to guess what to do."""
    both = outcome.caller.ending is outcome.callee.ending is Ending.ANSWERED

    assert (advice.why(outcome) == "") is both


def test_every_ending_has_its_word() -> None:
    """A card would fail where somebody waits for the result."""
    assert {*words.ENDINGS, Ending.UNKNOWN} == set(Ending)
