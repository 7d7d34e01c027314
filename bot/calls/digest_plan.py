"""When a channel's digest is due, by the clocks of its own zone. Pure: time is handed in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

MOST_DAYS_APART = 9
"""Two digests of a week, one of them on a day that a zone has skipped, are no further
apart."""

WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """One digest of ``RINGOUT_DIGEST``.

    Attributes:
        weekday: Monday is 0; None for every day.
        by_person: Whether it names people.
        workspace: The id of the channel's workspace or organization; empty if the bot
            serves one workspace.
    """

    channel: str
    at: time
    zone: tzinfo
    weekday: int | None = None
    by_person: bool = False
    workspace: str = ""

    @property
    def id(self) -> str:
        """Names it in the database; the same after a restart."""
        day = "" if self.weekday is None else self.weekday
        seed = f"{self.workspace} {self.channel} {day} {self.at} {self.zone}"
        return hashlib.sha256(seed.encode()).hexdigest()[:32]


def last_due(plan: DigestPlan, now: datetime) -> datetime:
    """Return the last time, up to *now*, at which a digest was due, as UTC."""
    return max(each for each in _around(plan, now) if each <= now)


def next_due(plan: DigestPlan, after: datetime) -> datetime:
    """Return the first time later than *after* at which one is due, as UTC."""
    return min(each for each in _around(plan, after) if each > after)


def _around(plan: DigestPlan, moment: datetime) -> set[datetime]:
    """Return the times at which digests are due, from well before to well after *moment*."""
    today = moment.astimezone(plan.zone).date()
    spread = range(-MOST_DAYS_APART, MOST_DAYS_APART + 1)
    days = (today + timedelta(days=each) for each in spread)
    return {_due_on(plan, day) for day in days if plan.weekday in (None, day.weekday())}


def _due_on(plan: DigestPlan, day: date) -> datetime:
    """Return when the digest of a local day is due.

    Where clocks skip that time, it is as much later as they skip; where they show it
    twice, it is the first time (PEP 495, ``fold=0``).
    """
    return datetime.combine(day, plan.at, plan.zone).astimezone(UTC)
