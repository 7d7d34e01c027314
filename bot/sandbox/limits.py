"""RingCentral's rate limits and its penalty, which restarts at each request in it.

Source: RingCentral developer guide, "Rate Limits": limits are per user and app, in
four groups, over a sliding window; each request in the penalty interval restarts it.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Limits:
    """How many requests each group admits per window; None for no limit.

    All values may change mid-run. ``window`` and ``penalty`` are real seconds: give
    shorter ones when story time runs faster.
    """

    light: int | None = 50
    medium: int | None = 40
    heavy: int | None = 10
    auth: int | None = 5
    window: float = 60.0
    penalty: float = 60.0
    headers: bool = True
    """Whether answers have ``X-Rate-Limit-…`` headers. Account-level limits don't."""
    retry_after: bool = True
    """Whether a 429 has a ``Retry-After`` header. RingCentral's mostly do."""
    odd_remaining: bool = False
    """Whether a 429 says that the whole budget remains, as seen live once."""

    @classmethod
    def off(cls) -> Limits:
        """Return no limits, and no headers about limits."""
        return cls(light=None, medium=None, heavy=None, auth=None, headers=False)

    def of(self, group: str) -> int | None:
        """Return the limit of *group*, ``Light`` and so on; None for no limit."""
        limits = {
            "Light": self.light,
            "Medium": self.medium,
            "Heavy": self.heavy,
            "Auth": self.auth,
        }
        return limits.get(group)


@dataclass(frozen=True, slots=True)
class RateVerdict:
    """Whether a request is executed, and the rate-limit headers of its answer."""

    admitted: bool
    in_penalty: bool
    headers: dict[str, str]


@dataclass(slots=True)
class Limiter:
    """Counts one user's requests. *now* is in seconds of a monotonic clock."""

    limits: Limits
    _hits: defaultdict[str, deque[float]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    _closed_until: dict[str, float] = field(default_factory=dict)

    def admit(self, group: str, now: float) -> RateVerdict:
        """Count and admit a request, or refuse it and restart the group's penalty."""
        limit = self.limits.of(group)
        hits = self._hits[group]
        while hits and hits[0] <= now - self.limits.window:
            hits.popleft()
        in_penalty = now < self._closed_until.get(group, now)
        if in_penalty or (limit is not None and len(hits) >= limit):
            return RateVerdict(
                admitted=False,
                in_penalty=in_penalty,
                headers=self.penalize(group, now),
            )
        hits.append(now)
        remaining = 0 if limit is None else limit - len(hits)
        return RateVerdict(
            admitted=True, in_penalty=False, headers=self._says(group, remaining)
        )

    def refuse(self, group: str, now: float) -> RateVerdict:
        """Refuse a request although the limit is not reached; start a penalty."""
        in_penalty = now < self._closed_until.get(group, now)
        headers = self.penalize(group, now)
        return RateVerdict(admitted=False, in_penalty=in_penalty, headers=headers)

    def left(self, group: str, now: float) -> int | None:
        """Return how many more requests the window admits; None for no limit."""
        limit = self.limits.of(group)
        if limit is None:
            return None
        if now < self._closed_until.get(group, now):
            return 0
        return limit - _recent(self._hits[group], now - self.limits.window)

    def closed_for(self, group: str, now: float) -> float:
        """Return the seconds until the group's penalty ends; 0 if there is none."""
        return max(0.0, self._closed_until.get(group, now) - now)

    def penalize(self, group: str, now: float) -> dict[str, str]:
        """Start a full penalty of *group*; return the headers of the 429."""
        self._closed_until[group] = now + self.limits.penalty
        full = self.limits.of(group) or 0
        headers = self._says(group, full if self.limits.odd_remaining else 0)
        if self.limits.retry_after:
            headers["Retry-After"] = f"{self.limits.penalty:g}"
        return headers

    def forgive(self) -> None:
        """Reset all counts and end all penalties."""
        self._hits.clear()
        self._closed_until.clear()

    def _says(self, group: str, remaining: int) -> dict[str, str]:
        limit = self.limits.of(group)
        if limit is None or not self.limits.headers:
            return {}
        return {
            "X-Rate-Limit-Group": group.lower(),
            "X-Rate-Limit-Limit": str(limit),
            "X-Rate-Limit-Remaining": str(remaining),
            "X-Rate-Limit-Window": f"{self.limits.window:g}",
        }


def _recent(hits: Iterable[float], since: float) -> int:
    return sum(hit > since for hit in hits)
