"""The desk on an admin's Home: state, rules, the do-not-call list, people, decisions."""

from __future__ import annotations

from bot.policy.desk_sheet import DeskSheet
from bot.policy.rule_fields import RuleGroup
from bot.slack.texts import desk, desk_audit, desk_rules, desk_words
from bot.slack.texts.text import (
    Block,
    Confirmation,
    actions,
    button,
    context,
    section,
    sections,
    when,
)

PAUSE_BUTTON = "pause_calls"
RULES_BUTTON = "change_rules"
UNDO_BUTTON = "undo_rules"
ENTRIES_BUTTON = "do_not_call_list"
PEOPLE_BUTTON = "desk_people"

HEALTH_NAMES = {
    "bot": "bot",
    "slack": "Slack",
    "database": "storage",
    "ringcentral": "RingCentral",
}
BUDGET_NAMES = {
    "light": "light",
    "medium": "medium",
    "heavy": "heavy",
    "auth": "sign-in",
}
"""RingCentral's rate groups, the largest first."""
NAMED_BROKEN = 10
"""People whose sign-in has ended that are named."""


def blocks(found: DeskSheet) -> list[Block]:
    """Return the desk: about as many blocks, however much there is."""
    return [
        {"type": "header", "text": {"type": "plain_text", "text": "Admin desk"}},
        *_pause(found),
        section("", *_state(found)),
        *(_rules(found, group) for group in RuleGroup),
        *_last_change(found),
        _opening(
            f"*Do-not-call list:* {_count(found.blocked, 'entry', 'entries')}",
            button("Open list…", ENTRIES_BUTTON, "open"),
        ),
        _opening(_people(found), button("People…", PEOPLE_BUTTON, "open")),
        *_decisions(found),
    ]


def _pause(found: DeskSheet) -> list[Block]:
    if found.pause is None:
        pause = button("Pause calls…", PAUSE_BUTTON, "pause", style="danger")
        return [_opening("*Calls are on.*", pause)]
    text = f"*Calls are paused* {desk.since(found.pause)}"
    return [_opening(text, desk.resume_button())]


def _state(found: DeskSheet) -> list[str]:
    ill = [HEALTH_NAMES.get(name, name) for name, ok in found.health.items() if not ok]
    health = f"⚠️ not working: {', '.join(ill)}" if ill else "all is working"
    fields = [
        f"*Health*\n{health}",
        f"*Open calls*\n{found.open_calls}",
        f"*Events waiting for another system*\n{found.hooks_waiting}",
    ]
    budgets = [  # a limit is 0 until RingCentral has said it
        f"{shown} {found.budgets[name][0]} of {found.budgets[name][1]}"
        for name, shown in BUDGET_NAMES.items()
        if found.budgets.get(name, (0, 0))[1]
    ]
    if budgets:
        fields.append(f"*RingCentral requests this minute*\n{', '.join(budgets)}")
    return fields


def _rules(found: DeskSheet, group: RuleGroup) -> Block:
    text = desk_rules.summary(found.rules.in_force, group)
    if desk_rules.is_locked(group, found.rules.outer):
        return section(f"{text}\n{desk_rules.LOCKED_GROUP}")
    return _opening(text, _change(group))


def _change(group: RuleGroup) -> Block:
    """Return the button of a group, which a screen reader tells from the others."""
    spoken = f"Change… {desk_rules.GROUP_TITLES[group]}"
    return button("Change…", RULES_BUTTON, group) | {"accessibility_label": spoken}


def _last_change(found: DeskSheet) -> list[Block]:
    rules = found.rules
    if not rules.version or rules.changed_at is None:
        return [context("The rules are your operator's. You can make them stricter.")]
    by = f"{desk_words.person(rules.changed_by)}, {when(rules.changed_at)}"
    last = context(f"Rules last changed by {by}.")
    if not rules.can_undo:
        return [last]
    sure = Confirmation(
        "Undo", "The rules before the last change hold again.", "Undo the change"
    )
    undo = button("Undo last change", UNDO_BUTTON, str(rules.version), confirm=sure)
    return [last, actions(undo)]


def _people(found: DeskSheet) -> str:
    text = f"*People:* {found.signed_in} connected"
    if not found.broken:
        return text
    named = desk_words.people(found.broken, NAMED_BROKEN)
    return f"{text}\nHave to connect again: {named}"


def _decisions(found: DeskSheet) -> list[Block]:
    if not found.decisions:
        return [section("*Last decisions*\nNone yet.")]
    lines = [f"• {desk_audit.line(each)}" for each in found.decisions]
    more = "All of them: `/ringout-admin audit`"
    return sections(["*Last decisions*", *lines, more], len(lines) + 2)


def _opening(text: str, accessory: Block) -> Block:
    return section(text) | {"accessory": accessory}


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
