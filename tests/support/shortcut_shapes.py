"""The shapes of Slack's shortcut payloads, which the vendor's schemas leave out.

Source: ``MessageShortcut`` and ``GlobalShortcut`` of Slack's own TypeScript types
(slackapi/bolt-js, ``src/types/shortcuts``), and Slack docs, "Shortcut interaction
payload". An app that a whole organization installed is sent a null ``team``.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft7Validator

Shape = dict[str, Any]

TEXT: Shape = {"type": "string", "minLength": 1}


def _object(required: dict[str, Shape], optional: dict[str, Shape]) -> Shape:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **optional},
        "additionalProperties": False,
    }


TEAM = _object(
    {"id": TEXT, "domain": TEXT}, {"enterprise_id": TEXT, "enterprise_name": TEXT}
)
COMMON: dict[str, Shape] = {
    "callback_id": TEXT,
    "trigger_id": TEXT,
    "team": {"anyOf": [{"type": "null"}, TEAM]},
    "token": TEXT,
    "action_ts": TEXT,
    "api_app_id": TEXT,
    "is_enterprise_install": {"type": "boolean"},
}
ENTERPRISE = {"enterprise": _object({"id": TEXT, "name": TEXT}, {})}
MESSAGE: Shape = {
    "type": "object",
    "required": ["type", "ts"],
    "properties": {
        "type": {"const": "message"},
        "ts": TEXT,
        "user": TEXT,
        "text": {"type": "string"},
        "blocks": {"type": "array"},
        "thread_ts": TEXT,
        "bot_id": TEXT,
    },
}

BY_KIND = {
    "message_action": _object(
        {
            **COMMON,
            "type": {"const": "message_action"},
            "message_ts": TEXT,
            "response_url": TEXT,
            "message": MESSAGE,
            "user": _object({"id": TEXT, "name": TEXT}, {"team_id": TEXT}),
            "channel": _object({"id": TEXT, "name": TEXT}, {}),
        },
        ENTERPRISE,
    ),
    "shortcut": _object(
        {
            **COMMON,
            "type": {"const": "shortcut"},
            "user": _object({"id": TEXT, "username": TEXT, "team_id": TEXT}, {}),
        },
        ENTERPRISE,
    ),
}


def problems(kind: str, payload: Any) -> list[str]:
    """Return what is wrong with a shortcut's payload; *kind* is its ``type``."""
    found = Draft7Validator(BY_KIND[kind]).iter_errors(payload)
    return [f"{kind}: {each.json_path}: {each.message}" for each in found]
