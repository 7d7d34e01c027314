"""Who is let in is decided by Slack's answer, and by the last one while Slack is silent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.people.standing import (
    ADMITTED,
    STANDING_KEPT_FOR,
    KnownStanding,
    Standing,
    decided,
)

KEPT = STANDING_KEPT_FOR.total_seconds()
AT = st.none() | st.floats(0, 1e9)


@given(
    heard=st.sampled_from(Standing),
    last=st.none() | st.builds(KnownStanding, st.sampled_from(Standing), AT),
)
def test_an_answer_counts_and_silence_leaves_the_last_one(
    heard: Standing, last: KnownStanding | None
) -> None:
    """However old: a Slack that is away must neither let in a guest nor stop members."""
    silent = heard is Standing.UNKNOWN and last is not None

    assert decided(heard, last) is (last.standing if last and silent else heard)


@pytest.mark.parametrize(
    ("at", "now", "is_fresh"),
    [
        (0.0, 0.0, True),
        (0.0, KEPT - 1, True),
        (0.0, KEPT, False),
        (None, 0.0, False),
    ],
)
def test_an_answer_is_kept_for_a_quarter_of_an_hour(
    at: float | None, now: float, *, is_fresh: bool
) -> None:
    """Of several processes only one hears of a change; the others go by their age."""
    assert KnownStanding(Standing.MEMBER, at).is_fresh(now) is is_fresh
    assert KEPT == 900


def test_only_members_are_let_in_and_those_of_whom_slack_may_not_be_asked() -> None:
    """A new standing has to be put on one side or the other."""
    out = {
        Standing.GUEST,
        Standing.STRANGER,
        Standing.DEACTIVATED,
        Standing.APP,
        Standing.UNKNOWN,
    }

    assert set(Standing) - ADMITTED == out
