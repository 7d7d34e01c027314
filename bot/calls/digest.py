"""What a channel's digest says, summed up page by page. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import TypeVar

from bot.calls.figures import CountedCall, Figures, figures

MOST_DAYS_SHOWN = 20
"""The points that a chart takes (Slack docs, "Data visualization block")."""

ONE_DAY_ON = timedelta(days=1)

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class DigestSums:
    """The sums of calls: of all, of each person's, of each local day's.

    What people keep to themselves is not counted for a person, so that nobody is named.
    """

    total: Figures = field(default_factory=Figures)
    people: dict[str, Figures] = field(default_factory=dict)
    days: dict[date, Figures] = field(default_factory=dict)

    def with_page(self, page: Sequence[CountedCall], zone: tzinfo) -> DigestSums:
        """Return the sums with those of more calls, whose days are those of *zone*."""
        return DigestSums(
            self.total + figures(page, with_private=False),
            _added(self.people, [c for c in page if not c.is_private], _user_of),
            _added(self.days, page, lambda call: call.asked_at.astimezone(zone).date()),
        )


@dataclass(frozen=True, slots=True)
class MissedSums:
    """Missed calls that channels were told of, and how many of the cards nobody has taken."""

    calls: int
    untaken: int


@dataclass(frozen=True, slots=True)
class Digest:
    """What is posted.

    Attributes:
        since: When its calls were first asked for; the digest before it ended there.
        due_at: When it was to be posted; later calls are for the next one.
        people: The sums of each person, the most calls first; empty if nobody is named.
        days: The sums of each of its last days, also of those without a call.
        to_call_back: How many calls wait for somebody to call back, of any time.
        missed: What channels were told of missed calls; None if they are told nothing.
        is_late: Whether it comes so late that it has to say so.
    """

    since: datetime
    due_at: datetime
    total: Figures
    people: tuple[tuple[str, Figures], ...]
    days: tuple[tuple[date, Figures], ...]
    to_call_back: int
    missed: MissedSums | None = None
    is_late: bool = False


def days_of(
    sums: DigestSums, since: datetime, until: datetime, zone: tzinfo
) -> tuple[tuple[date, Figures], ...]:
    """Return the sums of the last days from *since* to *until*, in their order."""
    last = (until - timedelta.resolution).astimezone(zone).date()
    first = max(
        since.astimezone(zone).date(), last - ONE_DAY_ON * (MOST_DAYS_SHOWN - 1)
    )
    days = (first + ONE_DAY_ON * each for each in range((last - first).days + 1))
    return tuple((day, sums.days.get(day, Figures())) for day in days)


def people_of(sums: DigestSums) -> tuple[tuple[str, Figures], ...]:
    """Return the sums of each person, the most calls first."""
    ranked = sorted(sums.people.items(), key=lambda each: (-each[1].calls, each[0]))
    return tuple(ranked)


def _user_of(call: CountedCall) -> str:
    return call.user


def _added(
    before: dict[Key, Figures],
    page: Sequence[CountedCall],
    key_of: Callable[[CountedCall], Key],
) -> dict[Key, Figures]:
    groups: defaultdict[Key, list[CountedCall]] = defaultdict(list)
    for call in page:
        groups[key_of(call)].append(call)
    more = {
        key: before.get(key, Figures()) + figures(calls, with_private=False)
        for key, calls in groups.items()
    }
    return before | more
