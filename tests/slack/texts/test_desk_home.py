"""The desk on an admin's Home: how much there is, and for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

import desk_sentences
from bot.policy.desk_command import AuditRequest
from bot.policy.desk_sheet import AuditPage, DeskSheet, RulesSheet, SignedInPerson
from bot.policy.rule_fields import FieldFlaw, RuleGroup
from bot.policy.rules import PolicyRules, Section
from bot.sandbox.slack.view_rules import check
from bot.slack.texts import (
    desk_audit,
    desk_forms,
    desk_home,
    desk_lists,
    desk_rules,
    home,
)
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


def test_a_large_workspace_fits_on_a_home_and_in_its_forms() -> None:
    """250 people with limits of their own, whose names and reasons Slack has escaped."""
    ids = [f"U0123ABC{number:03}" for number in range(250)]
    rules = replace(
        PolicyRules(),
        sections=tuple(Section(who=frozenset({e}), calls_per_day=3) for e in ids),
    )
    sheet = RulesSheet(outer=PolicyRules(), rules=rules)
    people = [
        SignedInPerson(user=each, name="&" * 200, connected_at=desk_sentences.AT)
        for each in ids
    ]
    row = replace(desk_sentences.ROW, detail="&" * 300)
    desk = DeskSheet(rules=sheet, broken=tuple(ids), decisions=(row,) * 8)

    shown = home.view(NEW_HERE, desk)
    check(shown)
    check(desk_lists.people_form(people, sheet))
    assert "and 240 more" in texts(shown["blocks"])


def test_rules_are_shown_as_they_count_after_the_operator_has_tightened_them() -> None:
    """What was saved before is wider now: nobody may call there any more."""
    own = PolicyRules(countries=frozenset({"US", "GB", "FR"}), guests=True)
    outer = PolicyRules(countries=frozenset({"US", "FR"}), guests=False)
    desk = DeskSheet(rules=RulesSheet(outer=outer, rules=own))

    shown = texts(desk_home.blocks(desk))

    assert "Countries: FR, US" in shown
    assert "Guests: can't call" in shown


def test_no_invisible_character_of_a_reason_is_in_the_audit() -> None:
    """One that turns the text's direction could change how the whole row reads."""
    row = replace(desk_sentences.ROW, detail="a\u202eb")
    page = AuditPage(rows=(row,), since=desk_sentences.AT)
    shown = desk_audit.audited(page, AuditRequest(), str)

    assert "\u202e" not in repr(shown) + str(shown.blocks)
    assert "ab" in str(shown.blocks)


def test_what_the_operator_has_locked_is_no_input() -> None:
    """An input that takes nothing but the present value is a riddle."""
    outer = PolicyRules(countries=frozenset({"US", "GB"}), guests=False)
    sheet = RulesSheet(outer=outer, rules=outer)
    places = desk_forms.rules_form(sheet, RuleGroup.PLACES)["blocks"]
    numbers = desk_forms.rules_form(sheet, RuleGroup.NUMBERS)["blocks"]

    assert [each["block_id"] for each in places if each["type"] == "input"] == [
        "users",
        "channels",
        "shared_channels",
    ]
    assert "Set by your operator" in texts(places)
    assert "Costly numbers:* none. Set by your operator" in texts(numbers)


def test_a_group_of_which_all_is_locked_has_no_button() -> None:
    """``Change…`` would open a form in which nothing can be changed."""
    outer = PolicyRules(askable=frozenset())
    sheet = RulesSheet(outer=outer, rules=outer)
    [asking] = [
        each
        for each in desk_home.blocks(DeskSheet(rules=sheet))
        if "Asking an admin" in str(each)
    ]

    assert "accessory" not in asking
    assert "🔒 Set by your operator." in texts([asking])


