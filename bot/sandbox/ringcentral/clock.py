"""The double's clock: story seconds, which can pass faster, and its date."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class StoryClock:
    """The double's clock.

    Calls, their status and their log records use story seconds, which pass *speed*
    times as fast as real ones. Tokens and rate limits use real seconds. Dates are
    real, *skew* seconds ahead of this machine's clock, so that a bot that asks for
    "calls of the last minute" finds them at any speed.
    """

    def __init__(self, speed: float = 1.0, skew: float = 0.0) -> None:
        self.speed = speed
        self.skew = skew
        self._skipped = 0.0

    def real(self) -> float:
        """Return real seconds of a monotonic clock, skipped time included."""
        return time.monotonic() + self._skipped / self.speed

    def story(self) -> float:
        """Return story seconds since an arbitrary moment."""
        return self.real() * self.speed

    def utc(self) -> datetime:
        """Return the date and time in RingCentral's answers."""
        return datetime.now(UTC) + timedelta(seconds=self.skew)

    def skip(self, seconds: float) -> None:
        """Jump *seconds* story seconds ahead; the date stays."""
        self._skipped += seconds


def iso(moment: datetime) -> str:
    """Return *moment* as RingCentral writes it: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
