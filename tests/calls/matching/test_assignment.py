"""The cheapest one-to-one assignment, checked against trying everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.matching.assignment import NO_COLUMN, cheapest

ROWS = st.lists(
    st.dictionaries(st.integers(0, 4), st.integers(0, 20), max_size=5), max_size=4
)


def total(costs: Sequence[Mapping[int, int]], plan: Mapping[int, int]) -> int:
    """Return what *plan* costs in all."""
    return sum(
        costs[row][plan[row]] if row in plan else NO_COLUMN for row in range(len(costs))
    )


def by_trying(costs: Sequence[Mapping[int, int]]) -> int:
    """Return the least total cost of all one-to-one plans."""
    ways = product(*([None, *row] for row in costs))
    plans = (
        {row: column for row, column in enumerate(way) if column is not None}
        for way in ways
    )
    return min(
        total(costs, plan) for plan in plans if len(set(plan.values())) == len(plan)
    )


@given(ROWS)
def test_nothing_is_cheaper(costs: list[dict[int, int]]) -> None:
    """The plan costs what the best of all plans costs, and is one-to-one."""
    plan = cheapest(costs)

    assert len(set(plan.values())) == len(plan)
    assert total(costs, plan) == by_trying(costs)


@pytest.mark.parametrize(
    ("costs", "plan"),
    [
        ([], {}),
        ([{}], {}),
        ([{0: 1, 1: 9}, {0: 2}], {0: 1, 1: 0}),
        ([{0: 1}, {0: 2}], {0: 0}),
        ([{0: 0, 1: 1}, {0: 0, 1: 1, 2: 5}, {0: 0, 1: 3}], {0: 1, 1: 2, 2: 0}),
    ],
)
def test_a_row_moves_on_where_that_helps_the_whole(
    costs: list[dict[int, int]], plan: dict[int, int]
) -> None:
    """As many rows as possible get a column; who is alone is left out."""
    assert cheapest(costs) == plan
