"""Which time it is where a number is called."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone

from bot.calls.numbers import reading
from bot.calls.numbers.phone import PhoneNumber


@lru_cache(maxsize=1024)
def zones_of(number: PhoneNumber) -> tuple[ZoneInfo, ...]:
    """Return the zones in which a number may be; none if that is not known."""
    parsed = reading.parsed(number.e164)
    names = timezone.time_zones_for_number(parsed) if parsed else ()
    found = tuple(map(zone, names))
    known = tuple(each for each in found if each is not None)
    return known if len(known) == len(found) else ()


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo | None:
    """Return a time zone; None if this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return None


def local_times(zones: tuple[ZoneInfo, ...], now: datetime) -> tuple[datetime, ...]:
    """Return the times there now, each offset from UTC once, the earliest first."""
    found = {each.utcoffset(): each for each in map(now.astimezone, reversed(zones))}
    return tuple(sorted(found.values(), key=lambda each: each.replace(tzinfo=None)))


def only_local_time(number: PhoneNumber, now: datetime) -> datetime | None:
    """Return the time where the number is called; None if there may be several."""
    found = local_times(zones_of(number), now)
    return found[0] if len(found) == 1 else None


def is_toll_free(number: PhoneNumber) -> bool:
    """Whether it is a number that companies have for callers, who pay nothing."""
    parsed = reading.parsed(number.e164)
    return (
        parsed is not None
        and phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.TOLL_FREE
    )
