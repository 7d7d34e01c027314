"""Reads parts of Slack's payloads: their kind, their workspace, texts and objects.

A part that is missing or has another type counts as empty; nothing here raises.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.calls.call import Place
from bot.slack.posting.origin import stamp_of

EVENTS_PATH = "/slack/events"
"""The path of the bot's public address to which Slack sends everything."""

ENVELOPE_HEADER = "x-slack-envelope-id"
"""Our own header: it carries a Socket Mode envelope's id to the listeners."""

TOKEN_GONE = ("app_uninstalled", "team_access_revoked", "tokens_revoked")
"""Events of a workspace whose bot token is revoked by the time they arrive."""

KINDS = {
    "block_actions": "action",
    "block_suggestion": "query",
    "event_callback": "event",
    "message_action": "shortcut",
    "shortcut": "shortcut",
}
"""By the ``type`` of a payload: the kinds that are counted by themselves."""


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
    """Return the kind of a payload, for the metrics; ``other`` for those not in `KINDS`."""
    if "command" in body:
        return "command"
    return KINDS.get(text_of(body, "type"), "other")


def needs_workspace(body: dict[str, Any]) -> bool:
    """Return whether a payload is handled only if its workspace is installed."""
    kind = text_of(body, "type")
    if kind in {"url_verification", "ssl_check"}:
        return False
    event = text_of(object_of(body, "event"), "type")
    return kind != "event_callback" or event not in TOKEN_GONE


def workspace_of(body: dict[str, Any]) -> tuple[str, str]:
    """Return the ids of the enterprise and of the workspace that a payload is for."""
    return workspaces_of(body)[0]


def workspaces_of(body: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return enterprise and workspace of a payload, the likeliest first.

    There are two for a view that somebody of another workspace uses: Slack names their
    enterprise, which need not be that of the workspace where the app is installed.
    """
    installation = installation_of(body)
    if installation:
        return (_installed_at(installation, body),)
    enterprise = enterprise_of(body) or text_of(body, "enterprise_id")
    here = text_of(object_of(body, "team"), "id")
    view = object_of(body, "view")
    installed = text_of(view, "app_installed_team_id")
    if installed and here and installed != here:
        stamp = stamp_of(view)
        if stamp is not None and stamp.team == installed:
            enterprise = stamp.enterprise
        return (enterprise, installed), ("", installed)
    theirs = text_of(object_of(body, "user"), "team_id")
    return ((enterprise, installed or here or text_of(body, "team_id") or theirs),)


def installation_of(body: dict[str, Any]) -> dict[str, Any]:
    """Return the installation of the app that an event is sent to; empty if none is named.

    Slack names one in ``authorizations``; it has named more for a shared channel. Then it
    is that of the person whom the event is about, or of Slack's ``context_team_id``.
    """
    listed = body.get("authorizations")
    items = listed if isinstance(listed, list) else []
    named = [each for each in items if isinstance(each, dict) and each]
    person = object_of(object_of(body, "event"), "user")
    for team in (text_of(person, "team_id"), text_of(body, "context_team_id")):
        for each in named:
            if team and text_of(each, "team_id") == team:
                return each
    return named[0] if named else {}


def _installed_at(
    installation: dict[str, Any], body: dict[str, Any]
) -> tuple[str, str]:
    """Return where an event's installation is, which goes before the event's own ids.

    In a shared channel those are the other company's. A null enterprise means that there
    is none. A null team means that the whole organization has installed the app: then the
    event's workspace counts, if it is one of that organization.
    """
    team = text_of(installation, "team_id")
    enterprise = text_of(installation, "enterprise_id")
    if "enterprise_id" not in installation and team in {"", text_of(body, "team_id")}:
        enterprise = text_of(body, "enterprise_id")
    if team:
        return enterprise, team
    for prefix in ("", "context_"):
        if text_of(body, f"{prefix}enterprise_id") == enterprise:
            team = team or text_of(body, f"{prefix}team_id")
    return enterprise, team


def is_org_wide(body: dict[str, Any], team: str) -> bool:
    """Return whether an event is about a whole organization's installation."""
    return is_whole(installation_of(body)) or not team.startswith("T")


def is_whole(source: dict[str, Any]) -> bool:
    """Return whether a payload or installation says that an organization installed it."""
    return source.get("is_enterprise_install") in (True, "true")


def enterprise_of(body: dict[str, Any]) -> str:
    """Return the enterprise's id in a payload of an interaction; empty if there is none."""
    return text_of(object_of(body, "enterprise"), "id") or text_of(
        object_of(body, "team"), "enterprise_id"
    )


def place_of(body: dict[str, Any], channel: str = "") -> Place:
    """Return who pressed a button or submitted a form, and where.

    A view says itself where it was opened (`origin`). In the Home tab the workspace that
    Slack names goes first: the tab is not opened anew in each.
    """
    user = text_of(object_of(body, "user"), "id")
    place = Place(team_of(body), channel, user, enterprise_of(body))
    view = object_of(body, "view")
    stamp = stamp_of(view)
    if stamp is None or not _is_theirs(stamp, place, body):
        return place
    if text_of(view, "type") == "home" and text_of(object_of(body, "team"), "id"):
        return place
    return replace(stamp, channel=channel)


def _is_theirs(stamp: Place, place: Place, body: dict[str, Any]) -> bool:
    """Return whether a view's stamp is of the person from whom the payload comes.

    Within an organization a person has one id in all workspaces. Elsewhere the same id
    may be somebody else in another workspace.
    """
    if stamp.user != place.user:
        return False
    if place.enterprise:
        return stamp.enterprise == place.enterprise
    if stamp.enterprise:
        return is_whole(body) or not object_of(body, "team")
    return stamp.team == place.team or not place.team


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
