"""Slack's rate limits: tiers per method and workspace, and posts per channel.

Source: Slack docs, "Rate limits". Bursts are tolerated to a degree that Slack does not
say; a burst of `burst` posts in one channel is assumed here.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field

from bot.sandbox.slack.ledger import RESPONSE_URL

MINUTE = 60.0
TIER_2, TIER_3, TIER_4 = 20, 50, 100
POSTS_A_MINUTE = 300
"""In all channels together: "several hundred"."""


def _tiers() -> dict[str, int]:
    return {
        "chat.postMessage": POSTS_A_MINUTE,
        "chat.update": TIER_3,
        "chat.delete": TIER_3,
        "chat.postEphemeral": TIER_4,
        "conversations.history": TIER_3,
        "conversations.replies": TIER_3,
        "conversations.info": TIER_3,
        "conversations.open": TIER_3,
        "users.conversations": TIER_3,
        "users.info": TIER_4,
        "users.profile.get": TIER_4,
        "oauth.v2.access": TIER_4,
        "auth.teams.list": TIER_2,
        "auth.revoke": TIER_3,
        "views.open": TIER_4,
        "views.push": TIER_4,
        "views.update": TIER_4,
        "views.publish": TIER_4,
        "bots.info": TIER_3,
        "team.info": TIER_3,
        "apps.connections.open": TIER_3,
        "auth.test": 600,
        "api.test": 600,
    }


@dataclass(slots=True, kw_only=True)
class SlackLimits:
    """How much is let in; may change mid-run.

    Attributes:
        tiers: Calls per window of each method; a method without one has no limit.
        window: Real seconds; who compresses time gives a shorter one.
        posts_per_second: Into one channel, and of one response_url; 0 for no limit.
        burst: How many of those may come at once after a quiet time.
    """

    tiers: dict[str, int] = field(default_factory=_tiers)
    window: float = MINUTE
    posts_per_second: float = 1.0
    burst: int = 5

    @classmethod
    def off(cls) -> SlackLimits:
        """No limits."""
        return cls(tiers={}, posts_per_second=0)

    @classmethod
    def faster(cls, speed: float) -> SlackLimits:
        """Slack's limits where time runs *speed* times as fast."""
        return cls(window=MINUTE / speed, posts_per_second=speed)


@dataclass(slots=True)
class SlackLimiter:
    """Counts what was let in. Times are seconds of one monotonic clock, handed in."""

    limits: SlackLimits
    _hits: defaultdict[str, deque[float]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    _due: dict[str, float] = field(default_factory=dict)
    _closed: dict[str, float] = field(default_factory=dict)

    def close(self, method: str, until: float) -> None:
        """Refuse every call of *method* up to a moment, whatever was let in before."""
        self._closed[method] = until

    def is_closed(self, method: str, now: float) -> bool:
        """Whether *method* is refused until a moment that has yet to come."""
        return self._closed.get(method, now) > now

    def wait(self, method: str, place: str, now: float) -> int:
        """Let a call in and return 0, or refuse it and return ``Retry-After``.

        Args:
            method: The Web API method.
            place: The channel or the response_url that is posted to.
            now: Seconds.
        """
        limit = self.limits.tiers.get(method)
        hits = self._hits[method]
        while hits and hits[0] <= now - self.limits.window:
            hits.popleft()
        waits = [0.0, self._closed.get(method, now) - now]
        if limit is not None and len(hits) >= limit:
            waits.append(hits[len(hits) - limit] + self.limits.window - now)
        is_post = method in ("chat.postMessage", RESPONSE_URL)
        gap = 0.0
        if is_post and self.limits.posts_per_second:
            gap = 1 / self.limits.posts_per_second
            waits.append(
                self._due.get(place, now) - (self.limits.burst - 1) * gap - now
            )
        if max(waits) > 0:
            return max(1, math.ceil(max(waits)))
        hits.append(now)
        if gap:
            self._due[place] = max(self._due.get(place, now), now) + gap
        return 0

    def left(self, method: str, now: float) -> int | None:
        """Return how many calls of *method* the window still lets in, if limited."""
        limit = self.limits.tiers.get(method)
        if limit is None:
            return None
        return limit - sum(hit > now - self.limits.window for hit in self._hits[method])

    def forgive(self) -> None:
        """Forget everything that was let in."""
        self._hits.clear()
        self._due.clear()
        self._closed.clear()
