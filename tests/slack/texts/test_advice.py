"""The advice that people get after a call that connected nobody."""

from __future__ import annotations

import re
from itertools import product

import pytest

from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.slack.texts import advice, words
from bot.slack.texts.parties import of
from intents import a_call

pytestmark = pytest.mark.unmeasured

ONE_LINE = 80
"""Characters that fit on one line of a card at Slack's usual width."""


@pytest.mark.parametrize("caller", Ending)
def test_only_a_conversation_needs_no_advice(caller: Ending) -> None:
    """A result alone leaves the person to guess what to do."""
    for callee, private in product(Ending, (False, True)):
        both = caller is callee is Ending.ANSWERED
        outcome = Outcome(Side(caller), Side(callee))

        said = advice.why(outcome, of(a_call(), full=False, private=private))

        assert (said == "") is both
        assert both or said.endswith(".")
        assert len(said) <= ONE_LINE
        assert "\n" not in said
        assert private or not re.search(r"\byours?\b|\byou\b", said, re.IGNORECASE)


def test_every_ending_has_its_word() -> None:
    """A card would fail where somebody waits for the result."""
    assert {*words.ENDINGS, Ending.UNKNOWN} == set(Ending)
