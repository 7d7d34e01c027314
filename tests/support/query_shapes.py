"""The shape of Slack's query for a menu's options, which the vendor's schemas leave out.

Source: ``BlockSuggestion`` of Slack's own TypeScript types (slackapi/bolt-js,
``src/types/options``), and Slack docs, "Select menu element". An app that a whole
organization installed is sent a null ``team``.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft7Validator

TEXT = {"type": "string", "minLength": 1}
OBJECT = {"type": "object"}

QUERY: dict[str, Any] = {
    "type": "object",
    "required": [
        "type",
        "action_id",
        "block_id",
        "value",
        "api_app_id",
        "team",
        "user",
        "token",
        "container",
    ],
    "properties": {
        "type": {"const": "block_suggestion"},
        "action_id": TEXT,
        "block_id": TEXT,
        "value": {"type": "string"},
        "api_app_id": TEXT,
        "team": {
            "anyOf": [
                {"type": "null"},
                {
                    "type": "object",
                    "required": ["id", "domain"],
                    "properties": {
                        "id": TEXT,
                        "domain": TEXT,
                        "enterprise_id": TEXT,
                        "enterprise_name": TEXT,
                    },
                    "additionalProperties": False,
                },
            ]
        },
        "user": {
            "type": "object",
            "required": ["id", "name"],
            "properties": {"id": TEXT, "name": TEXT, "team_id": TEXT},
            "additionalProperties": False,
        },
        "token": TEXT,
        "container": OBJECT,
        "channel": OBJECT,
        "message": OBJECT,
        "view": OBJECT,
        "is_enterprise_install": {"type": "boolean"},
        "enterprise": {"type": ["object", "null"]},
    },
    "additionalProperties": False,
}


def problems(payload: Any) -> list[str]:
    """Return what is wrong with a query's payload."""
    found = Draft7Validator(QUERY).iter_errors(payload)
    return [f"block_suggestion: {each.json_path}: {each.message}" for each in found]
