"""Builds a form with every kind of input that a settings modal needs."""

from __future__ import annotations

from typing import Any


def plain(text: str) -> dict[str, str]:
    """Return a text object for a label."""
    return {"type": "plain_text", "text": text}


def options(*values: str) -> list[dict[str, Any]]:
    """Return options whose labels are their values."""
    return [{"text": plain(value), "value": value} for value in values]


def asks(name: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a form's input block."""
    return {
        "type": "input",
        "block_id": name,
        "label": plain(name),
        "element": {"action_id": name, **element},
        **more,
    }


SELECT = {"type": "static_select", "options": options("mobile", "desk")}
RADIO = {
    "type": "radio_buttons",
    "options": options("always", "never"),
    "initial_option": options("always")[0],
}
BOXES = {"type": "checkboxes", "options": options("card", "thread")}
TEXT = {"type": "plain_text_input", "min_length": 2, "max_length": 5}
FORM = {
    "type": "modal",
    "callback_id": "settings",
    "title": plain("Settings"),
    "submit": plain("Save"),
    "close": plain("Cancel"),
    "notify_on_close": True,
    "private_metadata": "m",
    "blocks": [
        asks("first", SELECT),
        asks("prompt", RADIO),
        asks("shows", BOXES, optional=True),
        asks("region", TEXT, optional=True),
        asks("backup", {"type": "users_select"}, optional=True, dispatch_action=True),
        {
            "type": "actions",
            "block_id": "more",
            "elements": [
                {"type": "button", "action_id": "again", "text": plain("Read again")}
            ],
        },
    ],
}
