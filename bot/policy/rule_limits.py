"""One person's own limits, instead of those for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.policy.rule_fields import FieldFlaw
from bot.policy.rules import PolicyRules, Section

LIMIT_DIGITS = 6
LIMIT_FIELDS = ("calls_at_once", "calls_per_day", "minutes_per_month")


def limits_of(rules: PolicyRules, user: str) -> Section:
    """Return the limits of one person; one without any if they have none of their own."""
    return next((each for each in rules.sections if _is_of(each, user)), _section(user))


def limited(rules: PolicyRules) -> list[str]:
    """Return who has limits of their own, by their Slack ids."""
    found = (each.who for each in rules.sections if len(each.who) == 1)
    return sorted(user for who in found for user in who)


def with_limit(
    rules: PolicyRules, user: str, given: Mapping[str, str]
) -> tuple[PolicyRules, dict[str, FieldFlaw]]:
    """Return the rules with a person's limits as given, and what is wrong, by field.

    An empty text takes a limit away; without any the person's section is dropped.
    """
    old = limits_of(rules, user)
    new: dict[str, Any] = {}
    wrong: dict[str, FieldFlaw] = {}
    for name in LIMIT_FIELDS:
        text = given.get(name, "").strip()
        is_number = text.isascii() and text.isdecimal() and len(text) <= LIMIT_DIGITS
        if text and not (is_number and int(text)):
            wrong[name] = FieldFlaw.UNREADABLE
        else:
            new[name] = int(text) if text else None
    section = replace(old, **new)
    others = tuple(each for each in rules.sections if not _is_of(each, user))
    kept = () if section == _section(user) else (section,)
    return (rules, wrong) if wrong else (replace(rules, sections=(*others, *kept)), {})


def _section(user: str) -> Section:
    return Section(who=frozenset({user}))


def _is_of(section: Section, user: str) -> bool:
    return section.who == {user} and not section.where
