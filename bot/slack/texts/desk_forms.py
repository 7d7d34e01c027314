"""The forms of the admin's desk: a pause, the rules, the do-not-call list, people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.policy.desk_sheet import RulesSheet
from bot.policy.rule_fields import ID_FIELDS, RULE_FIELDS, FieldFlaw, RuleGroup
from bot.slack.texts import desk_rules
from bot.slack.texts.desk_rules import FIELD_HINTS, FIELD_LABELS
from bot.slack.texts.forms import form_view, menu_option, plain, values_of
from bot.slack.texts.text import LONGEST_FOREIGN, Block, context, section

PAUSE_FORM, REASON_BLOCK = "pause_form", "reason"
RULES_FORM = "rules_form"
LONGEST_RULE = 300
LONGEST_IDS = 3_000
"""Characters of a text input at Slack (Slack docs, "Plain-text input element")."""

SEVERAL_OF = {
    "number_types": {
        each.value: text for each, text in desk_rules.COSTLY_WORDS.items()
    },
    "askable": {each.value: text for each, text in desk_rules.ASKABLE_WORDS.items()},
}
"""Rules of which several words may be chosen, and these words."""

NEVER_EMPTY = {"countries", "calls_per_minute"}
"""Rules for which an empty text stands for nothing."""

RULING_CHOICES = {each.value: text for each, text in desk_rules.RULING_WORDS.items()}
ONE_OF = {
    **dict.fromkeys(("first_time", "foreign"), RULING_CHOICES),
    **dict.fromkeys(("guests", "shared_channels"), desk_rules.SWITCH_WORDS),
}
"""Rules of which one word is chosen."""


def pause_form() -> Block:
    """Return the form that asks why calls are paused."""
    reason = text_input(
        REASON_BLOCK,
        "Reason",
        "Everybody who tries to call reads it, with your name.",
        most=LONGEST_FOREIGN,
        is_first=True,
    )
    said = (
        "Nobody here can place a call until an admin resumes. Calls in progress go on."
    )
    return form_view(PAUSE_FORM, "Pause calls", [section(said), reason], "Pause calls")


def rules_form(sheet: RulesSheet, group: RuleGroup) -> Block:
    """Return the form of one group of rules, with their present values."""
    blocks = [
        context(
            "These rules hold for this workspace, from the moment that you save them."
        )
    ]
    fields = [name for name, each in RULE_FIELDS.items() if each.group is group]
    for name in fields:
        if RULE_FIELDS[name].is_locked(getattr(sheet.outer, name)):
            blocks.append(section(desk_rules.locked(name, sheet)))
        else:
            blocks.append(_input(name, sheet))
    title = desk_rules.GROUP_TITLES[group]
    if all(each["type"] != "input" for each in blocks):
        return {
            "type": "modal",
            "title": plain("Rules"),
            "close": plain("Close"),
            "blocks": [section(f"*{title}*"), *blocks[1:]],
        }
    return form_view(RULES_FORM, "Rules", [section(f"*{title}*"), *blocks], "Save")


def given_in(state: Any) -> dict[str, str]:
    """Return the submitted value of each rule, as `RuleField.read` takes it."""
    return values_of(state) | {
        name: ",".join(checked_in(state, name))
        for name in SEVERAL_OF
        if name in values_of(state)
    }


def checked_in(state: Any, block: str) -> list[str]:
    """Return the values that were checked in *block*; *state* may have any shape."""
    values = state.get("values") if isinstance(state, dict) else None
    inputs = values.get(block) if isinstance(values, dict) else None
    found: list[str] = []
    for given in inputs.values() if isinstance(inputs, dict) else ():
        chosen = given.get("selected_options") if isinstance(given, dict) else None
        for option in chosen if isinstance(chosen, list) else ():
            value = option.get("value") if isinstance(option, dict) else None
            found += [value] if isinstance(value, str) else []
    return found


def complaints(wrong: Mapping[str, FieldFlaw], sheet: RulesSheet) -> dict[str, str]:
    """Return what is wrong with a form, by the blocks of its inputs."""
    return {
        name: desk_rules.complaint(name, flaw, sheet) for name, flaw in wrong.items()
    }


def text_input(
    name: str,
    label: str,
    hint: str = "",
    *,
    initial: str = "",
    most: int = LONGEST_RULE,
    is_first: bool = False,
) -> Block:
    """Return an input of one line that may stay empty; the *first* one has the keyboard."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": name,
        "max_length": most,
    }
    if initial:
        element["initial_value"] = initial
    if is_first:
        element["focus_on_load"] = True
    entry: Block = {
        "type": "input",
        "block_id": name,
        "optional": True,
        "label": plain(label),
        "element": element,
    }
    return entry | ({"hint": plain(hint)} if hint else {})


def _input(name: str, sheet: RulesSheet) -> Block:
    text = RULE_FIELDS[name].write(getattr(sheet.in_force, name))
    if name in SEVERAL_OF:
        bound = {each.value for each in getattr(sheet.outer, name)}
        words = {each: said for each, said in SEVERAL_OF[name].items() if each in bound}
        return _choice("checkboxes", name, words, text.split(","))
    if name in ONE_OF:
        allowed = RULE_FIELDS[name]
        outer = getattr(sheet.outer, name)
        words = {
            each: said
            for each, said in ONE_OF[name].items()
            if allowed.is_within(outer, allowed.read(each))
        }
        return _choice("radio_buttons", name, words, [text])
    most = LONGEST_IDS if name in ID_FIELDS else LONGEST_RULE
    if name in ID_FIELDS and len(text) > most:
        return section(desk_rules.too_many(name, sheet))
    hint = FIELD_HINTS.get(name, "")
    entry = text_input(name, FIELD_LABELS[name], hint, initial=text, most=most)
    return entry | {"optional": name not in NEVER_EMPTY}


def _choice(
    kind: str, name: str, words: Mapping[str, str], chosen: Sequence[str]
) -> Block:
    options = [menu_option(text, value) for value, text in words.items()]
    initial = [each for each in options if each["value"] in chosen]
    element: Block = {"type": kind, "action_id": name, "options": options}
    if initial and kind == "checkboxes":
        element["initial_options"] = initial
    elif initial:
        element["initial_option"] = initial[0]
    return {
        "type": "input",
        "block_id": name,
        "optional": kind == "checkboxes",
        "label": plain(FIELD_LABELS[name]),
        "element": element,
    }
