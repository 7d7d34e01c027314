"""What the rules of the desk are called, and how they stand: on Home, and in forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.calls.numbers.tariff import Tariff
from bot.policy import written
from bot.policy.desk_sheet import RulesSheet
from bot.policy.rule_fields import (
    ALL_COUNTRIES,
    ID_FIELDS,
    RULE_FIELDS,
    FieldFlaw,
    RuleGroup,
)
from bot.policy.rule_limits import limited
from bot.policy.rules import Askable, CallCap, PolicyRules, Ruling
from bot.slack.texts import desk_words
from bot.slack.texts.text import foreign

NAMED_LIMITED = 10
"""People with limits of their own that are named on Home."""

GROUP_TITLES = {
    RuleGroup.NUMBERS: "Numbers",
    RuleGroup.TIMES: "Repeated calls and hours",
    RuleGroup.LIMITS: "Limits",
    RuleGroup.PLACES: "Who and where",
    RuleGroup.ASKING: "Asking an admin",
}

FIELD_LABELS = {
    "countries": "Countries",
    "number_types": "Costly numbers",
    "first_time": "Numbers that nobody here has called before",
    "foreign": "Numbers abroad",
    "throttle": "Repeated calls to one number",
    "quiet_hours": "Quiet hours where the number is",
    "calls_per_minute": "Calls a minute",
    "calls_at_once": "Calls at once",
    "calls_per_day": "Calls a day",
    "minutes_per_month": "Minutes a month",
    "users": "Who may call",
    "channels": "Channels for calls",
    "guests": "Guests",
    "shared_channels": "Channels shared with other companies",
    "askable": "What an admin may be asked for",
}

FIELD_HINTS = {
    "users": "Ids of people and user groups: U0123ABCD, S0123ABCD. Empty: everybody.",
    "channels": "Ids of channels: C0123ABCD. Empty: everywhere.",
    "countries": "Two letters each: US, GB. A star stands for all.",
    "throttle": "1/60s,3/15m,7/1h: a second call within 60 seconds and a fourth within 15 "
    "minutes are asked about, an eighth within an hour is refused. Empty: no limit.",
    "quiet_hours": "21:00-08:00, or empty for none.",
    "calls_per_minute": "A whole number, for each person.",
    "calls_at_once": "5 for each person; 5,40 also for everybody together; empty: no limit.",
    "calls_per_day": "40 for each person; 40,400 also for everybody together.",
    "minutes_per_month": "600 for each person; 600,9000 also for everybody together.",
}

COSTLY_WORDS = {
    Tariff.PERSONAL: "Personal numbers, such as 070 in the UK",
    Tariff.SHARED_COST: "Shared-cost numbers, such as 0137 in Germany",
}
ASKABLE_WORDS = {
    Askable.COUNTRY: "A country that isn't allowed",
    Askable.CAP: "More calls or minutes",
    Askable.QUIET: "A call in quiet hours",
    Askable.FIRST: "A first or foreign number",
}
RULING_WORDS = {
    Ruling.ALLOW: "Call without asking",
    Ruling.ASK: "Ask the person first",
    Ruling.REFUSE: "Refuse",
}
SWITCH_WORDS = {"on": "May call", "off": "Can't call"}

NAMED_IDS = 20
"""People, or channels, that are named on Home."""
LONGEST_BOUND = 200
"""Characters of what is allowed that are named below an input."""
WITHOUT_IDS = {"users": "everybody", "channels": "everywhere"}
TOO_MANY_IDS = "*{label}:* {value}. So many are changed in a policy file."

WORDS_OF_SETS: dict[str, Mapping[Any, str]] = {
    "number_types": COSTLY_WORDS,
    "askable": ASKABLE_WORDS,
}

TOO_WIDE_VALUE = "Your operator doesn't allow that much. At most: {bound}."
UNREADABLE_VALUE = "I can't read that. {hint}"
LOCKED_GROUP = "🔒 Set by your operator."
LOCKED_RULE = "🔒 *{label}:* {value}. Set by your operator."


def summary(rules: PolicyRules, group: RuleGroup) -> str:
    """Return how the rules of one form stand, in mrkdwn."""
    names = [name for name, each in RULE_FIELDS.items() if each.group is group]
    lines = [f"*{GROUP_TITLES[group]}*"]
    lines += [f"{FIELD_LABELS[name]}: {value(name, rules)}" for name in names]
    if group is RuleGroup.LIMITS and (own := limited(rules)):
        lines.append(f"Limits of their own: {desk_words.people(own, NAMED_LIMITED)}")
    return "\n".join(lines)


def named(changed: str) -> str:
    """Return what the audit keeps of a change with the rules as the desk calls them."""
    names = (FIELD_LABELS.get(each, each) for each in changed.split(", "))
    return ", ".join(each[:1].lower() + each[1:] for each in names)


def is_locked(group: RuleGroup, outer: PolicyRules) -> bool:
    """Return whether the operator's rules leave nothing of a group to choose."""
    return all(
        each.is_locked(getattr(outer, each.name))
        for each in RULE_FIELDS.values()
        if each.group is group
    )


def value(name: str, rules: PolicyRules) -> str:
    """Return how one rule stands, in mrkdwn."""
    found = getattr(rules, name)
    match found:
        case Ruling():
            return RULING_WORDS[found].lower()
        case bool():
            return SWITCH_WORDS["on" if found else "off"].lower()
        case CallCap():
            return _cap(found)
        case frozenset() if name in ID_FIELDS:
            return desk_words.ids(found, NAMED_IDS) or WITHOUT_IDS[name]
        case frozenset() if name in WORDS_OF_SETS:
            words = (
                text[0].lower() + text[1:]
                for each, text in WORDS_OF_SETS[name].items()
                if each in found
            )
            return "; ".join(words) or "none"
    text = foreign(RULE_FIELDS[name].write(found))
    return "all" if text == ALL_COUNTRIES else text or "none"


def too_many(name: str, sheet: RulesSheet) -> str:
    """Return the line that stands for an input that would be too long."""
    shown = value(name, sheet.in_force)
    return TOO_MANY_IDS.format(label=FIELD_LABELS[name], value=shown)


def complaint(name: str, flaw: FieldFlaw, sheet: RulesSheet) -> str:
    """Return what is wrong with a value, for the line under its input."""
    if flaw is FieldFlaw.TOO_WIDE:
        bound = RULE_FIELDS[name].write(getattr(sheet.outer, name)) or written.OFF
        shown = bound if len(bound) <= LONGEST_BOUND else f"{bound[:LONGEST_BOUND]}…"
        return TOO_WIDE_VALUE.format(bound=shown)
    return UNREADABLE_VALUE.format(hint=FIELD_HINTS.get(name, "")).strip()


def locked(name: str, sheet: RulesSheet) -> str:
    """Return the line that stands for an input that nobody here can change."""
    return LOCKED_RULE.format(label=FIELD_LABELS[name], value=value(name, sheet.outer))


def _cap(cap: CallCap) -> str:
    parts = [f"{cap.person} a person"] if cap.person is not None else []
    parts += [f"{cap.everybody} for everybody"] if cap.everybody is not None else []
    return ", ".join(parts) or "no limit"
