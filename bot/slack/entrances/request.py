"""What a handler is given, read from Slack's payload in one place."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from bot.calls.call import Place
from bot.slack.texts.text import Block, Message


@dataclass(frozen=True, slots=True)
class Request:
    """A command that was typed, or a button that was pressed.

    ``key`` makes it unique: the ``trigger_id``, else the envelope's id, else a hash of
    the ``response_url``, which Slack makes anew for each.
    """

    key: str
    place: Place
    text: str
    response_url: str = ""
    trigger: str = ""
    """What lets a modal be opened, for three seconds."""
    label: str = ""
    """How the person is shown where Slack's own mention does not work."""
    view: str = ""
    """The modal that it comes from; empty for a message or the Home tab."""
    state: Any = field(default=None, repr=False, compare=False)
    """What was filled in, as Slack tells it; it may hold a credential."""

    @classmethod
    def from_command(cls, body: dict[str, Any], envelope: str = "") -> Request:
        """Read a slash command (Slack docs, "Slash commands", payload)."""
        place = Place(
            team=_text(body, "team_id"),
            channel=_text(body, "channel_id"),
            user=_text(body, "user_id"),
            enterprise=_text(body, "enterprise_id"),
        )
        return cls(
            _key(body, envelope),
            place,
            _text(body, "text"),
            _text(body, "response_url"),
            _text(body, "trigger_id"),
            _label(_text(body, "user_name"), _text(body, "team_domain")),
        )

    @classmethod
    def from_action(
        cls, body: dict[str, Any], action: dict[str, Any], envelope: str = ""
    ) -> Request:
        """Read a pressed button (Slack docs, ``block_actions`` payload)."""
        channel = body.get("channel") or body.get("container") or {}
        place = Place(
            team=_team(body),
            channel=_text(channel, "id", "channel_id"),
            user=_text(body.get("user") or {}, "id"),
            enterprise=_enterprise(body),
        )
        return cls(
            _key(body, envelope),
            place,
            _text(action, "value"),
            _text(body, "response_url"),
            _text(body, "trigger_id"),
            _label(
                _text(body.get("user") or {}, "username", "name"),
                _text(body.get("team") or {}, "domain"),
            ),
            _modal(body.get("view")),
        )

    @classmethod
    def from_view(cls, body: dict[str, Any], envelope: str = "") -> Request:
        """Read a submitted modal (Slack docs, ``view_submission`` payload)."""
        user = body.get("user") or {}
        place = Place(
            team=_team(body),
            channel="",
            user=_text(user, "id"),
            enterprise=_enterprise(body),
        )
        view = body.get("view")
        return cls(
            _key(body, envelope),
            place,
            "",
            view=_modal(view),
            state=view.get("state") if isinstance(view, dict) else None,
        )


@dataclass(frozen=True, slots=True)
class Event:
    """What Slack tells by itself (Slack docs, "Events API", the outer event).

    Attributes:
        id: The same for each delivery of the same event.
        kind: Its name, as in the manifest.
        at: When it happened, in seconds since the epoch by Slack's clock.
        wide: Whether it is about an organization's installation, not a workspace's.
        tab: ``home`` or ``messages``, of ``app_home_opened``.
        deleted: Whether the user of a ``user_change`` was deactivated.
        bots: Ids of bot users whose tokens were revoked.
        people: Ids of those who took back what they had allowed.
        teams: Workspaces that an organization let in or put out.
    """

    id: str
    kind: str
    enterprise: str
    team: str
    at: float = 0.0
    user: str = ""
    channel: str = ""
    wide: bool = False
    tab: str = ""
    deleted: bool = False
    bots: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()

    @classmethod
    def from_body(cls, body: dict[str, Any]) -> Event:
        """Read an event."""
        event = body.get("event")
        inner: dict[str, Any] = event if isinstance(event, dict) else {}
        user = inner.get("user")
        whom: dict[str, Any] = user if isinstance(user, dict) else {}
        tokens = inner.get("tokens")
        revoked: dict[str, Any] = tokens if isinstance(tokens, dict) else {}
        enterprise, team = space_of(body)
        if whom and not enterprise:  # it may be about somebody of another workspace
            team = _text(whom, "team_id") or team
        at = body.get("event_time")
        return cls(
            id=_text(body, "event_id"),
            kind=_text(inner, "type"),
            enterprise=enterprise,
            team=team,
            at=float(at) if isinstance(at, int | float) else 0.0,
            user=_text(whom, "id") or _text(inner, "user"),
            channel=_text(inner, "channel"),
            wide=_is_wide(body, team),
            tab=_text(inner, "tab"),
            deleted=whom.get("deleted") is True,
            bots=_texts(revoked.get("bot")),
            people=_texts(revoked.get("oauth")),
            teams=_texts(inner.get("team_ids")),
        )

    @property
    def place(self) -> Place:
        """Where the person is whom it is about."""
        return Place(self.team, self.channel, self.user, self.enterprise)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered in the ack, and what may be said later.

    ``later`` runs after the ack; its message goes to the response_url.
    """

    now: Message | None = None
    later: Callable[[], Awaitable[Message | None]] | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a form is answered with, and what may be said later.

    ``answer`` is Slack's (docs, "Modals", "Handling submissions"); none closes the
    form. ``later`` runs after it; its message goes to the person privately.
    """

    answer: Block | None = None
    later: Callable[[], Awaitable[Message | None]] | None = None

    @classmethod
    def wrong(cls, errors: dict[str, str]) -> Submitted:
        """Complain of inputs, by block."""
        return cls({"response_action": "errors", "errors": errors})

    @classmethod
    def instead(
        cls,
        view: Block,
        later: Callable[[], Awaitable[Message | None]] | None = None,
    ) -> Submitted:
        """Put another view in the form's place."""
        return cls({"response_action": "update", "view": view}, later)


