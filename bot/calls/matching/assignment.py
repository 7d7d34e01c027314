"""The assignment problem: give each row a column of its own, at the least total cost."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NO_COLUMN = 10**15
"""The cost of a row without a column: larger than any sum of real costs."""


@dataclass(slots=True)
class _Plan:
    """The assignment so far, and the dual prices that prove it the cheapest."""

    columns: list[dict[int, int]]
    owner: dict[int, int] = field(default_factory=dict)
    column: dict[int, int] = field(default_factory=dict)
    paid: dict[int, int] = field(default_factory=dict)
    price: dict[int, int] = field(default_factory=dict)


def cheapest(costs: Sequence[Mapping[int, int]]) -> dict[int, int]:
    """Return row -> column of least total cost; as many rows as possible get one.

    *costs* maps each row's possible columns (from 0) to their costs (>= 0). Rows without
    a column are left out of the result. This is the Hungarian method with shortest
    augmenting paths, which is exact: rows are added one by one, and a row that already
    has a column moves to another if that makes the total cheaper.
    """
    # With n rows, no row can need more than its n cheapest columns.
    columns = [
        dict(sorted(row.items(), key=lambda each: (each[1], each[0]))[: len(costs)])
        | {-1 - index: NO_COLUMN}
        for index, row in enumerate(costs)
    ]
    plan = _Plan(columns)
    for row in range(len(costs)):
        _add(plan, row)
    return {row: column for row, column in plan.column.items() if column >= 0}


def _add(plan: _Plan, row: int) -> None:
    """Give *row* a column by the cheapest chain of moves, and adjust the prices."""
    distance: dict[int, int] = {}
    came_from: dict[int, int] = {}
    settled: dict[int, int] = {}
    heap: list[tuple[int, int]] = []
    current, traveled = row, 0
    while True:
        for column, cost in plan.columns[current].items():
            if column in settled:
                continue
            way = traveled + cost - plan.paid.get(current, 0)
            way -= plan.price.get(column, 0)
            if column not in distance or way < distance[column]:
                distance[column], came_from[column] = way, current
                heapq.heappush(heap, (way, column))
        traveled, column = heapq.heappop(heap)
        while column in settled:
            traveled, column = heapq.heappop(heap)
        if column not in plan.owner:
            break
        settled[column] = traveled
        current = plan.owner[column]
    plan.paid[row] = plan.paid.get(row, 0) + traveled
    for each, way in settled.items():
        plan.price[each] = plan.price.get(each, 0) - (traveled - way)
        plan.paid[plan.owner[each]] += traveled - way
    _shift(plan, row, column, came_from)


def _shift(plan: _Plan, row: int, free: int, came_from: Mapping[int, int]) -> None:
    """Move each row of the chain one column on; the last one takes the column *free*."""
    column = free
    while True:
        taker = came_from[column]
        left = plan.column.get(taker, free)
        plan.owner[column], plan.column[taker] = taker, column
        if taker == row:
            return
        column = left
