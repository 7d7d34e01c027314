"""The shapes of events and calls, which the vendor's schemas leave out.

Source: ``FunctionExecutedEvent``, ``AppMentionEvent``, ``GenericMessageEvent``,
``SubteamMembersChangedEvent`` and ``SubteamUpdatedEvent`` of Slack's own TypeScript types
(slackapi/node-slack-sdk, ``packages/types``), and Slack docs, "function_executed", "app_mention", "message.im", "functions.completeSuccess" and
"functions.completeError", "usergroups.users.list".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft7Validator

Shape = dict[str, Any]

TEXT: Shape = {"type": "string", "minLength": 1}
ANY_TEXT: Shape = {"type": "string"}
TS: Shape = {"type": "string", "pattern": r"^\d+\.\d{6}$"}
NUMBER: Shape = {"type": "integer"}


def _object(required: dict[str, Shape], optional: dict[str, Shape]) -> Shape:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **optional},
        "additionalProperties": False,
    }


PARAMETERS: Shape = {
    "type": "array",
    "items": _object(
        {"type": TEXT, "name": TEXT, "is_required": {"type": "boolean"}},
        {"description": ANY_TEXT, "title": ANY_TEXT},
    ),
}
FUNCTION = _object(
    {
        "id": TEXT,
        "callback_id": TEXT,
        "title": TEXT,
        "type": TEXT,
        "input_parameters": PARAMETERS,
        "output_parameters": PARAMETERS,
        "app_id": TEXT,
        "date_created": NUMBER,
        "date_updated": NUMBER,
        "date_deleted": NUMBER,
    },
    {"description": ANY_TEXT},
)
WRITTEN: dict[str, Shape] = {"user": TEXT, "ts": TS, "channel": TEXT, "event_ts": TS}
BESIDES: dict[str, Shape] = {
    "subtype": TEXT,
    "bot_id": TEXT,
    "bot_profile": {"type": "object"},
    "app_id": TEXT,
    "team": TEXT,
    "client_msg_id": TEXT,
    "thread_ts": TS,
    "parent_user_id": TEXT,
    "blocks": {"type": "array"},
    "attachments": {"type": "array"},
    "files": {"type": "array"},
    "upload": {"type": "boolean"},
    "edited": _object({"user": TEXT, "ts": TS}, {}),
}

IDS: Shape = {"type": "array", "items": TEXT}

BY_EVENT = {
    "subteam_members_changed": _object(
        {
            "type": {"const": "subteam_members_changed"},
            "subteam_id": TEXT,
            "team_id": TEXT,
            "date_previous_update": NUMBER,
            "date_update": NUMBER,
            "added_users": IDS,
            "added_users_count": NUMBER,
            "removed_users": IDS,
            "removed_users_count": NUMBER,
        },
        {"event_ts": TS},
    ),
    "subteam_updated": _object(
        {
            "type": {"const": "subteam_updated"},
            "subteam": {
                "type": "object",
                "required": ["id", "team_id", "is_usergroup", "date_delete", "users"],
                "properties": {"id": TEXT, "team_id": TEXT, "users": IDS},
            },
        },
        {"event_ts": TS},
    ),
    "function_executed": _object(
        {
            "type": {"const": "function_executed"},
            "function": FUNCTION,
            "inputs": {"type": "object"},
            "function_execution_id": TEXT,
            "workflow_execution_id": TEXT,
            "event_ts": TS,
            "bot_access_token": TEXT,
        },
        {},
    ),
    "app_mention": _object(
        {"type": {"const": "app_mention"}, "text": ANY_TEXT, **WRITTEN}, BESIDES
    ),
    "message": _object(
        {"type": {"const": "message"}, "channel_type": {"const": "im"}, **WRITTEN},
        {**BESIDES, "text": ANY_TEXT},
    ),
}

BY_CALL = {
    "usergroups.users.list": _object(
        {"usergroup": TEXT}, {"team_id": TEXT, "include_disabled": ANY_TEXT}
    ),
    "functions.completeSuccess": _object(
        {"function_execution_id": TEXT, "outputs": {"type": "object"}}, {}
    ),
    "functions.completeError": _object(
        {"function_execution_id": TEXT, "error": TEXT}, {}
    ),
}


def problems(payload: Any) -> list[str]:
    """Return what is wrong with an event's payload; other events are not checked."""
    event = payload["event"]
    return _wrong(BY_EVENT.get(event.get("type")), event, event.get("type"))


def problems_of_call(method: str, args: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the arguments of a call in `BY_CALL`."""
    given = {name: value for name, value in args.items() if name != "token"}
    return _wrong(BY_CALL[method], given, method)


def _wrong(shape: Shape | None, value: Any, what: str) -> list[str]:
    if shape is None:
        return []
    found = Draft7Validator(shape).iter_errors(value)
    return [f"{what}: {each.json_path}: {each.message}" for each in found]
