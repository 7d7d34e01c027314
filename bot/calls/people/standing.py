"""Who is a member of the workspace, a guest or a stranger, and who may use the bot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

STANDING_KEPT_FOR = timedelta(minutes=15)
"""How long an answer of Slack's counts unasked. Slack reports a change to one of the
processes; another that it could not tell believes the old answer for so long."""


class Standing(Enum):
    """What Slack says of a person, or why it says nothing."""

    MEMBER = "member"
    GUEST = "guest"
    STRANGER = "stranger"
    """Of another company, or of a workspace that the bot does not serve."""
    DEACTIVATED = "deactivated"
    APP = "app"
    UNTOLD = "untold"
    """The app lacks the scope to ask: the operator's lists alone decide."""
    UNKNOWN = "unknown"
    """Slack does not answer just now."""


ADMITTED = frozenset({Standing.MEMBER, Standing.UNTOLD})


@dataclass(frozen=True, slots=True)
class KnownStanding:
    """Slack's last answer, and when it came, in seconds of the monotonic clock.

    *at* is None for an answer that a later event has put in doubt: it is asked for again,
    and counts only while Slack does not answer.
    """

    standing: Standing
    at: float | None

    def is_fresh(self, now: float) -> bool:
        """Return whether it counts without asking Slack."""
        return self.at is not None and now - self.at < STANDING_KEPT_FOR.total_seconds()


def decided(heard: Standing, last: KnownStanding | None) -> Standing:
    """Return what counts: what was *heard*, or the *last* answer if Slack was silent."""
    if heard is Standing.UNKNOWN and last is not None:
        return last.standing
    return heard
