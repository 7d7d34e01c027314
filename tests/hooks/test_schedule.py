"""When an event is sent again, and what an answer means."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hooks.schedule import (
    KEPT_FOR,
    LONGEST_HOOK_PAUSE,
    PAUSES,
    HookAnswer,
    Receipt,
    next_try,
)
from intents import NOON


@given(
    answer_after=st.floats(0, 10),
    retry_after=st.floats(0, 600),
    late=st.floats(0, 3600),
)
def test_an_event_is_tried_for_three_days_ever_more_rarely_and_then_given_up(
    answer_after: float, retry_after: float, late: float
) -> None:
    """A receiver that is back within three days misses nothing; a dead one costs little."""
    tried, now = [], NOON + timedelta(seconds=late)
    while True:
        tried.append(now)
        failed = now + timedelta(seconds=answer_after)
        again = next_try(NOON, len(tried) - 1, failed, retry_after)
        if again is None:
            break
        assert again >= failed
        now = again

    assert len(tried) < 40
    assert tried[-1] >= NOON + KEPT_FOR
    gaps = [later - one for one, later in pairwise(tried)]
    assert gaps[:-1] == sorted(gaps[:-1])
    longest = LONGEST_HOOK_PAUSE + timedelta(seconds=answer_after)
    assert max(gaps) <= longest
    assert all(gap >= timedelta(seconds=retry_after) for gap in gaps[:-1])


def test_the_first_tries_follow_within_minutes() -> None:
    """A deployment of the receiver takes seconds, and should cost no hours."""
    assert next_try(NOON, 0, NOON) == NOON + PAUSES[0]
    assert sum(PAUSES[:4], timedelta(0)) < timedelta(minutes=15)


def test_an_event_that_lay_for_longer_is_still_tried_once() -> None:
    """After a long outage of the bot's own, its receiver may be well."""
    after = NOON + KEPT_FOR

    assert next_try(NOON, 0, after - timedelta(seconds=1)) == after
    assert next_try(NOON, 0, after) is None


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (200, Receipt.TAKEN),
        (204, Receipt.TAKEN),
        (299, Receipt.TAKEN),
        (410, Receipt.GONE),
        *(
            (each, Receipt.NOT_YET)
            for each in (None, 199, 301, 308, 400, 401, 404, 429)
        ),
        *((each, Receipt.NOT_YET) for each in (500, 503)),
    ],
)
def test_what_an_answer_means(status: int | None, meaning: Receipt) -> None:
    """Only 2xx says that the receiver has the event, and only 410 that it wants none."""
    assert HookAnswer(status, "").meaning is meaning
