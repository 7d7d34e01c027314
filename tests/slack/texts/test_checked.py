"""The answer to ``/ringout check``: what the rules would say."""

from __future__ import annotations

import re

import objections
from bot.slack.texts import checked
from bot.slack.texts.contact import NO_CONTACT
from sentences import LONDON


def test_the_name_of_a_rule_stands_in_its_sentence() -> None:
    """Behind the full stop it would belong to nothing, and run into what follows."""
    told = [
        checked.said(each, "U1", NO_CONTACT).text
        for each in objections.prospects(LONDON)
    ]
    rules = [each for text in told for each in re.findall(r".. \(rule: .*?\)..", text)]

    assert rules
    assert [each for each in rules if "." in each[:2] or each[-2:] != ". "] == []
