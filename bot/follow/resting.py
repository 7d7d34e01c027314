"""When the follower looks at the database again. Pure: the time is handed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LOOK_SPACING = timedelta(seconds=0.03)
"""The shortest time between two looks for what has become due, so that calls that are due
one shortly after the other share a claim. A wake-up does not wait for it."""

LONGEST_REST = timedelta(seconds=15)
"""The longest time between two looks, even if nothing is due and nothing wakes us. It
limits what a fault of ours costs, and a machine that was suspended: a sleep does not count
that time."""


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the database.

    Attributes:
        at: When it ended.
        next_at: When the first of what it has left is due; None if nothing is left.
    """

    at: datetime
    next_at: datetime | None = None


def next_look(look: Look, asked: datetime | None, spacing: timedelta) -> datetime:
    """Return when to look again after *look*, unless something wakes us before.

    *asked*: the earliest ``next_at`` that this process has stored since *look* began.
    """
    known = [each for each in (look.next_at, asked) if each is not None]
    due = min([look.at + LONGEST_REST, *known])
    return max(due, look.at + spacing)
