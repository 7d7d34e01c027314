"""When somebody is reminded of a call, by their own clock. Pure: the time is handed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum

from bot.calls.call import Place

NINE = time(9)

SAYS_LATE_AFTER = timedelta(minutes=5)
"""A reminder that comes later than this says so: the bot was not running."""


class Soon(StrEnum):
    """What a person can choose."""

    QUARTER = "15 minutes"
    HOUR = "1 hour"
    TOMORROW = "tomorrow"
    AT = "at"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One person's reminder of one call.

    Attributes:
        place: Who wants it, and the channel where they set it.
        due_at: When they want it.
        leased_until: Until when the process that has claimed it works on it.
        is_tried: Whether its message may have been posted: look for it first.
    """

    id: str
    call: str
    place: Place
    due_at: datetime
    leased_until: datetime | None = None
    is_tried: bool = False

    def leased_for(self, now: datetime) -> timedelta:
        """Return how long no other process works on it."""
        return (self.leased_until or now) - now

    def is_late(self, now: datetime) -> bool:
        """Return whether it comes so late that it has to say so."""
        return now - self.due_at > SAYS_LATE_AFTER


def due_at(
    choice: Soon, now: datetime, zone: tzinfo, chosen: datetime | None
) -> datetime | None:
    """Return when to remind somebody; None if *choice* needs a time that lacks."""
    match choice:
        case Soon.QUARTER:
            return now + timedelta(minutes=15)
        case Soon.HOUR:
            return now + timedelta(hours=1)
        case Soon.TOMORROW:
            return tomorrow_at_nine(now, zone)
        case Soon.AT:
            return chosen


def tomorrow_at_nine(now: datetime, zone: tzinfo) -> datetime:
    """Return 9:00 of the next day in *zone*, as UTC.

    Where clocks skip that time, it is as much later as they skip; where they show it
    twice, it is the first time (PEP 495, ``fold=0``).
    """
    day = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, NINE, zone).astimezone(UTC)
