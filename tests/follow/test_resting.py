"""How long the follower may sleep: as a table and as properties, with time handed in."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.follow.resting import LONGEST_REST, LOOK_SPACING, Look, next_look
from intents import NOON

LONGEST = LONGEST_REST.total_seconds()
SPACING = LOOK_SPACING.total_seconds()


def at(seconds: float | None) -> datetime | None:
    """Return so many seconds after noon; None stays None."""
    return None if seconds is None else NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("left", "asked", "then"),
    [
        (None, None, LONGEST),
        (7, None, 7),
        (None, 7, 7),
        (7, 3, 3),
        (3, 7, 3),
        (600, None, LONGEST),
        (0.01, None, SPACING),
        (-30, None, SPACING),
        (None, -30, SPACING),
    ],
)
def test_the_next_look_is_when_the_first_call_is_due(
    left: float | None, asked: float | None, then: float
) -> None:
    """An idle bot must not keep the database busy, nor let a due call wait."""
    look = Look(NOON, at(left))

    assert next_look(look, at(asked), LOOK_SPACING) == at(then)


moments = st.none() | st.floats(-100, 100)


@given(left=moments, asked=moments)
def test_no_due_call_waits_longer_than_the_spacing(
    left: float | None, asked: float | None
) -> None:
    """Whatever is due: never two looks at once, never a call fifty milliseconds late."""
    then = next_look(Look(NOON, at(left)), at(asked), LOOK_SPACING)

    assert timedelta(seconds=0.05) > LOOK_SPACING
    assert NOON + LOOK_SPACING <= then <= NOON + LONGEST_REST
    for due in (at(left), at(asked)):
        if due is not None and due <= NOON + LONGEST_REST:
            assert then <= max(due, NOON) + LOOK_SPACING
