"""How soon an account's call log shows the record of a call that is over.

RingCentral does not say. So each record that is found tells something: it was not there
at one read and there at the next. From the newest of these sightings follows when the
next call's record is worth a read of the log. All times are seconds from the end of the
call, as its status showed it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

SIGHTINGS_KEPT = 10
"""How many sightings are kept: enough to tell a steady lag from chance, and few enough
to forget an old one within a morning."""

LONGEST_LAG = 120.0
"""A record that took longer says nothing about the next one."""

LAG_TOLERANCE = 2.0
"""By how many seconds sightings of the same lag may contradict each other: the end of a
call is seen up to a poll late."""

NARROW_RANGE = 5.0
"""Seconds. If the sightings leave a range of at most this, the log is first read then."""

SURE_RANGE = 1.0
"""Seconds. If they leave a range of less than this, the log is read at the range's end."""

STEADY_FROM, STEADY_AGAIN_FROM = 4, 7
"""Sightings that must agree before the lag counts as steady; the second figure if older
ones disagree, since a few always agree by chance."""

KNOWN_FROM, KNOWN_AGAIN_FROM = 8, 10
"""Sightings that must agree before early reads are dropped; the second figure as above."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A record was not there at *after* (0: no read before) and was there at *by*."""

    after: float
    by: float


@dataclass(frozen=True, slots=True)
class Lag:
    """An account's newest sightings, the newest first."""

    sightings: tuple[Sighting, ...] = ()

    @property
    def usual(self) -> float | None:
        """When most of the records are there; None where the lag is not steady."""
        run = self._run()
        low, high = sorted(_bounds(run))
        if len(run) < (STEADY_FROM if self._agree(run) else STEADY_AGAIN_FROM):
            return None
        return high if high - low < SURE_RANGE else low + (high - low) * 0.75

    @property
    def latest(self) -> float:
        """When the slowest of the agreeing records was there."""
        return max(_bounds(self._run()))

    @property
    def earliest(self) -> float:
        """Before this no record is expected; 0 where that is not known well enough.

        After records that were there at the first read it goes down, faster each time:
        the lag may have become shorter.
        """
        run = self._run()
        low, high = _bounds(run)
        usual = self.usual
        if usual is None or abs(high - low) > NARROW_RANGE:
            return 0.0
        if len(run) < (KNOWN_FROM if self._agree(run) else KNOWN_AGAIN_FROM):
            return 0.0
        hits = self._first_hits()
        return max(usual - (2.0**hits if hits > 1 else 0.0), 0.0)

    def _agree(self, run: tuple[Sighting, ...]) -> bool:
        return len(run) == len(self.sightings)

    def _run(self) -> tuple[Sighting, ...]:
        """Return the newest sightings that one lag can explain."""
        for many in range(len(self.sightings), 1, -1):
            low, high = _bounds(self.sightings[:many])
            if low - high <= LAG_TOLERANCE:
                return self.sightings[:many]
        return self.sightings[:1]

    def _first_hits(self) -> int:
        """Return how many of the newest records were there at the first read."""
        for index, each in enumerate(self.sightings):
            if each.after > 0:
                return index
        return len(self.sightings)


UNKNOWN = Lag()


def learned(lag: Lag, seen: Iterable[Sighting]) -> Lag:
    """Return *lag* with the sightings that one read of the log has brought."""
    fresh = tuple(each for each in seen if 0 <= each.after < each.by <= LONGEST_LAG)
    return Lag((*fresh, *lag.sightings)[:SIGHTINGS_KEPT])


def dump(lag: Lag) -> str:
    """Return *lag* as JSON, at most 200 characters."""
    return json.dumps([[round(s.after, 1), round(s.by, 1)] for s in lag.sightings])


def load(text: str) -> Lag:
    """Return the lag that `dump` wrote; an unknown one for a text that it did not write."""
    try:
        pairs = [(float(after), float(by)) for after, by in json.loads(text or "[]")]
    except (ValueError, TypeError):
        return UNKNOWN
    return learned(UNKNOWN, (Sighting(after, by) for after, by in pairs))


def _bounds(sightings: tuple[Sighting, ...]) -> tuple[float, float]:
    """Return when no record was there yet, and when all of them were."""
    low = max((each.after for each in sightings), default=0.0)
    return low, min((each.by for each in sightings), default=LONGEST_LAG)