LEAVING = ("app_uninstalled", "team_access_revoked", "tokens_revoked")
"""Events of a workspace whose token is gone by then."""


def kind_of(body: dict[str, Any]) -> str:
    """Return what Slack sent: a command, an action, an event, or something else."""
    if "command" in body:
        return "command"
    kind = body.get("type")
    if kind == "event_callback":
        return "event"
    return "action" if kind == "block_actions" else "other"


def space_of(body: dict[str, Any]) -> tuple[str, str]:
    """Return the enterprise's and the workspace's id that a payload is for.

    An event names the installation that it is shown to in ``authorizations``, where
    the team is null for an organization's: then the workspace where it happened counts.
    """
    shown = body.get("authorizations")
    first = shown[0] if isinstance(shown, list) and shown else {}
    return (
        _enterprise(body)
        or _text(first, "enterprise_id")
        or _text(body, "enterprise_id"),
        _text(body.get("view") or {}, "app_installed_team_id")
        or _text(body.get("team") or {}, "id")
        or _text(first, "team_id")
        or _text(body, "team_id")
        or _text(body.get("user") or {}, "team_id"),
    )


def _is_wide(body: dict[str, Any], team: str) -> bool:
    shown = body.get("authorizations")
    first = shown[0] if isinstance(shown, list) and shown else {}
    is_wide = isinstance(first, dict) and first.get("is_enterprise_install") is True
    return is_wide or not team.startswith("T")


def needs_workspace(body: dict[str, Any]) -> bool:
    """Return whether a payload is answered only for a workspace that is installed."""
    if _text(body, "type") in {"url_verification", "ssl_check"}:
        return False
    kind = _text(body.get("event"), "type")
    return _text(body, "type") != "event_callback" or kind not in LEAVING


def _enterprise(body: dict[str, Any]) -> str:
    return _text(body.get("enterprise") or {}, "id") or _text(
        body.get("team") or {}, "enterprise_id"
    )


def _team(body: dict[str, Any]) -> str:
    """Return the workspace of who pressed a button.

    In a channel that two companies share, that is not always the app's: a stranger's
    user id could be that of somebody here. Within one organization it is the same
    person in all workspaces, and the one where the button stands counts.
    """
    here = _text(body.get("team") or {}, "id")
    theirs = _text(body.get("user") or {}, "team_id")
    if not here or (theirs and not _enterprise(body)):
        return theirs or here
    return here


def _modal(view: Any) -> str:
    return _text(view, "id") if _text(view, "type") == "modal" else ""


def _label(user: str, team: str) -> str:
    return f"@{user or 'you'}" + (f" in {team}" if team else "")


def _text(source: Any, *names: str) -> str:
    if not isinstance(source, dict):
        return ""
    for name in names:
        value = source.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def _texts(source: Any) -> tuple[str, ...]:
    items = source if isinstance(source, list) else []
    return tuple(each for each in items if isinstance(each, str) and each)


def _key(body: dict[str, Any], envelope: str) -> str:
    trigger = _text(body, "trigger_id")
    if trigger:
        return trigger[:128]
    if envelope:
        return f"envelope {envelope}"[:128]
    seed = _text(body, "response_url") or repr(sorted(body.items(), key=str))
    return hashlib.sha256(seed.encode()).hexdigest()
