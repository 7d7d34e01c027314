"""Strategies that make rules on calls, of every kind."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import strategies as st

from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.numbers.tariff import Tariff
from bot.policy.rules import (
    Askable,
    CallCap,
    Limit,
    PolicyRules,
    QuietHours,
    Rule,
    Ruling,
    Section,
)
from bot.policy.wish import (
    CallEntrance,
    Counts,
    DoNotCall,
    Earlier,
    Pause,
    Wish,
)

NUMBERS = st.integers(1, 50)


def _limits(given: tuple[list[int], list[int], list[bool]]) -> tuple[Limit, ...]:
    spans, counts, hard = given
    last = len(spans) - 1
    return tuple(
        Limit(
            counts[at],
            seconds,
            Ruling.REFUSE if at == last or hard[at] else Ruling.ASK,
        )
        for at, seconds in enumerate(sorted(spans))
    )


THROTTLES = st.tuples(
    st.lists(st.integers(1, 1440).map(lambda each: each * 60), max_size=4, unique=True),
    st.lists(NUMBERS, min_size=4, max_size=4),
    st.lists(st.booleans(), min_size=4, max_size=4),
).map(_limits)

CAPS = st.builds(CallCap, st.none() | NUMBERS, st.none() | NUMBERS)

MINUTES = st.integers(0, 24 * 60 - 1)
HOURS = st.lists(MINUTES, min_size=2, max_size=2, unique=True).map(
    lambda given: QuietHours(*(time(each // 60, each % 60) for each in given))
)

PEOPLE = ("U1", "U2", "S1", "T1:U1", "E1:U2", "T2:U1")
CHANNELS = ("C1", "C2", "T1:C1")
COUNTRIES = ("US", "DE", "GB")
RULINGS = st.sampled_from(Ruling)
REGIONS = st.none() | st.frozensets(st.sampled_from(COUNTRIES), min_size=1)
TYPES = st.frozensets(st.sampled_from((Tariff.PERSONAL, Tariff.SHARED_COST)))
BOUNDS = st.none() | NUMBERS


def _some(ids: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(ids), max_size=2)


SECTIONS = st.builds(
    Section,
    who=_some(PEOPLE),
    where=_some(CHANNELS),
    countries=REGIONS,
    number_types=st.none() | TYPES,
    calls_at_once=BOUNDS,
    calls_per_day=BOUNDS,
    minutes_per_month=BOUNDS,
)
RULES = st.builds(
    PolicyRules,
    users=_some(PEOPLE),
    channels=_some(CHANNELS),
    guests=st.booleans(),
    shared_channels=st.booleans(),
    countries=REGIONS,
    number_types=TYPES,
    calls_per_minute=NUMBERS,
    throttle=THROTTLES,
    quiet_hours=st.none() | HOURS,
    calls_at_once=CAPS,
    calls_per_day=CAPS,
    minutes_per_month=CAPS,
    first_time=RULINGS,
    foreign=RULINGS,
    askable=st.frozensets(st.sampled_from(Askable)),
    sections=st.lists(SECTIONS, max_size=3).map(tuple),
)

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
"""The moment of all decisions here."""

OFFICE = PhoneNumber("+14155550142")
NUMBERS_CALLED = st.sampled_from(
    (
        OFFICE,
        PhoneNumber("+493012345678"),
        PhoneNumber("+447700900123"),
        PhoneNumber("+18005550199"),
        PhoneNumber("+447012345678"),
        PhoneNumber("+19005550142"),
        PhoneNumber("+442079460"),
    )
)
"""Ordinary, foreign, toll-free, personal, premium and doubtful ones."""

PLACES = st.builds(
    Place,
    st.just("T1"),
    st.sampled_from(("C1", "C2", "")),
    st.sampled_from(("U1", "U2", "U3")),
    st.just("E1"),
)
WISHES = st.builds(
    Wish,
    place=PLACES,
    entrance=st.sampled_from(CallEntrance),
    number=NUMBERS_CALLED,
    groups=st.frozensets(st.just("S1")),
    is_guest=st.booleans(),
    is_shared=st.booleans(),
    is_company=st.booleans(),
    zone=st.sampled_from(("", "Europe/Berlin", "No/Where")),
    answered=st.frozensets(st.sampled_from(Rule)),
    granted=st.frozensets(st.sampled_from(Rule)),
)
EARLIER = st.builds(
    Earlier,
    at=st.integers(0, 24 * 60 * 60).map(lambda each: NOON - timedelta(seconds=each)),
    by=st.sampled_from(("U1", "U2")),
)
FEW = st.integers(0, 60)
COUNTS = st.builds(
    Counts,
    pause=st.none() | st.just(Pause(by="U9", since=NOON)),
    do_not_call=st.none() | st.just(DoNotCall(digits="+1415", is_prefix=True)),
    earlier=st.lists(EARLIER, max_size=9).map(tuple),
    is_known=st.booleans(),
    last_minute=FEW,
    open_person=FEW,
    open_everybody=FEW,
    day_person=FEW,
    day_everybody=FEW,
    month_person=st.integers(0, 4000),
    month_everybody=st.integers(0, 4000),
)
