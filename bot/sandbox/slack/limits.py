"""Slack's rate limits: tiers per method and workspace, and posts per channel.

Source: Slack docs, "Rate limits". Slack tolerates bursts, but does not say how large;
`SlackLimits.burst` is a guess.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field

from bot.sandbox.slack.ledger import RESPONSE_URL

MINUTE = 60.0
TIER_2, TIER_3, TIER_4 = 20, 50, 100
POSTS_A_MINUTE = 300
"""In all channels of a workspace together. Slack says "several hundred"."""


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
        "usergroups.users.list": TIER_2,
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
        "functions.completeSuccess": TIER_3,
        "functions.completeError": TIER_3,
        "apps.connections.open": TIER_3,
        "auth.test": 600,
        "api.test": 600,
    }


@dataclass(slots=True, kw_only=True)
class SlackLimits:
    """The limits. They may change mid-run.

    Attributes:
        tiers: Calls per window, by method. Other methods have no limit.
        window: Real seconds; shorter when time runs faster.
        posts_per_second: Per channel, and per response_url; 0 for no limit.
        burst: How many posts are admitted at once after a quiet time.
    """

    tiers: dict[str, int] = field(default_factory=_tiers)
    window: float = MINUTE
    posts_per_second: float = 1.0
    burst: int = 5

    @classmethod
    def off(cls) -> SlackLimits:
        """Return no limits."""
        return cls(tiers={}, posts_per_second=0)

    @classmethod
    def faster(cls, speed: float) -> SlackLimits:
        """Return Slack's limits for time that runs *speed* times as fast."""
        return cls(window=MINUTE / speed, posts_per_second=speed)


@dataclass(slots=True)
class SlackLimiter:
    """Counts one workspace's calls. *now* is in seconds of a monotonic clock."""

    limits: SlackLimits
    _hits: defaultdict[str, deque[float]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    _due: dict[str, float] = field(default_factory=dict)
    _closed: dict[str, float] = field(default_factory=dict)

    def close(self, method: str, until: float) -> None:
        """Refuse all calls of *method* until this moment of the monotonic clock."""
        self._closed[method] = until

    def is_closed(self, method: str, now: float) -> bool:
        """Whether `close` has closed *method*, and the moment is not reached."""
        return self._closed.get(method, now) > now

    def wait(self, method: str, place: str, now: float) -> int:
        """Admit and count a call and return 0, or refuse it.

        Args:
            method: The Web API method, or ``response_url``.
            place: The channel or response_url of a post.
            now: Seconds of the monotonic clock.

        Returns:
            0 if admitted, else whole seconds for ``Retry-After``.
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
        """Return how many more calls the window admits; None if unlimited."""
        limit = self.limits.tiers.get(method)
        if limit is None:
            return None
        return limit - sum(hit > now - self.limits.window for hit in self._hits[method])

    def forgive(self) -> None:
        """Reset all counts and reopen all methods."""
        self._hits.clear()
        self._due.clear()
        self._closed.clear()
