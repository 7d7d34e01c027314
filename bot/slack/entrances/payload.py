"""Reads parts of Slack's payloads: their kind, their workspace, texts and objects.

A part that is missing or has another type counts as empty; nothing here raises.
"""

from __future__ import annotations

from typing import Any

EVENTS_PATH = "/slack/events"
"""The path of the bot's public address to which Slack sends everything."""

ENVELOPE_HEADER = "x-slack-envelope-id"
"""Our own header: it carries a Socket Mode envelope's id to the listeners."""

TOKEN_GONE = ("app_uninstalled", "team_access_revoked", "tokens_revoked")
"""Events of a workspace whose bot token is revoked by the time they arrive."""


def text_of(source: Any, *names: str) -> str:
    """Return the first text under one of *names* that is not empty, else ``""``."""
    if not isinstance(source, dict):
        return ""
    for name in names:
        value = source.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def texts_of(source: Any) -> tuple[str, ...]:
    """Return the texts in a list, without the empty ones."""
    items = source if isinstance(source, list) else []
    return tuple(each for each in items if isinstance(each, str) and each)


def number_of(source: dict[str, Any], name: str) -> float:
    """Return the number under *name*, else 0."""
    value = source.get(name)
    try:
        return float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:  # a JSON integer of hundreds of digits
        return 0.0


def object_of(source: Any, name: str) -> dict[str, Any]:
    """Return the object under *name*, else an empty one."""
    value = source.get(name) if isinstance(source, dict) else None
    return value if isinstance(value, dict) else {}


def first_of(source: Any, name: str) -> dict[str, Any]:
    """Return the first object of the list under *name*, else an empty one."""
    items = source.get(name) if isinstance(source, dict) else None
    first = items[0] if isinstance(items, list) and items else None
    return first if isinstance(first, dict) else {}


def kind_of(body: dict[str, Any]) -> str:
    """Return ``command``, ``action``, ``event`` or ``other``, for the metrics."""
    if "command" in body:
        return "command"
    kind = body.get("type")
    if kind == "event_callback":
        return "event"
    return "action" if kind == "block_actions" else "other"


def needs_workspace(body: dict[str, Any]) -> bool:
    """Return whether a payload is handled only if its workspace is installed."""
    kind = text_of(body, "type")
    if kind in {"url_verification", "ssl_check"}:
        return False
    event = text_of(object_of(body, "event"), "type")
    return kind != "event_callback" or event not in TOKEN_GONE


def workspace_of(body: dict[str, Any]) -> tuple[str, str]:
    """Return the ids of the enterprise and of the workspace that a payload is for.

    An event names its installation in ``authorizations``. There the team is null if a
    whole organization installed the app; the event's own workspace is taken then.
    """
    installation = first_of(body, "authorizations")
    return (
        enterprise_of(body)
        or text_of(installation, "enterprise_id")
        or text_of(body, "enterprise_id"),
        text_of(object_of(body, "view"), "app_installed_team_id")
        or text_of(object_of(body, "team"), "id")
        or text_of(installation, "team_id")
        or text_of(body, "team_id")
        or text_of(object_of(body, "user"), "team_id"),
    )


def is_org_wide(body: dict[str, Any], team: str) -> bool:
    """Return whether an event is about a whole organization's installation."""
    installation = first_of(body, "authorizations")
    return installation.get("is_enterprise_install") is True or not team.startswith("T")


def enterprise_of(body: dict[str, Any]) -> str:
    """Return the enterprise's id in a payload of an interaction; empty if there is none."""
    return text_of(object_of(body, "enterprise"), "id") or text_of(
        object_of(body, "team"), "enterprise_id"
    )


def team_of(body: dict[str, Any]) -> str:
    """Return the workspace of the person who pressed a button or submitted a form.

    In a channel shared by two companies it may differ from the app's workspace: there
    the same user id may be somebody else. Within one organization a person has one id
    everywhere, and the workspace where they pressed is returned.
    """
    here = text_of(object_of(body, "team"), "id")
    theirs = text_of(object_of(body, "user"), "team_id")
    if not here or (theirs and not enterprise_of(body)):
        return theirs or here
    return here
