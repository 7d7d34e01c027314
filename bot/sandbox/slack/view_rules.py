"""Slack's checks of modals and Home tabs.

Source: Slack docs, "Modal views", "App Home views", "Block Kit: blocks" and
"elements". Slack documents the error words, but not the messages with them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.slack.answers import Json, Problem
from bot.sandbox.slack.content import LONGEST_SECTION, MOST_IN_VIEW
from bot.sandbox.slack.element_rules import (
    LONGEST_ID,
    Fault,
    element_faults,
    elements_in,
)
from bot.sandbox.slack.inputs import VALUE_FIELDS, inputs

LARGEST_VIEW = 250_000
"""Bytes of a view's JSON. The limits below are characters."""

LONGEST_TITLE = 24
LONGEST_FIELDS = {"private_metadata": 3000, "callback_id": 255, "external_id": 255}
LONGEST_LABEL = LONGEST_HINT = 2000

REFUSED_BLOCKS = {
    "modal": {"table", "data_table", "markdown", "call", "file", "card", "carousel"},
    "home": {"data_table", "markdown", "call", "file", "card", "carousel", "alert"},
}
"""Block types that are refused in a view of this type; most are for messages alone."""


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
    text = block.get("text")
    said = text.get("text") if isinstance(text, dict) else ""
    if block["type"] == "section" and len(str(said)) > LONGEST_SECTION:
        yield f"must be less than {LONGEST_SECTION + 1} characters", f"{where}/text"
    if block["type"] == "input":
        yield from _input_faults(block, where)
    names = []
    for element in elements_in(block):
        names.append(element.get("action_id"))
        yield from element_faults(element, where)
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        yield "`action_id` values must be unique in a block", where


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
