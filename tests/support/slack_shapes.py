"""Checks payloads and calls against Slack's own types, if they are available.

They are test data that lies beside the checkout, or where ``RINGOUT_TEST_DATA`` says;
without them there is nothing to check with, and tests that need it skip.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Mapping
from functools import cache
from types import ModuleType
from typing import Any

import jsonschema_rs

import event_shapes
import query_shapes
import shortcut_shapes
from checkout import SHARED

CHECKER = SHARED / "slack_check" / "slack_check.py"

CheckCall = Callable[[str, Mapping[str, Any]], list[str]]
CheckPayload = Callable[[str, Any], list[str]]

CHART = "data_visualization"
"""Slack's types don't have this block yet; the double checks it by itself."""

ANSWER = {"text", "blocks", "response_type", "replace_original", "delete_original"}
ANSWER |= {"thread_ts", "unfurl_links", "unfurl_media", "metadata", "url"}
"""What an ack or a post to a response_url may hold (Slack docs, "Message
responses"); ``url`` is the double's own word for which one it was."""


def checkers() -> tuple[CheckCall | None, CheckPayload | None]:
    """Return the checks of the bot's Web API calls and of the double's payloads."""
    module = _module()
    return (None if module is None else _check_call), _check_payload


def _check_payload(kind: str, payload: Any) -> list[str]:
    """Check the double's payload; actions in a view have no response_url."""
    if kind == "events_api":
        return event_shapes.problems(payload)
    if kind == "block_suggestion":
        return query_shapes.problems(payload)
    if kind in shortcut_shapes.BY_KIND:
        return shortcut_shapes.problems(kind, payload)
    module = _module()
    if module is None:
        return []
    problems: list[str] = module.check_payload(kind, payload)
    if payload.get("container", {}).get("type") == "view":
        return [one for one in problems if "response_url is missing" not in one]
    return problems


def _check_call(method: str, args: Mapping[str, Any]) -> list[str]:
    """Check a Web API call, an ack or a post to a response_url."""
    if method in event_shapes.BY_CALL:
        return event_shapes.problems_of_call(method, args)
    module = _module()
    if module is None:
        return []
    if isinstance(args.get("blocks"), list):
        left = [each for each in args["blocks"] if each.get("type") != CHART]
        args = {**args, "blocks": left}
    if method not in ("response_url", "ack"):
        found: list[str] = module.check_call(method, args)
        return found
    problems = [f"{name} is not a known field" for name in sorted(set(args) - ANSWER)]
    if args.get("blocks"):
        problems += module.check_blocks(args["blocks"])
    return problems


@cache
def _module() -> ModuleType | None:
    module = loaded()
    if module is not None:
        _hasten(module)
    return module


def loaded() -> ModuleType | None:
    """Return the checker's module, unchanged."""
    if not CHECKER.exists():
        return None
    spec = importlib.util.spec_from_file_location("slack_check", CHECKER)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _hasten(module: ModuleType) -> None:
    """Validate with compiled validators first; only faults take the slow path.

    The slow path takes ten times as long, and every message is checked.
    """
    explain, made = module.explain, {}

    def quickly(
        value: Any, schema: Any, definitions: Any, where: str, out: list[str]
    ) -> None:
        key = id(definitions), json.dumps(schema)
        if key not in made:
            whole = {**schema, "definitions": definitions}
            made[key] = jsonschema_rs.Draft7Validator(whole)
        if not made[key].is_valid(value):
            explain(value, schema, definitions, where, out)

    module.explain = quickly  # type: ignore[attr-defined]
