"""What Slack tells of a person: their name, phone, time zone, and whether they are one."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from bot.calls.call import Place
from bot.clock import Clock
from bot.errors import ChatUnknown
from bot.slack.posting.spaces import Spaces
from bot.slack.posting.web import ask

KEPT_FOR = 300.0
"""Seconds: who mends the phone in their profile is not asked to wait for long, and
users.info has a limit (Slack docs, "Rate limits", Tier 4: 100 a minute)."""

MOST = 1_000
"""Profiles remembered; the one that was read longest ago goes first."""

SLACKBOT = "USLACKBOT"
"""Slack's own, which users.info does not call a bot."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as their workspace sees them; all texts are theirs, as they typed them.

    Attributes:
        phone: Free text, perhaps empty, perhaps no number at all.
        tz: As the IANA names zones, such as ``Europe/London``; empty if not told.
        deleted: Whether they were deactivated.
        is_bot: Whether it is an app.
        is_stranger: Whether they are of another organization (Slack Connect).
    """

    user: str
    name: str = ""
    phone: str = ""
    tz: str = ""
    deleted: bool = False
    is_bot: bool = False
    is_stranger: bool = False

    @classmethod
    def read(cls, data: Any, place: Place, user: str) -> Profile:
        """Read ``users.info``'s ``user``, for somebody at *place*.

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
        )


class Profiles:
    """Profiles of all workspaces, remembered for a few minutes."""

    def __init__(self, spaces: Spaces, clock: Clock) -> None:
        self._spaces = spaces
        self._clock = clock
        self._known: OrderedDict[tuple[str, str, str], tuple[float, Profile]] = (
            OrderedDict()
        )

    async def of(self, place: Place, user: str) -> Profile:
        """Return the profile of *user* as the workspace of *place* sees it.

        Raises:
            ChatRefused: ``missing_scope`` where the app may not read profiles,
                ``user_not_found``, ``user_not_visible``.
            ChatBusy, ChatUnknown: It can't be told just now.
        """
        key = place.enterprise, place.team, user
        at, known = self._known.get(key, (0.0, None))
        if known is not None and self._clock.monotonic() - at < KEPT_FOR:
            return known
        client = await self._spaces.client(place.enterprise, place.team)
        data = await ask(client.users_info(user=user))
        if not isinstance(data.get("user"), dict):
            raise ChatUnknown("an answer without a user")
        profile = Profile.read(data["user"], place, user)
        self._known[key] = self._clock.monotonic(), profile
        self._known.move_to_end(key)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        return profile


def _is_stranger(found: dict[str, Any], place: Place) -> bool:
    """Whether somebody is of neither this workspace nor its organization."""
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