def test_a_budget_is_shown_once_its_limit_is_known() -> None:
    """Else "3 of 0" reads as if nothing could be sent any more."""
    desk = next(iter(desk_sentences.sheets()))
    found = desk_home.blocks(replace(desk, budgets={"light": (3, 0), "heavy": (1, 10)}))

    assert "heavy 1 of 10" in texts(found)
    assert "light" not in texts(found)


def test_the_largest_budget_is_the_first() -> None:
    """RingCentral's own order is that of the last answers, and "auth" is its word."""
    desk = next(iter(desk_sentences.sheets()))
    budgets = {"auth": (0, 5), "heavy": (1, 10), "light": (3, 50)}
    found = desk_home.blocks(replace(desk, budgets=budgets))

    assert "light 3 of 50, heavy 1 of 10, sign-in 0 of 5" in texts(found)


def test_limits_come_before_what_ends_a_connection() -> None:
    """Whoever came to change a limit would have the keyboard on it."""
    rules = PolicyRules()
    sheet = RulesSheet(outer=rules, rules=rules)
    ann = SignedInPerson(user="U0ANN", name="Ann", connected_at=BASE.asked_at)
    view = desk_lists.limits_form(sheet, "U0ANN", ann)

    kinds = [each["type"] for each in view["blocks"]]

    assert kinds[-1] == "actions"
    assert kinds.index("input") < kinds.index("actions")


def test_a_screen_reader_tells_the_groups_buttons_apart() -> None:
    """All of them are called Change… on the screen, each beside its own rules."""
    found = desk_home.blocks(next(iter(desk_sentences.sheets())))
    buttons = [each["accessory"] for each in found if "accessory" in each]
    spoken = [
        each["accessibility_label"]
        for each in buttons
        if each["text"]["text"] == "Change…"
    ]

    assert len(spoken) == len(set(spoken)) > 1
    assert all(each.startswith("Change… ") for each in spoken)


def test_only_the_last_change_can_be_undone() -> None:
    """Its button carries the version that the admin sees."""
    desk = next(iter(desk_sentences.sheets()))
    rules = replace(desk.rules, version=7, can_undo=True, changed_at=desk_sentences.AT)
    with_undo = desk_home.blocks(replace(desk, rules=rules))
    without = desk_home.blocks(replace(desk, rules=replace(rules, can_undo=False)))

    assert "'value': '7'" in texts(with_undo)
    assert desk_home.UNDO_BUTTON not in texts(without)


def test_who_may_call_is_shown_as_mentions_and_changed_as_ids() -> None:
    """Nobody knows a colleague by U0123ABCD; the input takes nothing else."""
    rules = PolicyRules(users=frozenset({"T1:U1", "S1"}), channels=frozenset({"C1"}))
    sheet = RulesSheet(outer=PolicyRules(), rules=rules)
    home_text = desk_rules.summary(rules, RuleGroup.PLACES)
    form = texts(desk_forms.rules_form(sheet, RuleGroup.PLACES)["blocks"])

    assert "Who may call: <!subteam^S1>, <@U1>" in home_text
    assert "Channels for calls: <#C1>" in home_text
    assert "everybody" in desk_rules.summary(PolicyRules(), RuleGroup.PLACES)
    assert "'initial_value': 'S1, T1:U1'" in form


def test_a_list_that_no_input_takes_is_named_and_kept() -> None:
    """Slack shows no form with a value that is longer than its input."""
    many = frozenset(f"U{n:010}" for n in range(300))
    sheet = RulesSheet(outer=PolicyRules(), rules=PolicyRules(users=many))
    blocks = desk_forms.rules_form(sheet, RuleGroup.PLACES)["blocks"]

    assert "users" not in [each.get("block_id") for each in blocks]
    assert "and 280 more. So many are changed in a policy file" in texts(blocks)
    assert (
        len(
            desk_rules.complaint(
                "users", FieldFlaw.TOO_WIDE, replace(sheet, outer=sheet.rules)
            )
        )
        < 300
    )
