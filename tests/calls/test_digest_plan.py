"""When digests are due: each local day once, never early, in any zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.digest_plan import DigestPlan, last_due, next_due

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
MOMENTS = st.datetimes(
    datetime(2015, 1, 1),  # noqa: DTZ001 - `timezones` gives it one
    datetime(2036, 1, 1),  # noqa: DTZ001 - `timezones` gives it one
    timezones=st.just(UTC),
)
PLANS = st.builds(
    DigestPlan,
    st.just("C1"),
    st.times().map(lambda each: each.replace(second=0, microsecond=0, fold=0)),
    st.sampled_from(ZONES).map(ZoneInfo),
    st.none() | st.integers(0, 6),
)


@given(PLANS, MOMENTS)
def test_each_local_day_has_one_digest_and_never_early(
    plan: DigestPlan, start: datetime
) -> None:
    """Whatever the clocks do between two digests, no day is told twice or left out."""
    step = timedelta(days=1 if plan.weekday is None else 7)
    due = next_due(plan, start)
    day = due.astimezone(plan.zone).date()
    if _wall(due, plan) < datetime.combine(day, plan.at):
        day -= timedelta(
            days=1
        )  # its clocks have skipped midnight and the time with it

    for _ in range(9):
        assert plan.weekday in (None, day.weekday())
        late = _wall(due, plan) - datetime.combine(day, plan.at)
        assert timedelta(0) <= late <= timedelta(hours=2)
        assert last_due(plan, due) == due
        assert last_due(plan, due + timedelta(seconds=1)) == due
        following = next_due(plan, due)
        assert last_due(plan, following - timedelta(seconds=1)) == due
        due, day = following, day + step


def _wall(due: datetime, plan: DigestPlan) -> datetime:
    return due.astimezone(plan.zone).replace(tzinfo=None)


@given(PLANS, MOMENTS)
def test_a_moment_is_between_the_last_and_the_next(
    plan: DigestPlan, now: datetime
) -> None:
    """Nothing is due in the past, and nothing that is due is passed over."""
    last, following = last_due(plan, now), next_due(plan, now)

    assert last <= now < following
    assert next_due(plan, last) == following


@pytest.mark.parametrize(
    ("zone", "at", "after", "due"),
    [
        ("Europe/Berlin", time(2, 30), "2026-03-28T12:00", "2026-03-29T01:30"),
        ("Europe/Berlin", time(2, 30), "2026-10-24T12:00", "2026-10-25T00:30"),
        ("Europe/Berlin", time(2, 30), "2026-10-25T00:30", "2026-10-26T01:30"),
        ("Europe/Berlin", time(9), "2026-03-28T08:00", "2026-03-29T07:00"),
        ("Asia/Beirut", time(0), "2026-03-28T12:00", "2026-03-28T22:00"),
        ("Pacific/Apia", time(9), "2011-12-29T18:00", "2011-12-29T19:00"),
        ("Pacific/Apia", time(9), "2011-12-29T19:00", "2011-12-30T19:00"),
    ],
    ids=[
        "skipped",
        "first of two",
        "not the second",
        "summer",
        "no midnight",
        "before a skipped day",
        "after a skipped day",
    ],
)
def test_clocks_that_skip_or_repeat_a_time(
    zone: str, at: time, after: str, due: str
) -> None:
    """As in the calendar of whoever reads it."""
    plan = DigestPlan("C1", at, ZoneInfo(zone))
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)

    assert next_due(plan, moment) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_each_digest_has_a_name_of_its_own() -> None:
    """The database knows it again by that; who is named in it does not matter."""
    zone = ZoneInfo("UTC")
    plans = [
        DigestPlan("C1", time(9), zone),
        DigestPlan("C2", time(9), zone),
        DigestPlan("C1", time(9, 30), zone),
        DigestPlan("C1", time(9), ZoneInfo("Europe/Berlin")),
        DigestPlan("C1", time(9), zone, 0),
        DigestPlan("C1", time(9), zone, workspace="T1"),
    ]

    assert len({each.id for each in plans}) == len(plans)
    assert DigestPlan("C1", time(9), zone, by_person=True).id == plans[0].id
