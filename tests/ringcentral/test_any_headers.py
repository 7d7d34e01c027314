"""Whatever headers answers have, the budget stays small, open, and out of penalties."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import RateLimited
from bot.headers import LONGEST_RETRY_AFTER
from bot.ringcentral.budget import MOST_TEXT, Budget
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.transport import wire

NUMBERS = st.integers(-2, 12_000) | st.sampled_from(
    [59, 60, 119, 121, 3599, 30_000_000]
)
SAID = (
    NUMBERS.map(str)
    | st.text(max_size=8)
    | st.sampled_from(["9" * 5000, "nan", "", "0.0001", "0.9"])
)
GROUPS = st.sampled_from(["heavy", "light", "Auth", "x", "y", "z"]) | st.text(
    max_size=9
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "X-Rate-Limit-Group": GROUPS,
        "X-Rate-Limit-Limit": SAID,
        "X-Rate-Limit-Remaining": SAID,
        "X-Rate-Limit-Window": SAID,
        "Retry-After": SAID,
    },
)
STEPS = st.tuples(
    st.sampled_from(Purpose), st.booleans(), HEADERS, st.floats(0, 70), st.booleans()
)
"""A request's purpose; whether it is refused; its headers; the seconds before it; whether
it is still in flight when the next one is sent."""


def answered(
    budget: Budget, purpose: Purpose, now: float, error: Any, said: Any
) -> float:
    """Count an answer as a gate does; return until when it closes its purpose."""
    if not isinstance(error, RateLimited):
        budget.done(purpose, now, wire.rate(said))
        return 0.0
    budget.done(purpose, now, None)
    budget.penalty(purpose, now, error.retry_after, error.group)
    return now + error.retry_after


@given(st.lists(STEPS, max_size=25))
def test_any_headers_in_any_order_cost_little_and_close_for_ten_minutes_at_most(
    steps: list[tuple[Purpose, bool, dict[str, str], float, bool]],
) -> None:
    """One answer took 2 GB; another closed a person's calls for an hour."""
    budget, now, sent = Budget(), 0.0, 0
    penalties = dict.fromkeys(Purpose, 0.0)
    late: list[tuple[Purpose, Any, dict[str, str]]] = []
    for purpose, refused, said, pause, stays_in_flight in steps:
        now += pause
        if budget.ready_in(purpose, now) <= 0:
            assert now >= penalties[purpose]
            budget.take(purpose, now)
            sent += 1
            error = wire.error(429, said, None) if refused else None
            late.append((purpose, error, said))
        if not stays_in_flight:
            for of, error, headers in late:
                until = answered(budget, of, now, error, headers)
                penalties[of] = max(penalties[of], until)
            late.clear()

        text = budget.dump()
        assert len(text) < 2_000 + 150 * sent
        waits = [budget.ready_in(each, now) for each in Purpose]
        assert all(0 <= wait < LONGEST_RETRY_AFTER + 0.001 for wait in waits)
        again = Budget.load(text)
        assert [again.ready_in(each, now) for each in Purpose] == waits


@pytest.mark.parametrize("limit", ["10000", "10001", "10000000", "30000000"])
def test_a_huge_limit_that_is_used_up_is_one_entry(limit: str) -> None:
    """30,000,000 took 2 GB and held the event loop up for eight seconds."""
    budget = Budget()
    for second in range(5):
        budget.take(Purpose.PLACE, second)
        said = {
            "X-Rate-Limit-Group": "heavy",
            "X-Rate-Limit-Limit": limit,
            "X-Rate-Limit-Remaining": "0",
            "X-Rate-Limit-Window": "60",
        }
        budget.done(Purpose.PLACE, second, wire.rate(said))

    assert len(budget.dump()) < 1_000
    assert budget.ready_in(Purpose.LOG, 5.0) <= 60


def sent_in_a_second(budget: Budget, said: dict[str, str]) -> int:
    """Return how many calls are placed in a second if each answer has these headers."""
    for sent in range(1_000):
        if budget.ready_in(Purpose.PLACE, 1 + sent / 1_000) > 0:
            return sent
        budget.take(Purpose.PLACE, 1 + sent / 1_000)
        budget.done(Purpose.PLACE, 1 + sent / 1_000, wire.rate(said))
    return 1_000


