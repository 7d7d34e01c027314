"""Reads numbers and dates in the headers of answers, which may hold any text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER = 600.0
"""Seconds. A longer ``Retry-After`` is cut to this: to ask again after ten minutes costs
little, and one wrong header must not stop calls for hours."""

SHORTEST_RETRY_AFTER = 1.0
"""Seconds. With less, requests would follow each other as fast as they are refused."""

PLAIN_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?(e[0-9]+)?", re.IGNORECASE | re.ASCII)
"""What counts as a number: `float` would also take ``inf``, ``1_0`` and other digits."""


def value(headers: Mapping[str, str], name: str) -> str:
    """Return the header *name*, which is in lower case; a comma joins several values."""
    found = (text for key, text in headers.items() if str(key).lower() == name)
    return ",".join(str(text).strip() for text in found)


def number(text: str) -> float | None:
    """Return a number of at least 0, perhaps infinite; None if *text* is not one."""
    return float(text) if PLAIN_NUMBER.fullmatch(text) else None


def date(text: str) -> datetime | None:
    """Return an HTTP date as an aware datetime; None if it is not one."""
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def retry_after(headers: Mapping[str, str], usual: float, now: datetime) -> float:
    """Return the seconds that ``Retry-After`` asks for, a number or a date.

    Of several numbers the largest counts. *usual* is for a header that is missing or
    can't be read.
    """
    text = value(headers, "retry-after")
    seconds = [number(each.strip()) for each in text.split(",")]
    waits = [each for each in seconds if each is not None]
    if not waits and (at := date(text)):
        waits = [(at - now).total_seconds()]
    return min(max(SHORTEST_RETRY_AFTER, *(waits or [usual])), LONGEST_RETRY_AFTER)
