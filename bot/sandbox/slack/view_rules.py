"""Slack's checks of modals and Home tabs.

Source: Slack docs, "Modal views", "App Home views", "Block Kit: blocks" and
"elements". Slack documents the error words, but not the messages with them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.slack.answers import Json, Problem
from bot.sandbox.slack.content import MOST_IN_VIEW
from bot.sandbox.slack.inputs import INITIAL_FIELDS, VALUE_FIELDS, inputs, options_of

LARGEST_VIEW = 250_000
"""Bytes of a view's JSON. The limits below are characters."""

LONGEST_TITLE = 24
LONGEST_FIELDS = {"private_metadata": 3000, "callback_id": 255, "external_id": 255}
LONGEST_ID = 255
LONGEST_LABEL = LONGEST_HINT = 2000
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

REFUSED_BLOCKS = {
    "modal": {"table", "data_table", "markdown", "call", "file", "card", "carousel"},
    "home": {"data_table", "markdown", "call", "file", "card", "carousel", "alert"},
}
"""Block types that are refused in a view of this type; most are for messages alone."""

Fault = tuple[str, str]
"""What is wrong, and a JSON pointer to it."""


def check(view: Json) -> None:
    """Check a view.

    Raises:
        Problem: ``view_too_large`` or ``invalid_arguments``.
    """
    if len(json.dumps(view).encode()) > LARGEST_VIEW:
        raise Problem("view_too_large")
    for message, pointer in _faults(view):
        raise invalid(message, pointer)


def invalid(message: str, pointer: str) -> Problem:
    """Return the problem for an error at *pointer* in a view."""
    return Problem.invalid(
        "invalid_arguments", f"{message} [json-pointer:/view{pointer}]"
    )


def _faults(view: Json) -> Iterator[Fault]:
    blocks = view.get("blocks")
    if not isinstance(blocks, list):
        yield "missing required field: blocks", ""
        return
    if len(blocks) > MOST_IN_VIEW:
        yield f"no more than {MOST_IN_VIEW} items allowed", "/blocks"
    for name, most in LONGEST_FIELDS.items():
        if len(str(view.get(name) or "")) > most:
            yield f"must be less than {most + 1} characters", f"/{name}"
    if view["type"] == "modal":
        yield from _modal_faults(view)
    for at, block in enumerate(blocks):
        yield from _block_faults(block, f"/blocks/{at}", REFUSED_BLOCKS[view["type"]])


def _modal_faults(view: Json) -> Iterator[Fault]:
    for name in ("title", "submit", "close"):
        text = view.get(name)
        if text is None and name != "title":
            continue
        if not isinstance(text, dict) or text.get("type") != "plain_text":
            yield f"missing required field: {name}", ""
        elif not 0 < len(str(text.get("text", ""))) <= LONGEST_TITLE:
            yield f"must be 1 to {LONGEST_TITLE} characters", f"/{name}/text"
    if view.get("submit") is None and any(
        isinstance(block, dict) and block.get("type") == "input"
        for block in view["blocks"]
    ):
        yield "`submit` is required when an `input` block is in the modal", "/submit"


def _block_faults(block: Any, where: str, unknown_here: set[str]) -> Iterator[Fault]:
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        yield "must be an object with a type", where
        return
    if block["type"] in unknown_here:
        yield f"unsupported type: {block['type']}", f"{where}/type"
    if len(str(block.get("block_id", ""))) > LONGEST_ID:
        yield f"must be less than {LONGEST_ID + 1} characters", f"{where}/block_id"
    if block["type"] == "input":
        yield from _input_faults(block, where)
    names = []
    for element in _elements(block):
        names.append(element.get("action_id"))
        yield from _element_faults(element, where)
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        yield "`action_id` values must be unique in a block", where


def _elements(block: Json) -> Iterator[Json]:
    inside = [*(block.get("elements") or ()), block.get("accessory")]
    for element in [*inside, block.get("element")]:
        if isinstance(element, dict) and "type" in element:
            yield element


def _input_faults(block: Json, where: str) -> Iterator[Fault]:
    if not isinstance(block.get("element"), dict):
        yield "missing required field: element", where
    elif block["element"].get("type") not in VALUE_FIELDS:
        kind = block["element"].get("type")
        yield f"unsupported type: {kind}", f"{where}/element/type"
    label = block.get("label")
    if not isinstance(label, dict) or not label.get("text"):
        yield "missing required field: label", where
    for name, most in (("label", LONGEST_LABEL), ("hint", LONGEST_HINT)):
        text = block.get(name)
        if isinstance(text, dict) and len(str(text.get("text", ""))) > most:
            yield f"must be less than {most + 1} characters", f"{where}/{name}/text"


def _element_faults(element: Json, where: str) -> Iterator[Fault]:
    if len(str(element.get("action_id", ""))) > LONGEST_ID:
        yield f"must be less than {LONGEST_ID + 1} characters", f"{where}/action_id"
    placeholder = element.get("placeholder")
    text = placeholder.get("text", "") if isinstance(placeholder, dict) else ""
    if len(str(text)) > LONGEST_PLACEHOLDER:
        yield (
            f"must be less than {LONGEST_PLACEHOLDER + 1} characters",
            f"{where}/placeholder",
        )
    if element["type"] in MOST_OPTIONS:
        yield from _option_faults(element, where)
    if element["type"] == "plain_text_input":
        yield from _text_faults(element, where)


def _option_faults(element: Json, where: str) -> Iterator[Fault]:
    options, most = options_of(element), MOST_OPTIONS[element["type"]]
    if not 0 < len(options) <= most:
        yield f"must have 1 to {most} items", f"{where}/options"
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
    first = element.get(INITIAL_FIELDS.get(VALUE_FIELDS.get(element["type"], ""), ""))
    begun = first if isinstance(first, list) else [first] if first else []
    if any(one not in options for one in begun):
        yield "must be one of the options", f"{where}/initial_option"


def _text_faults(element: Json, where: str) -> Iterator[Fault]:
    least, most = element.get("min_length", 0), element.get("max_length", LONGEST_INPUT)
    if not 0 <= least <= LONGEST_INPUT or not 1 <= most <= LONGEST_INPUT:
        yield f"must be 1 to {LONGEST_INPUT}", f"{where}/max_length"
    if least > most:
        yield "min_length must not be greater than max_length", f"{where}/min_length"
    text = str(element.get("initial_value") or "")
    if text and not least <= len(text) <= most:
        yield "must be as long as the element asks for", f"{where}/initial_value"


def check_answers(source: Mapping[str, Any], errors: Any) -> dict[str, str]:
    """Return the field errors in the bot's answer to a submission, by block.

    Raises:
        Problem: There are none, or one is about no input of the view. Slack's client
            then shows only that something failed.
    """
    known = {block["block_id"] for block, _ in inputs(source["blocks"])}
    if not isinstance(errors, dict) or not errors or not set(errors) <= known:
        raise Problem("invalid_response_action")
    return {block: str(text) for block, text in errors.items()}
