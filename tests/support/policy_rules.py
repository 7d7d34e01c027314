"""Strategies that make rules on calls, of every kind."""

from __future__ import annotations

from datetime import time

from hypothesis import strategies as st

from bot.policy.rules import CallCap, Limit, QuietHours, Ruling

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
