"""When a process is taken for dead, and when others may take its calls over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Takeover:
    """These times must be the same in every process that shares a database."""

    beat: float = 1.5
    """Seconds between heartbeats."""

    missed: timedelta = timedelta(seconds=2)
    """After this long without a heartbeat, at least one is missing."""

    dead: timedelta = timedelta(seconds=6)
    """Four missed heartbeats; longer than `bot.follow.placer.SEND_DEADLINE`."""

    unsent: timedelta = timedelta(seconds=15)
    """After this long another process settles an intent that was not sent."""

    post_in_flight: timedelta = timedelta(seconds=15)
    """How long a post of a dead process may still take to appear: half as long again as
    `bot.slack.posting.web.SLACK_TIMEOUT`. Looking for it sooner may post it twice."""

    @property
    def stale(self) -> float:
        """Seconds without a heartbeat after which others may soon take our calls over."""
        return self.dead.total_seconds() - 1.0


USUAL_TAKEOVER = Takeover()
