"""What is stored of a workspace's policy, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.calls.call import Place
from bot.policy.wish import CallEntrance, Pause


@dataclass(frozen=True, slots=True)
class WorkspaceId:
    """A workspace in Slack; *enterprise* is empty outside Enterprise Grid."""

    enterprise: str
    team: str

    @classmethod
    def of(cls, place: Place) -> WorkspaceId:
        """Return the workspace of *place*."""
        return cls(place.enterprise, place.team)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyState:
    """The rules that a workspace's admins have saved, and whether calls are paused.

    Attributes:
        version: Goes up with each change of the rules; 0: nobody has saved any.
        rules: The text of the saved rules; empty if there are none.
        previous: The text before the last change; None if it can't be undone.
        changed_by: The Slack id of who has changed the rules last, or ``ringout-bot``.
    """

    version: int = 0
    rules: str = ""
    previous: str | None = None
    changed_at: datetime | None = None
    changed_by: str = ""
    pause: Pause | None = None


NO_STATE = PolicyState()


class AuditAction(StrEnum):
    """What a row of the audit tells of."""

    CALL = "call"
    """A decision about a call: `AuditRow.verdict` says which."""
    CHECK = "check"
    """A dry run: the same decision, and nothing was dialed."""
    RULES = "rules"
    """The rules were changed, or the last change was undone."""
    PAUSE = "pause"
    RESUME = "resume"
    DO_NOT_CALL = "do-not-call"
    """A number was put on the list, or taken off it."""
    ASKED = "asked-admin"
    GRANTED = "granted"
    DECLINED = "declined"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    EXPORT = "export"
    REVEAL = "reveal"
    """Somebody was shown a number of another person's call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """Who did what, and when; nothing but retention and ``erase`` changes one.

    Attributes:
        user: The Slack id of who did it; ``ringout-bot`` for the command line.
        entrance: Where it came in: a `CallEntrance`, or another word such as ``desk``.
        number: In E.164, or only the digits that were typed; empty once it is erased.
        rule: The rule that decided; empty if nothing spoke against it.
        verdict: `bot.policy.rules.Ruling`, for decisions.
        call: The call's id, if one was stored.
        detail: What else is to be known: a reason, other rules that asked; no number.
    """

    at: datetime
    where: WorkspaceId
    user: str
    entrance: CallEntrance | str = ""
    action: AuditAction
    number: str = field(default="", repr=False)
    rule: str = ""
    verdict: str = ""
    call: str = ""
    detail: str = ""
    id: int = 0
    """Given by the database."""
