"""The desk on an admin's Home: how much there is, and for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

import desk_sentences
from bot.policy.desk_sheet import DeskSheet, RulesSheet
from bot.policy.rule_fields import RuleGroup
from bot.policy.rules import PolicyRules
from bot.slack.texts import desk_forms, desk_home, home
from sentences import BASE, NEW_HERE

MOST_TEXT = 3_000
"""Characters of a section (Slack docs, "Section block")."""


def texts(blocks: list[dict[str, object]]) -> str:
    """Return all that some blocks say."""
    return str(blocks)


@pytest.mark.parametrize("desk", [*desk_sentences.sheets()])
def test_a_home_with_a_desk_has_at_most_a_hundred_blocks(desk: DeskSheet) -> None:
    """Slack refuses a larger one, and the admin sees the old state for good."""
    many = replace(NEW_HERE, open_calls=(BASE,) * 40, last_calls=(BASE,) * 10)
    view = home.view(many, desk)

    assert len(view["blocks"]) <= 100
    assert "Admin desk" in texts(view["blocks"])
    sections = [each for each in view["blocks"] if each["type"] == "section"]
    assert (
        max(len(each["text"]["text"]) for each in sections if "text" in each)
        < MOST_TEXT
    )


def test_nobody_else_has_a_desk() -> None:
    """What admins see of others is not for everybody."""
    assert "Admin desk" not in texts(home.view(NEW_HERE)["blocks"])
    assert "Admin desk" not in texts(home.view(NEW_HERE, None)["blocks"])


def test_what_the_operator_has_locked_is_no_input() -> None:
    """An input that takes nothing but the present value is a riddle."""
    outer = PolicyRules(countries=frozenset({"US", "GB"}), guests=False)
    sheet = RulesSheet(outer=outer, rules=outer)
    places = desk_forms.rules_form(sheet, RuleGroup.PLACES)["blocks"]
    numbers = desk_forms.rules_form(sheet, RuleGroup.NUMBERS)["blocks"]

    assert [each["block_id"] for each in places if each["type"] == "input"] == [
        "shared_channels"
    ]
    assert "Set by your operator" in texts(places)
    assert "Costly numbers:* none. Set by your operator" in texts(numbers)


def test_a_budget_is_shown_once_its_limit_is_known() -> None:
    """Else "3 of 0" reads as if nothing could be sent any more."""
    desk = next(iter(desk_sentences.sheets()))
    found = desk_home.blocks(replace(desk, budgets={"light": (3, 0), "heavy": (1, 10)}))

    assert "heavy: 1 of 10" in texts(found)
    assert "light" not in texts(found)


def test_only_the_last_change_can_be_undone() -> None:
    """Its button carries the version that the admin sees."""
    desk = next(iter(desk_sentences.sheets()))
    rules = replace(desk.rules, version=7, can_undo=True, changed_at=desk_sentences.AT)
    with_undo = desk_home.blocks(replace(desk, rules=rules))
    without = desk_home.blocks(replace(desk, rules=replace(rules, can_undo=False)))

    assert "'value': '7'" in texts(with_undo)
    assert desk_home.UNDO_BUTTON not in texts(without)
