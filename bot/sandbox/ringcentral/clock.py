"""The double's time: story seconds that may pass faster, and the date it says."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class StoryClock:
    """Time as it passes for the double.

    Calls, their status and their log records live in story seconds, which pass
    *speed* times as fast as real ones. Tokens and rate limits live in real seconds.
    Dates are the real ones, *skew* seconds ahead of this machine's clock: a bot that
    looks for "calls of the last minute" has to find them at any speed.
    """

    def __init__(self, speed: float = 1.0, skew: float = 0.0) -> None:
        self.speed = speed
        self.skew = skew
        self._skipped = 0.0

    def real(self) -> float:
        """Return monotonic seconds, with what was skipped."""
        return time.monotonic() + self._skipped / self.speed

    def story(self) -> float:
        """Return story seconds since some moment in the past."""
        return self.real() * self.speed

    def utc(self) -> datetime:
        """Return the date as RingCentral says it."""
        return datetime.now(UTC) + timedelta(seconds=self.skew)

    def skip(self, seconds: float) -> None:
        """Let so many story seconds have passed at once; the date stays."""
        self._skipped += seconds


def iso(moment: datetime) -> str:
    """Return *moment* as RingCentral writes it: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
