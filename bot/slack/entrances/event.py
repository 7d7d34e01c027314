"""What Slack reports by itself, as a value: an event of the Events API."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from bot.calls.call import Place
from bot.slack.entrances.payload import (
    installation_of,
    is_org_wide,
    number_of,
    object_of,
    text_of,
    texts_of,
    workspace_of,
)
from bot.slack.posting.web import SLACK_ID
from bot.slack.texts.profile import GUEST_FLAGS, SLACKBOT, Profile

WRITTEN = {"", "file_share", "thread_broadcast"}
"""Subtypes of a message that a person writes; all others report something (Slack docs,
"message", "Message subtypes")."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person wrote in a message (Slack docs, "app_mention", "message.im").

    Attributes:
        text: What stands behind the mention of the app, else before it; with Slack's
            markup.
        ts: The message's, which names it within its channel.
        thread: The ts of its thread's first message; empty outside of a thread.
    """

    text: str = field(repr=False)
    ts: str
    thread: str = ""


STEP = "place_call"
"""The workflow step's callback id in the manifest."""


@dataclass(frozen=True, slots=True)
class StepInputs:
    """A run of a custom step, and what the workflow gave it.

    Source: Slack docs, "function_executed". The token that comes with it is not read.
    What is missing, or is not what it should be, is empty.
    """

    id: str
    callback: str
    person: str
    channel: str
    number: str = field(repr=False)
    reason: str = field(default="", repr=False)


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
        profile: Their profile in the installation's workspace, if Slack sends one; of
            ``user_change`` alone.
        said: What a person wrote; of ``app_mention`` and ``message`` alone. None for
            what no person of the workspace has just written: an app's message, an edit,
            a deletion, a notice of Slack's, somebody of another company.
        group: The user group that has changed; of ``subteam_…`` alone.
        step: The run of the workflow step; of ``function_executed`` alone.
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
    said: Said | None = None
    group: str = ""
    step: StepInputs | None = None
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
            said=_said(event, *here, text_of(installation_of(body), "user_id")),
            group=text_of(event, "subteam_id")
            or text_of(object_of(event, "subteam"), "id"),
            step=_step(event),
            bots=texts_of(tokens.get("bot")),
            people=texts_of(tokens.get("oauth")),
            teams=texts_of(event.get("team_ids")),
        )

    @property
    def place(self) -> Place:
        """Where it happened, and the person it is about."""
        return Place(self.team, self.channel, self.user, self.enterprise)


def _step(event: dict[str, Any]) -> StepInputs | None:
    """Return a step's inputs. A ``user_context`` is an object with the person's id."""
    if text_of(event, "type") != "function_executed":
        return None
    given = object_of(event, "inputs")
    person = object_of(given, "person")
    return StepInputs(
        id=text_of(event, "function_execution_id"),
        callback=text_of(object_of(event, "function"), "callback_id"),
        person=_id(text_of(person, "id", "user_id") or text_of(given, "person")),
        channel=_id(text_of(given, "channel")),
        number=text_of(given, "number"),
        reason=text_of(given, "reason"),
    )


def _id(text: str) -> str:
    """Return *text* if it can be an id of Slack's, else ``""``."""
    return text if SLACK_ID.fullmatch(text) else ""


def _said(event: dict[str, Any], enterprise: str, team: str, bot: str) -> Said | None:
    """Return what a person of *team* wrote; None for anything else.

    The bot never answers bots, edits or itself: *bot* is its own user. Within an
    organization the author's workspace may be another one of it.
    """
    if text_of(event, "type") not in {"app_mention", "message"}:
        return None
    theirs = text_of(event, "user_team", "team")
    by_an_app = any(event.get(each) for each in ("bot_id", "bot_profile", "app_id"))
    by_an_app = by_an_app or text_of(event, "user") in {SLACKBOT, bot}
    is_old = any(event.get(each) for each in ("edited", "hidden"))
    is_written = text_of(event, "subtype") in WRITTEN
    is_from_here = bool(enterprise) or theirs in {"", team}
    ts = text_of(event, "ts")
    if by_an_app or is_old or not (is_written and is_from_here and ts):
        return None
    text = _without(text_of(event, "text"), bot)
    return Said(text, ts, text_of(event, "thread_ts"))


def _without(text: str, bot: str) -> str:
    """Return *text* without its first mention of the app's user *bot*.

    Without its first mention of anybody, if the app's user is unknown.
    """
    mention = rf"<@{re.escape(bot) or '[UW][A-Z0-9]+'}(?:\|[^<>]*)?>[\s,:;]*"
    before, *rest = re.split(mention, text, maxsplit=1)
    behind = "".join(rest).strip()
    if any(each.isdigit() for each in before) and not any(map(str.isdigit, behind)):
        return f"{before.strip()} {behind}".strip()
    return behind or before.strip()


def _profile(user: dict[str, Any], enterprise: str, team: str) -> Profile | None:
    """Return a profile; None without guest flags, unless the person is deactivated.

    Without them nobody knows whether the person is a guest.
    """
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
