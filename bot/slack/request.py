"""What a handler is given, read from Slack's payload in one place."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.calls.call import Place
from bot.slack.text import Message


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
            team=_text(body.get("team") or body.get("user") or {}, "id", "team_id"),
            channel=_text(channel, "id", "channel_id"),
            user=_text(body.get("user") or {}, "id"),
            enterprise=_text(body.get("enterprise") or {}, "id"),
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
        )

    @classmethod
    def from_view(cls, body: dict[str, Any], envelope: str = "") -> Request:
        """Read a submitted modal (Slack docs, ``view_submission`` payload)."""
        user = body.get("user") or {}
        place = Place(
            team=_text(body.get("team") or {}, "id") or _text(user, "team_id"),
            channel="",
            user=_text(user, "id"),
            enterprise=_text(body.get("enterprise") or {}, "id"),
        )
        return cls(_key(body, envelope), place, "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered in the ack, and what may be said later.

    ``later`` runs after the ack; its message goes to the response_url.
    """

    now: Message | None = None
    later: Callable[[], Awaitable[Message | None]] | None = None


def kind_of(body: dict[str, Any]) -> str:
    """Return what Slack sent: a command, an action, or something else."""
    if "command" in body:
        return "command"
    return "action" if body.get("type") == "block_actions" else "other"


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


def _key(body: dict[str, Any], envelope: str) -> str:
    trigger = _text(body, "trigger_id")
    if trigger:
        return trigger[:128]
    if envelope:
        return f"envelope {envelope}"[:128]
    seed = _text(body, "response_url") or repr(sorted(body.items(), key=str))
    return hashlib.sha256(seed.encode()).hexdigest()
