"""When a reminder is due, in every time zone, also where clocks jump."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.reminding import Reminder, Soon, due_at, tomorrow_at_nine
from intents import ANN, NOON

ZONES = sorted(zoneinfo.available_timezones())
MOMENTS = st.integers(631_152_000, 2_840_140_800).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
"""From 1990 to 2060."""


@given(MOMENTS, st.sampled_from(ZONES))
def test_tomorrow_at_nine_is_nine_wherever_nine_exists(
    now: datetime, name: str
) -> None:
    """A person in any zone is reminded when their own clock first shows nine."""
    zone = ZoneInfo(name)
    due = tomorrow_at_nine(now, zone)

    local = due.astimezone(zone)
    today = now.astimezone(zone).date()
    assert due > now
    assert due - now < timedelta(days=3)
    assert local.date() > today
    minute_before = (due - timedelta(minutes=1)).astimezone(zone)
    skipped = minute_before.utcoffset() != local.utcoffset()
    assert skipped or local.time().replace(second=0) == time(9)


@pytest.mark.parametrize(
    ("zone", "now", "due"),
    [
        # Samoa skipped 30 December 2011: 9:00 of that day is 9:00 of the 31st.
        ("Pacific/Apia", (2011, 12, 30, 5), (2011, 12, 30, 19)),
        # Athens, 1979: the clocks went from 9:00 to 10:00.
        ("Europe/Athens", (1979, 3, 31, 12), (1979, 4, 1, 7)),
        # Kwajalein, 1993: 21 August did not exist.
        ("Pacific/Kwajalein", (1993, 8, 21, 0), (1993, 8, 21, 21)),
        # The clocks went back at 3:00 on that day; 9:00 is standard time.
        ("Europe/Berlin", (2026, 10, 24, 12), (2026, 10, 25, 8)),
        ("Europe/Berlin", (2026, 3, 28, 12), (2026, 3, 29, 7)),
        # Its day has just begun there, or is about to.
        ("Asia/Kathmandu", (2026, 11, 20, 18, 14), (2026, 11, 21, 3, 15)),
        ("Asia/Kathmandu", (2026, 11, 20, 18, 15), (2026, 11, 22, 3, 15)),
    ],
)
def test_days_and_hours_that_are_skipped_or_shown_twice(
    zone: str, now: tuple[int, ...], due: tuple[int, ...]
) -> None:
    """Nobody is reminded at another hour because a clock jumped."""
    moment = datetime(*now, tzinfo=UTC)  # type: ignore[misc,arg-type]

    found = tomorrow_at_nine(moment, ZoneInfo(zone))

    assert found == datetime(*due, tzinfo=UTC)  # type: ignore[misc,arg-type]


class NineTwice(tzinfo):
    """A zone whose clocks go back from 10:00 to 9:00 on 21 November 2026."""

    back = datetime(2026, 11, 21, 9, tzinfo=UTC)

    def utcoffset(self, dt: datetime | None) -> timedelta:
        """Return an hour before that, and nothing after it."""
        assert dt is not None
        local = dt.replace(tzinfo=None)
        first = datetime(2026, 11, 21, 9 + (dt.fold == 0))  # noqa: DTZ001 - local
        return timedelta(hours=1) if local < first else timedelta(0)

    def dst(self, dt: datetime | None) -> timedelta:
        """Return the same."""
        return self.utcoffset(dt)

    def tzname(self, dt: datetime | None) -> str:
        """Return a name."""
        del dt
        return "nine twice"

    def fromutc(self, dt: datetime) -> datetime:
        """Return the local time of a moment."""
        is_before = dt.replace(tzinfo=UTC) < self.back
        return dt + timedelta(hours=1) if is_before else dt


def test_a_time_that_is_shown_twice_is_the_first_one() -> None:
    """Late is worse than early for whoever promised to call back."""
    assert tomorrow_at_nine(NOON, NineTwice()) == datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_what_can_be_chosen() -> None:
    """Each choice has its time; "another time" needs one."""
    later = NOON + timedelta(days=2)

    assert due_at(Soon.QUARTER, NOON, UTC, later) == NOON + timedelta(minutes=15)
    assert due_at(Soon.HOUR, NOON, UTC, None) == NOON + timedelta(hours=1)
    assert due_at(Soon.TOMORROW, NOON, UTC, None) == NOON + timedelta(hours=21)
    assert due_at(Soon.AT, NOON, UTC, later) == later
    assert due_at(Soon.AT, NOON, UTC, None) is None


def test_a_reminder_is_late_after_an_outage_alone() -> None:
    """Nobody needs an apology for half a minute."""
    due = Reminder("r", "c1", ANN, NOON)

    assert not due.is_late(NOON + timedelta(seconds=30))
    assert due.is_late(NOON + timedelta(minutes=6))
