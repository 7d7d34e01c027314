"""What the rules of the desk are called."""

from __future__ import annotations

from dataclasses import replace

import desk_sentences
from bot.policy.rules import Askable, PolicyRules
from bot.policy.workspace import AuditAction
from bot.slack.texts import desk_audit, desk_rules


def test_the_audit_calls_rules_as_the_desk_does() -> None:
    """Their names in the file are for those who keep one."""
    detail = "calls_per_day, quiet_hours"
    row = replace(desk_sentences.ROW, action=AuditAction.RULES, detail=detail)

    assert "calls a day, quiet hours where the number is" in desk_audit.line(row)


def test_words_of_a_rule_stand_in_one_line_as_in_a_sentence() -> None:
    """They are options of a form, too, where each begins with a capital letter."""
    shown = desk_rules.value("askable", PolicyRules(askable=frozenset(Askable)))

    assert shown.startswith("a country that isn't allowed; more calls or minutes; ")
