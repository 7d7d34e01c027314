"""What a digest adds up: by day and by person, and for nobody who keeps it private."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import End
from bot.calls.digest import MOST_DAYS_SHOWN, DigestSums, days_of, people_of
from bot.calls.figures import CountedCall, Figures, figures
from bot.calls.log.ending import Ending
from intents import NOON

BERLIN = ZoneInfo("Europe/Berlin")
counted = st.builds(
    CountedCall,
    st.sampled_from(["U1", "U2", "U3"]),
    st.integers(0, 60).map(lambda hours: NOON + timedelta(hours=hours)),
    st.booleans(),
    st.none() | st.sampled_from(End),
    st.none() | st.sampled_from([Ending.ANSWERED, Ending.BUSY, Ending.NOT_DIALED]),
    st.booleans(),
)


@given(st.lists(st.lists(counted, max_size=4), max_size=4))
def test_days_and_people_are_those_of_a_naive_count(
    pages: list[list[CountedCall]],
) -> None:
    """Where a page ends does not show, and every call is on its local day."""
    calls = [call for page in pages for call in page]
    sums = DigestSums()
    for page in pages:
        sums = sums.with_page(page, BERLIN)

    days = days_of(sums, NOON, NOON + timedelta(hours=61), BERLIN)

    assert sums.total == figures(calls, with_private=False)
    assert [day for day, _ in days] == [
        date(2026, 11, each) for each in (20, 21, 22, 23)
    ]
    for day, found in days:
        theirs = [c for c in calls if c.asked_at.astimezone(BERLIN).date() == day]
        assert found == figures(theirs, with_private=False)
    for user in ("U1", "U2", "U3"):
        mine = [each for each in calls if each.user == user and not each.is_private]
        found = sums.people.get(user, Figures())
        assert found == figures(mine, with_private=False)
    ranked = [each.calls for _, each in people_of(sums)]
    assert ranked == sorted(ranked, reverse=True)


def test_a_long_outage_shows_the_last_days_alone() -> None:
    """A chart has twenty points; the sums are of all days all the same."""
    until = NOON + timedelta(days=60)

    days = days_of(DigestSums(), NOON, until, BERLIN)

    assert len(days) == MOST_DAYS_SHOWN
    assert days[-1] == (date(2027, 1, 19), Figures())


def test_a_digest_until_midnight_has_no_empty_day_at_its_end() -> None:
    """Its last moment is of the day before."""
    midnight = NOON.replace(hour=23)

    days = days_of(DigestSums(), midnight - timedelta(days=1), midnight, BERLIN)

    assert [day for day, _ in days] == [date(2026, 11, 20)]
