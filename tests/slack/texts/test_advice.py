"""The advice that people get after a call that connected nobody."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from bot.calls.call import End
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.slack.texts import advice, card, reply, words
from bot.slack.texts.parties import of
from intents import NOON, a_call

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


@pytest.mark.parametrize(
    ("ended", "is_advised"),
    [
        (Outcome(Side(Ending.CANCELED), Side(Ending.NOT_DIALED)), False),
        (Outcome(Side(Ending.ANSWERED), Side(Ending.CANCELED)), False),
        (Outcome(Side(Ending.ANSWERED), Side(Ending.BUSY)), True),
    ],
)
def test_who_stopped_a_call_is_not_asked_whether_they_meant_it(
    ended: Outcome, *, is_advised: bool
) -> None:
    """They pressed the button: on the card and in the reply the result is enough."""
    by_hand = replace(a_call(), end=End.RECORDED, outcome=ended)

    for call, is_said in (
        (by_hand, True),
        (replace(by_hand, cancelled_at=NOON), is_advised),
        (replace(by_hand, hung_up_at=NOON), is_advised),
    ):
        hint = advice.why(ended, of(call, full=False))
        for told in (
            card.card(call, full=False),
            reply.reply(call, full=False, give_up=timedelta(minutes=15)),
        ):
            assert (hint in told.text) is is_said
            assert (hint in str(told.blocks)) is is_said


def test_every_ending_has_its_word() -> None:
    """A card would fail where somebody waits for the result."""
    assert {*words.ENDINGS, Ending.UNKNOWN} == set(Ending)