@pytest.mark.parametrize("window", ["0.0001", "1e0.1", "0.0", "0.5", "0.999"])
@pytest.mark.parametrize("limit", ["1", "10", "10000"])
def test_a_window_of_a_moment_lifts_no_limit(limit: str, window: str) -> None:
    """All requests of a person would leave at once, and RingCentral would refuse them."""
    budget = Budget()
    budget.take(Purpose.PLACE, 0.0)
    budget.done(Purpose.PLACE, 0.0, wire.Rate("heavy", 10, 9, 60.0))
    said = {
        "X-Rate-Limit-Group": "heavy",
        "X-Rate-Limit-Limit": limit,
        "X-Rate-Limit-Remaining": limit,
        "X-Rate-Limit-Window": window,
    }

    assert sent_in_a_second(budget, said) < 10


def test_a_window_of_a_moment_that_was_stored_lifts_no_limit() -> None:
    """An older program believed it."""
    budget = Budget.load(stored(window=0.0001))

    assert sent_in_a_second(budget, {}) <= 10


def test_a_window_of_an_hour_closes_nothing() -> None:
    """A person's calls stood still for an hour because of one answer."""
    budget = Budget()
    budget.take(Purpose.PLACE, 0.0)
    said = {
        "X-Rate-Limit-Group": "heavy",
        "X-Rate-Limit-Limit": "10",
        "X-Rate-Limit-Remaining": "0",
        "X-Rate-Limit-Window": "3599",
    }
    budget.done(Purpose.PLACE, 0.0, wire.rate(said))

    assert budget.ready_in(Purpose.PLACE, 0.0) == 0


def test_a_penalty_holds_whatever_group_a_late_answer_names() -> None:
    """A request in flight is answered after the 429, and calls the group by a new name."""
    budget = Budget()
    for purpose in (Purpose.STATUS, Purpose.STATUS, Purpose.ACCOUNT):
        budget.take(purpose, 0.0)
    answered(budget, Purpose.STATUS, 1.0, RateLimited(60.0, "light"), {})
    for purpose in (Purpose.STATUS, Purpose.ACCOUNT):
        budget.done(purpose, 2.0, wire.Rate("other", 50, 49, 60.0))

    assert budget.ready_in(Purpose.STATUS, 3.0) == 58
    assert budget.ready_in(Purpose.ACCOUNT, 3.0) == 58
    assert Budget.load(budget.dump()).ready_in(Purpose.STATUS, 3.0) == 58


def stored(**group: Any) -> str:
    """Return a budget as version 0.1.0 stored it, with this in its group of calls."""
    usual = {"limit": 10, "window": 60.0, "closed_until": 0.0, "in_flight": []}
    groups = {"heavy": {**usual, "used": [], **group}}
    return json.dumps({"groups": groups, "known": {"PLACE": "heavy"}})


@pytest.mark.parametrize(
    ("text", "longest"),
    [
        (stored(window=3599.0, used=[(0.0, "PLACE")] * 10), 60),
        (stored(limit=30_000_000, used=[(0.0, None)] * 50_000), 60),
        (stored(closed_until=1e12), LONGEST_RETRY_AFTER),
        (stored(used=[(1e12, "PLACE")] * 10), 60),
        (stored(in_flight=[(1e12, "PLACE")] * 10), 60),
        (stored(closed_until=float("nan")), 0),
        (stored(limit="many"), 0),
        (stored(used=7), 0),
        ("[]", 0),
        ("{", 0),
        ("0" * (MOST_TEXT + 1), 0),
    ],
)
def test_what_is_stored_is_read_within_the_same_bounds(
    text: str, longest: float
) -> None:
    """An older program may have stored what it believed, or a clock may be set back."""
    budget = Budget.load(text)
    wait = budget.ready_in(Purpose.PLACE, 1.0)

    assert wait <= longest
    budget.ready_in(Purpose.PLACE, 1.0 + wait + 60)  # a lost request counts as answered
    assert budget.ready_in(Purpose.PLACE, 1.0 + wait + 120) == 0
    assert len(budget.dump()) < 2_000


def test_version_0_1_0_reads_what_is_stored() -> None:
    """In a rolling upgrade both share the row; it refuses fields that it does not know."""
    budget = Budget()
    budget.take(Purpose.PLACE, 0.0)
    budget.done(Purpose.PLACE, 0.0, wire.Rate("heavy", 10, 3, 60.0))

    (group,) = json.loads(budget.dump())["groups"].values()

    assert group.keys() == {"limit", "window", "closed_until", "in_flight", "used"}
    assert group["used"] == [[0.0, "PLACE"]]
