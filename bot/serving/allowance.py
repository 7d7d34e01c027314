"""How often strangers may have something done that costs more than an answer."""

from __future__ import annotations

from datetime import datetime


class Allowance:
    """A token bucket: *burst* times at once, and *per_second* in the long run."""

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst = burst
        self._per_second = per_second
        self._left = float(burst)
        self._at: datetime | None = None

    def take(self, now: datetime) -> bool:
        """Return whether once more is allowed at *now*, and count it if so."""
        passed = (now - self._at).total_seconds() if self._at else 0.0
        self._at = now
        gained = max(passed, 0.0) * self._per_second
        self._left = min(self._left + gained, float(self._burst))
        if self._left < 1:
            return False
        self._left -= 1
        return True
