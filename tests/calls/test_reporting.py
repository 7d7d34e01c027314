"""When a report's day, week and month begin, in any zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.reporting import Period, begin_of

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
MOMENTS = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001 - `timezones` gives it one
    datetime(2030, 1, 1),  # noqa: DTZ001 - `timezones` gives it one
    timezones=st.just(UTC),
)


@given(MOMENTS, st.sampled_from(ZONES), st.sampled_from(Period))
def test_a_period_began_with_its_first_day(
    now: datetime, name: str, period: Period
) -> None:
    """A call of one minute past midnight is today's, one of a minute before is not."""
    zone = ZoneInfo(name)

    begun = begin_of(period, now, zone)

    first, today = begun.astimezone(zone).date(), now.astimezone(zone).date()
    assert begun <= now
    assert (begun - timedelta(seconds=1)).astimezone(zone).date() < first
    assert (today - first).days < {"today": 1, "week": 7, "month": 31}[period]
    assert period is not Period.WEEK or first.weekday() == 0
    assert period is not Period.MONTH or first.day == 1


@pytest.mark.parametrize(
    ("zone", "now", "begun"),
    [
        ("Europe/Berlin", "2026-03-29T10:00", "2026-03-28T23:00"),
        ("Europe/Berlin", "2026-10-25T10:00", "2026-10-24T22:00"),
        ("Asia/Beirut", "2026-03-29T10:00", "2026-03-28T22:00"),
        ("America/Havana", "2026-11-01T18:00", "2026-11-01T04:00"),
    ],
    ids=["23 hours", "25 hours", "no midnight", "two midnights"],
)
def test_a_day_of_other_than_24_hours_begins_when_it_begins(
    zone: str, now: str, begun: str
) -> None:
    """Twice a year most of our readers have one."""
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    found = begin_of(Period.TODAY, at, ZoneInfo(zone))

    assert found == datetime.fromisoformat(begun).replace(tzinfo=UTC)
    assert found.astimezone(ZoneInfo(zone)).time() in (time(0), time(1))
