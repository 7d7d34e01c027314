"""A person's profile in Slack, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.calls.call import Place
from bot.calls.people.standing import Standing

SLACKBOT = "USLACKBOT"
"""Slackbot, for which users.info says that it is no bot."""

GUEST_FLAGS = ("is_restricted", "is_ultra_restricted")
"""A multi-channel guest has the first, a single-channel guest both (Slack docs, "User
object")."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as their workspace sees them; every text is what they typed themselves.

    Attributes:
        phone: Free text: it may be empty, or not a phone number.
        tz: Their time zone's IANA name, such as ``Europe/London``; empty if unknown.
        deleted: Whether they were deactivated.
        is_bot: Whether this is an app, not a person.
        is_stranger: Whether they belong to another organization (Slack Connect).
        is_guest: Whether they are a guest, in one channel or several.
    """

    user: str
    name: str = ""
    phone: str = ""
    tz: str = ""
    deleted: bool = False
    is_bot: bool = False
    is_stranger: bool = False
    is_guest: bool = False

    @property
    def standing(self) -> Standing:
        """What they are in the workspace."""
        if self.deleted:
            return Standing.DEACTIVATED
        if self.is_bot:
            return Standing.APP
        if self.is_stranger:
            return Standing.STRANGER
        return Standing.GUEST if self.is_guest else Standing.MEMBER

    @classmethod
    def read(cls, data: Any, place: Place, user: str) -> Profile:
        """Read the ``user`` of a ``users.info`` answer, as seen from *place*.

        Source: Slack docs, "users.info", "User object", "Slack Connect".
        """
        found = data if isinstance(data, dict) else {}
        profile = found.get("profile")
        told = profile if isinstance(profile, dict) else {}
        name = _text(told, "real_name", "display_name")
        return cls(
            user=user,
            name=name or _text(found, "real_name", "name"),
            phone=_text(told, "phone"),
            tz=_text(found, "tz"),
            deleted=found.get("deleted") is True,
            is_bot=found.get("is_bot") is True or user == SLACKBOT,
            is_stranger=_is_stranger(found, place),
            is_guest=any(found.get(each) is True for each in GUEST_FLAGS),
        )


def _is_stranger(found: dict[str, Any], place: Place) -> bool:
    """Return whether the person belongs to neither this workspace nor its organization."""
    if found.get("is_stranger") is True:
        return True
    team = _text(found, "team_id")
    if team in {"", place.team, place.enterprise}:
        return False
    grid = found.get("enterprise_user")
    theirs = _text(grid if isinstance(grid, dict) else {}, "enterprise_id")
    return not place.enterprise or theirs != place.enterprise


def _text(source: dict[str, Any], *names: str) -> str:
    for name in names:
        value = source.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""
