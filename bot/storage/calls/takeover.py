"""When a process is taken for dead, and when others may do what it has left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Takeover:
    """The same in every process that shares a database."""

    beat: float = 1.5
    """Seconds between heartbeats."""

    missed: timedelta = timedelta(seconds=2)
    """A heartbeat that is older than this should have been followed by another."""

    dead: timedelta = timedelta(seconds=6)
    """Four missed heartbeats; longer than `bot.follow.placer.SEND_DEADLINE`."""

    unsent: timedelta = timedelta(seconds=15)
    """After this long others settle an intent that its own process has not sent."""

    post_in_flight: timedelta = timedelta(seconds=15)
    """A post that a dead process sent may still land: half as long again as anybody waits
    for Slack's answer (`bot.slack.posting.web.SLACK_TIMEOUT`). Who looks for it sooner
    may post it twice."""

    @property
    def stale(self) -> float:
        """Seconds without a heartbeat after which others may soon take our calls."""
        return self.dead.total_seconds() - 1.0


USUAL_TAKEOVER = Takeover()
