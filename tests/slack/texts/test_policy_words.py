"""What each rule's sentence says, by what the rule does."""

from __future__ import annotations

import pytest

from bot.calls.numbers.kinds import NumberKind
from bot.calls.numbers.phone import PhoneNumber
from bot.policy.decision import Decision, Objection
from bot.policy.refusals import PolicyRefuses
from bot.policy.rules import Rule, Ruling
from bot.slack.texts import policy_words, refusals
from bot.slack.texts.contact import NO_CONTACT
from intents import NOON


@pytest.mark.parametrize(
    ("rule", "refusal"),
    [
        (Rule.FOREIGN, "Calls abroad aren't allowed here."),
        (
            Rule.FIRST_TIME,
            "Nobody here has called this number before, and new numbers aren't allowed.",
        ),
    ],
)
def test_a_refusal_says_that_it_is_one(rule: Rule, refusal: str) -> None:
    """The same rule may ask: then it tells where the number is, and what time it is there."""
    refuses = Objection(rule=rule, ruling=Ruling.REFUSE, text="GB", at=NOON)
    asks = Objection(rule=rule, ruling=Ruling.ASK, text="GB", at=NOON)

    assert policy_words.sentences_of((refuses,), "U1", NOON) == [refusal]
    [question] = policy_words.sentences_of((asks,), "U1", NOON)
    assert "It's in the United Kingdom, where it's 12:00 PM." in question


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (NumberKind.MOBILE, "It's a mobile number in the United Kingdom, where"),
        (NumberKind.LANDLINE, "It's a landline in the United Kingdom, where"),
        (NumberKind.TOLL_FREE, "It's a toll-free number in the United Kingdom, where"),
        (NumberKind.INTERNET, "It's an internet phone number in the United Kingdom"),
        (NumberKind.OTHER, "It's in the United Kingdom, where"),
    ],
)
@pytest.mark.parametrize("rule", [Rule.FOREIGN, Rule.FIRST_TIME])
def test_a_question_says_what_kind_of_number_it_is(
    rule: Rule, kind: NumberKind, said: str
) -> None:
    """A mobile abroad costs more than a landline."""
    asks = Objection(rule=rule, ruling=Ruling.ASK, text="GB", at=NOON, kind=kind)

    [question] = policy_words.sentences_of((asks,), "U1", NOON)

    assert said in question


@pytest.mark.parametrize(
    "rule",
    [
        Rule.DO_NOT_CALL,
        Rule.THROTTLE,
        Rule.QUIET_HOURS,
        Rule.FIRST_TIME,
        Rule.FOREIGN,
        Rule.COUNTRY,
    ],
)
def test_a_refusal_for_a_numbers_sake_names_it(rule: Rule) -> None:
    """Who has typed three commands in a row sees none of them above the answers."""
    objection = Objection(rule=rule, ruling=Ruling.REFUSE, text="GB", seconds=3600)
    number = PhoneNumber("+442079460018")
    refused = PolicyRefuses(Decision(Ruling.REFUSE, (objection,)), number, "U1")

    assert "I didn't call +44 20 7946 0018." in refusals.told(refused, NO_CONTACT)


def test_a_moment_reads_well_below_an_input() -> None:
    """There Slack shows no date of its own, and "paused all calls here 2026" is no sentence."""
    paused = Objection(rule=Rule.PAUSED, ruling=Ruling.REFUSE, who="U2", at=NOON)
    [said] = policy_words.sentences_of((paused,), "U1", NOON)

    plain = policy_words.plainly(said)

    assert plain == f"An admin paused all calls here on {NOON:%Y-%m-%d %H:%M} UTC."
