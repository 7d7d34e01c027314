"""Rate limits as RingCentral keeps them, with the penalty that starts anew.

Source: RingCentral developer guide, "Rate Limits": per user and app, four groups, a
sliding window, and every request inside the penalty interval restarts it.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Limits:
    """How many requests a window lets in; None for no limit. May change mid-run.

    ``window`` and ``penalty`` are real seconds: who compresses time gives shorter
    ones. RingCentral itself says both in whole seconds.
    """

    light: int | None = 50
    medium: int | None = 40
    heavy: int | None = 10
    auth: int | None = 5
    window: float = 60.0
    penalty: float = 60.0
    headers: bool = True
    """Whether answers carry ``X-Rate-Limit-…``; account-level limits do not."""
    retry_after: bool = True
    """Whether a 429 says ``Retry-After``; RingCentral's mostly do."""
    odd_remaining: bool = False
    """Whether a 429 claims a full budget, as was once seen live."""

    @classmethod
    def off(cls) -> Limits:
        """No limits, and nothing said about any."""
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
class Verdict:
    """Whether a request may be executed, and what its answer's headers say."""

    admitted: bool
    in_penalty: bool
    headers: dict[str, str]


@dataclass(slots=True)
class Limiter:
    """The buckets. Times are seconds of one monotonic clock, handed in."""

    limits: Limits
    _hits: defaultdict[str, deque[float]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    _closed_until: dict[str, float] = field(default_factory=dict)

    def admit(self, group: str, now: float) -> Verdict:
        """Count a request of *group*, or refuse it and start the penalty anew."""
        limit = self.limits.of(group)
        hits = self._hits[group]
        while hits and hits[0] <= now - self.limits.window:
            hits.popleft()
        in_penalty = now < self._closed_until.get(group, now)
        if in_penalty or (limit is not None and len(hits) >= limit):
            return Verdict(
                admitted=False,
                in_penalty=in_penalty,
                headers=self.penalise(group, now),
            )
        hits.append(now)
        remaining = 0 if limit is None else limit - len(hits)
        return Verdict(
            admitted=True, in_penalty=False, headers=self._says(group, remaining)
        )

    def refuse(self, group: str, now: float) -> Verdict:
        """Refuse a request of *group* for no reason of its own; the penalty begins."""
        in_penalty = now < self._closed_until.get(group, now)
        headers = self.penalise(group, now)
        return Verdict(admitted=False, in_penalty=in_penalty, headers=headers)

    def left(self, group: str, now: float) -> int | None:
        """Return what the window still lets in of *group*; None for no limit."""
        limit = self.limits.of(group)
        if limit is None:
            return None
        if now < self._closed_until.get(group, now):
            return 0
        return limit - _recent(self._hits[group], now - self.limits.window)

    def closed_for(self, group: str, now: float) -> float:
        """Return for how many seconds a penalty still closes *group*."""
        return max(0.0, self._closed_until.get(group, now) - now)

    def penalise(self, group: str, now: float) -> dict[str, str]:
        """Close *group* for a whole penalty; return the headers of the 429."""
        self._closed_until[group] = now + self.limits.penalty
        full = self.limits.of(group) or 0
        headers = self._says(group, full if self.limits.odd_remaining else 0)
        if self.limits.retry_after:
            headers["Retry-After"] = f"{self.limits.penalty:g}"
        return headers

    def forgive(self) -> None:
        """Empty every bucket and end every penalty."""
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
