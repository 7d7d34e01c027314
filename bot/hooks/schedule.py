"""What an answer means, and when an event is sent again: decided, not carried out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from http import HTTPStatus

KEPT_FOR = timedelta(days=3)
"""How long an event is sent again; the last try is at its end."""

PAUSES = tuple(
    timedelta(seconds=each) for each in (5, 30, 120, 600, 1800, 3600, 7200, 14400)
)
LONGEST_HOOK_PAUSE = timedelta(hours=6)
"""The pause once `PAUSES` is used up."""

MAY_ASK_FOR_TIME = frozenset(
    [HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE]
)
"""Answers whose ``Retry-After`` counts."""


class Receipt(Enum):
    """What an answer means."""

    TAKEN = "taken"
    NOT_YET = "not yet"
    GONE = "gone"
    """The receiver wants no more events."""


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What came back. *status* is HTTP's; None if no answer came, and *words* say why.

    *retry_after*: the seconds that the receiver asks for.
    """

    status: int | None
    words: str
    retry_after: float = 0.0

    @property
    def meaning(self) -> Receipt:
        """What it means; a redirect is not followed, and so means `NOT_YET`."""
        if self.status is None:
            return Receipt.NOT_YET
        if self.status == HTTPStatus.GONE:
            return Receipt.GONE
        is_taken = HTTPStatus(200) <= self.status < HTTPStatus(300)
        return Receipt.TAKEN if is_taken else Receipt.NOT_YET


def next_try(
    at: datetime, tries: int, now: datetime, retry_after: float = 0.0
) -> datetime | None:
    """Return when to send an event again; None to give it up.

    *tries*: failures before this one; *at*: when the event was stored.
    """
    ends = at + KEPT_FOR
    if now >= ends:
        return None
    pause = PAUSES[tries] if tries < len(PAUSES) else LONGEST_HOOK_PAUSE
    return min(now + max(pause, timedelta(seconds=retry_after)), ends)
