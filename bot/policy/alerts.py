"""Decides what admins are alerted to: what looks like fraud, or like a mistake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CALLS_OF_A_DAY = 20
TIMES_THEIR_BUSIEST = 3
BUSIEST_OF = timedelta(days=30)
"""More than so many calls of a person in a day (UTC), and so many times those of their
busiest day before it."""

REFUSALS_OF_AN_HOUR = 10

TOLD_EVERY = timedelta(hours=1)
"""An admin gets one message for all that was found, and none within an hour of another."""


class AlertKind(StrEnum):
    """Why admins are told of a person."""

    FORBIDDEN = "forbidden"
    """They tried to call an emergency or premium number."""
    REFUSED = "refused"
    BUSY = "busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """What admins are told of one person.

    Attributes:
        user: Their Slack id.
        count: Attempts, refusals within an hour, or calls of the day.
        busiest: Calls of the busiest day before, of `BUSY` alone.
    """

    kind: AlertKind
    user: str
    count: int
    at: datetime
    busiest: int = 0


def is_unusual(calls: int, busiest: int) -> bool:
    """Return whether admins should hear of a day with so many calls of one person."""
    return calls > CALLS_OF_A_DAY and calls >= TIMES_THEIR_BUSIEST * busiest


def is_much_refused(refusals: int) -> bool:
    """Return whether admins should hear of so many refusals of one person in an hour."""
    return refusals >= REFUSALS_OF_AN_HOUR
