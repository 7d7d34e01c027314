"""One rate group of one user: what was used of it in the last window."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from bot.headers import LONGEST_RETRY_AFTER
from bot.ringcentral.purposes import Cap, Purpose
from bot.ringcentral.transport.wire import LONGEST_WINDOW, MOST_LIMIT, SHORTEST_WINDOW

USUAL_WINDOW = 60.0
"""Seconds; RingCentral's own, until an answer tells another one."""

Requests = deque[tuple[float, Purpose | None]]
"""When each was sent, and its purpose; None if only a newer program knows that."""


class Use(NamedTuple):
    """Answered requests: when they count from, and the purpose; None for those of others.

    The others' are one entry however many there are: their number comes from an answer.
    """

    at: float
    purpose: Purpose | None
    number: int = 1


@dataclass(slots=True)
class RateGroup:
    """The limit of a group, and what counts against it; *window* is in seconds."""

    limit: int = 0
    window: float = USUAL_WINDOW
    closed_until: float = 0.0
    in_flight: Requests = field(default_factory=deque)
    """Requests without an answer."""
    used: deque[Use] = field(default_factory=deque)

    def trim(self, now: float, unanswered_after: float) -> None:
        """Drop the requests that have left the window.

        A moment too far ahead is from before a clock was set back, and is moved.
        """
        self.closed_until = min(self.closed_until, now + LONGEST_RETRY_AFTER)
        if self.in_flight and self.in_flight[-1][0] > now + unanswered_after:
            self.in_flight = deque((min(at, now), what) for at, what in self.in_flight)
        if self.used and self.used[-1].at > now + self.window:
            self.used = deque(use._replace(at=min(use.at, now)) for use in self.used)
        while self.in_flight and self.in_flight[0][0] <= now - unanswered_after:
            _, purpose = self.in_flight.popleft()
            self.used.append(Use(now, purpose))
        while self.used and self.used[0].at <= now - self.window:
            self.used.popleft()

    def land(self, purpose: Purpose) -> None:
        """Take the oldest request for *purpose* out of those in flight."""
        for index, (_, what) in enumerate(self.in_flight):
            if what is purpose:
                del self.in_flight[index]
                return

    def count(self, *purposes: Purpose) -> int:
        """Return how many requests count against the limit; only for *purposes* if given."""
        used = sum(use.number for use in self.used if _is_of(use.purpose, purposes))
        return used + sum(1 for _, what in self.in_flight if _is_of(what, purposes))

    def freed_at(self, now: float, most: int, purposes: tuple[Purpose, ...]) -> float:
        """Return when fewer than *most* such requests are in the window."""
        over = self.count(*purposes) - most
        if over < 0:
            return now
        for use in self.used:
            if _is_of(use.purpose, purposes):
                if use.number > over:
                    return max(use.at + self.window, now + 0.01)
                over -= use.number
        return now + min(self.window, 1.0)  # all of them are in flight

    def rooms(self, ways: list[list[Cap]]) -> Iterator[tuple[float, int]]:
        """Yield when how many more requests one of *ways* admits, in order of time.

        The first is for now; its moment is 0.
        """
        left = Counter(what for _, what in self.in_flight)
        for use in self.used:
            left[use.purpose] += use.number
        yield 0.0, _room(ways, left)
        for use in self.used:
            left[use.purpose] -= use.number
            yield use.at + self.window, _room(ways, left)

    def as_json(self) -> dict[str, Any]:
        """Return the group in the form that version 0.1.0 reads: no uses by others."""
        own = [(use.at, use.purpose.name) for use in self.used if use.purpose]
        return {
            "limit": self.limit,
            "window": self.window,
            "closed_until": self.closed_until,
            "in_flight": [(at, what and what.name) for at, what in self.in_flight],
            "used": own,
        }

    def others(self) -> list[tuple[float, int]]:
        """Return when others used it, and how often."""
        return [(use.at, use.number) for use in self.used if use.purpose is None]

    @classmethod
    def from_json(cls, data: dict[str, Any], others: list[Any]) -> RateGroup:
        """Return the group that `as_json` and `others` wrote, within the same bounds.

        Version 0.1.0 wrote an entry for each use by others.
        """
        limit, window = int(data["limit"]), _finite(data["window"])
        named = [Use(_finite(at), _purpose(what)) for at, what in data["used"]]
        counted = [Use(_finite(at), None, _believed(count)) for at, count in others]
        believed = SHORTEST_WINDOW <= window <= LONGEST_WINDOW + 1
        return cls(
            limit=limit if 0 < limit <= MOST_LIMIT else 0,
            window=window if believed else USUAL_WINDOW,
            closed_until=_finite(data["closed_until"]),
            in_flight=deque((_finite(at), _purpose(w)) for at, w in data["in_flight"]),
            used=deque(sorted(_merged(named) + counted, key=lambda use: use.at)),
        )


def _merged(uses: list[Use]) -> list[Use]:
    """Make one entry of the uses by others at the same moment."""
    merged: list[Use] = []
    for (at, purpose), same in groupby(uses, key=lambda use: use[:2]):
        few = list(same)
        whole = [Use(at, None, _believed(len(few)))]
        merged += whole if purpose is None else few
    return merged


def _room(ways: list[list[Cap]], left: Counter[Purpose | None]) -> int:
    """Return how many more requests one of *ways* admits."""
    whole = left.total()
    return max(
        min(most - (sum(left[p] for p in of) if of else whole) for most, of in caps)
        for caps in ways
    )


def _is_of(purpose: Purpose | None, purposes: tuple[Purpose, ...]) -> bool:
    return not purposes or purpose in purposes


def _purpose(name: str | None) -> Purpose | None:
    return Purpose.__members__.get(name or "")


def _believed(count: int) -> int:
    return min(max(int(count), 0), MOST_LIMIT)


def _finite(value: float) -> float:
    """Return a stored moment; the beginning of time if it is not one."""
    moment = float(value)
    return moment if math.isfinite(moment) else 0.0
