"""What Slack reports by itself, as a value: an event of the Events API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.calls.call import Place
from bot.slack.entrances.payload import (
    is_org_wide,
    number_of,
    object_of,
    text_of,
    texts_of,
    workspace_of,
)
from bot.slack.texts.profile import GUEST_FLAGS, Profile


@dataclass(frozen=True, slots=True)
class SlackEvent:
    """One event (Slack docs, "Events API", the outer event).

    Attributes:
        id: The same in each delivery of one event.
        kind: Its name, as in the manifest.
        at: When it happened, in seconds since the epoch by Slack's clock.
        user: The person it is about.
        org_wide: Whether it is about a whole organization's installation.
        tab: ``home`` or ``messages``; of ``app_home_opened`` alone.
        deleted: Whether the person was deactivated; of ``user_change`` alone.
        profile: What they are now in the workspace of the installation, if they belong
            to it and Slack says; of ``user_change`` alone.
        bots: Bot users whose tokens were revoked.
        people: Users who revoked what they had granted the app.
        teams: Workspaces that an organization granted the app, or took from it.
    """

    id: str
    kind: str
    enterprise: str
    team: str
    at: float = 0.0
    user: str = ""
    channel: str = ""
    org_wide: bool = False
    tab: str = ""
    deleted: bool = False
    profile: Profile | None = None
    bots: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()

    @classmethod
    def from_body(cls, body: dict[str, Any]) -> SlackEvent:
        """Read an event."""
        event = object_of(body, "event")
        user = object_of(event, "user")  # a profile in ``user_change``, else an id
        tokens = object_of(event, "tokens")
        here = workspace_of(body)
        enterprise, team = _about(user, *here)
        return cls(
            id=text_of(body, "event_id"),
            kind=text_of(event, "type"),
            enterprise=enterprise,
            team=team,
            at=number_of(body, "event_time"),
            user=text_of(user, "id") or text_of(event, "user"),
            channel=text_of(event, "channel"),
            org_wide=is_org_wide(body, team),
            tab=text_of(event, "tab"),
            deleted=user.get("deleted") is True,
            profile=_profile(user, *here) if here == (enterprise, team) else None,
            bots=texts_of(tokens.get("bot")),
            people=texts_of(tokens.get("oauth")),
            teams=texts_of(event.get("team_ids")),
        )

    @property
    def place(self) -> Place:
        """Where it happened, and the person it is about."""
        return Place(self.team, self.channel, self.user, self.enterprise)


def _profile(user: dict[str, Any], enterprise: str, team: str) -> Profile | None:
    """Return a whole profile; one without a guest's flags says nothing of who is one."""
    if user.get("deleted") is not True and GUEST_FLAGS[0] not in user:
        return None
    identity = text_of(user, "id")
    return Profile.read(user, Place(team, "", identity, enterprise), identity)


def _about(user: dict[str, Any], enterprise: str, team: str) -> tuple[str, str]:
    """Return the enterprise and workspace of the person whom an event is about.

    In a shared channel Slack reports people of the other company too. *user* is a
    profile (Slack docs, "User object"), empty in events without one.
    """
    home = text_of(object_of(user, "enterprise_user"), "enterprise_id") or enterprise
    is_elsewhere = not enterprise or home != enterprise
    return home, (text_of(user, "team_id") or team) if is_elsewhere else team
