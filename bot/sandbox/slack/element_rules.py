"""Slack's limits of buttons, menus and inputs, in messages as in views.

Source: Slack docs, "Block Kit: elements". The limits are characters or counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox.slack.answers import Json
from bot.sandbox.slack.inputs import (
    EXTERNAL,
    INITIAL_FIELDS,
    VALUE_FIELDS,
    options_of,
)

LONGEST_ID = 255
LONGEST_BUTTON_VALUE = 2000
LONGEST_PLACEHOLDER = 150
LONGEST_OPTION_TEXT, LONGEST_OPTION_VALUE = 75, 150
MOST_OPTIONS = {
    "static_select": 100,
    "multi_static_select": 100,
    "radio_buttons": 10,
    "checkboxes": 10,
    "overflow": 5,
}
LONGEST_INPUT = 3000

CONVERSATION_TYPES = {"im", "mpim", "private", "public"}
USUAL_QUERY = 3
"""Characters that are typed before Slack asks the app for options."""

Fault = tuple[str, str]
"""What is wrong, and a JSON pointer to it."""


def row_faults(block: Json, where: str) -> Iterator[Fault]:
    """Yield what is wrong with the elements of a message's block."""
    names = []
    for element in elements_in(block):
        names.append(element.get("action_id"))
        yield from element_faults(element, where)
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        yield "`action_id` values must be unique in a block", where


def elements_in(block: Json) -> Iterator[Json]:
    """Yield the elements of a block."""
    inside = [*(block.get("elements") or ()), block.get("accessory")]
    for element in [*inside, block.get("element")]:
        if isinstance(element, dict) and "type" in element:
            yield element


def element_faults(element: Json, where: str) -> Iterator[Fault]:
    """Yield what is wrong with an element."""
    if len(str(element.get("action_id", ""))) > LONGEST_ID:
        yield f"must be less than {LONGEST_ID + 1} characters", f"{where}/action_id"
    placeholder = element.get("placeholder")
    text = placeholder.get("text", "") if isinstance(placeholder, dict) else ""
    if len(str(text)) > LONGEST_PLACEHOLDER:
        yield (
            f"must be less than {LONGEST_PLACEHOLDER + 1} characters",
            f"{where}/placeholder",
        )
    if len(str(element.get("value", ""))) > LONGEST_BUTTON_VALUE:
        yield (
            f"must be less than {LONGEST_BUTTON_VALUE + 1} characters",
            f"{where}/value",
        )
    if element["type"] in MOST_OPTIONS:
        yield from option_faults(element, where, MOST_OPTIONS[element["type"]])
    if element["type"] == EXTERNAL:
        yield from _external_faults(element, where)
    if "filter" in element:
        yield from _filter_faults(element["filter"], where)
    if element["type"] == "plain_text_input":
        yield from _text_faults(element, where)


def option_faults(
    element: Json, where: str, most: int, least: int = 1
) -> Iterator[Fault]:
    """Yield what is wrong with the options of a menu, or of an answer to its query."""
    options = options_of(element)
    if not least <= len(options) <= most:
        yield f"must have {least} to {most} items", f"{where}/options"
    for option in options:
        text, value = (option.get("text") or {}).get("text"), option.get("value")
        if not text or len(text) > LONGEST_OPTION_TEXT:
            yield (
                f"must be 1 to {LONGEST_OPTION_TEXT} characters",
                f"{where}/options/text",
            )
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST_OPTION_VALUE:
            yield (
                f"must be 1 to {LONGEST_OPTION_VALUE} characters",
                f"{where}/options/value",
            )
        said = (option.get("description") or {}).get("text", "")
        if len(said) > LONGEST_OPTION_TEXT:
            yield (
                f"must be less than {LONGEST_OPTION_TEXT + 1} characters",
                f"{where}/options/description",
            )
    first = element.get(INITIAL_FIELDS.get(VALUE_FIELDS.get(element["type"], ""), ""))
    begun = first if isinstance(first, list) else [first] if first else []
    if any(one not in options for one in begun):
        yield "must be one of the options", f"{where}/initial_option"


def _external_faults(element: Json, where: str) -> Iterator[Fault]:
    """Yield what is wrong with a menu whose options the app suggests."""
    if "options" in element or "option_groups" in element:
        yield "unsupported field: options", f"{where}/options"
    if not element.get("action_id"):
        yield "missing required field: action_id", where
    least = element.get("min_query_length", USUAL_QUERY)
    if not isinstance(least, int) or least < 0:
        yield "must be a number of characters", f"{where}/min_query_length"


def _filter_faults(chosen: Json, where: str) -> Iterator[Fault]:
    """Yield what is wrong with the filter of a menu of conversations."""
    include = chosen.get("include")
    if include is not None and (not include or set(include) - CONVERSATION_TYPES):
        yield "must be types of conversations", f"{where}/filter/include"
    if not chosen:
        yield "must not be empty", f"{where}/filter"


def _text_faults(element: Json, where: str) -> Iterator[Fault]:
    least, most = element.get("min_length", 0), element.get("max_length", LONGEST_INPUT)
    if not 0 <= least <= LONGEST_INPUT or not 1 <= most <= LONGEST_INPUT:
        yield f"must be 1 to {LONGEST_INPUT}", f"{where}/max_length"
    if least > most:
        yield "min_length must not be greater than max_length", f"{where}/min_length"
    text = str(element.get("initial_value") or "")
    if text and not least <= len(text) <= most:
        yield "must be as long as the element asks for", f"{where}/initial_value"
