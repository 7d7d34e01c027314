"""The cheapest way to give each of several rows a column of its own."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NO_COLUMN = 10**15
"""What a row without a column costs: more than any sum of real costs may be."""


@dataclass(slots=True)
class _Plan:
    """Who has which column so far, and the prices that prove it the cheapest."""

    columns: list[dict[int, int]]
    owner: dict[int, int] = field(default_factory=dict)
    column: dict[int, int] = field(default_factory=dict)
    paid: dict[int, int] = field(default_factory=dict)
    price: dict[int, int] = field(default_factory=dict)


def cheapest(costs: Sequence[Mapping[int, int]]) -> dict[int, int]:
    """Return row -> column of least total cost; as many rows as possible get one.

    *costs* holds each row's possible columns (from 0) and what they cost (>= 0). Rows
    that stay alone are left out of the result. The Hungarian method by shortest
    augmenting paths, exact: rows are added one by one, and a row already placed moves
    on where that makes the whole cheaper.
    """
    # Nobody needs more than as many columns as there are rows, the cheapest.
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
    """Give *row* a column along the cheapest chain of moves, and adjust the prices."""
    distance: dict[int, int] = {}
    came_from: dict[int, int] = {}
    settled: dict[int, int] = {}
    heap: list[tuple[int, int]] = []
    current, travelled = row, 0
    while True:
        for column, cost in plan.columns[current].items():
            if column in settled:
                continue
            way = travelled + cost - plan.paid.get(current, 0)
            way -= plan.price.get(column, 0)
            if column not in distance or way < distance[column]:
                distance[column], came_from[column] = way, current
                heapq.heappush(heap, (way, column))
        travelled, column = heapq.heappop(heap)
        while column in settled:
            travelled, column = heapq.heappop(heap)
        if column not in plan.owner:
            break
        settled[column] = travelled
        current = plan.owner[column]
    plan.paid[row] = plan.paid.get(row, 0) + travelled
    for each, way in settled.items():
        plan.price[each] = plan.price.get(each, 0) - (travelled - way)
        plan.paid[plan.owner[each]] += travelled - way
    _shift(plan, row, column, came_from)


def _shift(plan: _Plan, row: int, free: int, came_from: Mapping[int, int]) -> None:
    """Move everybody on the chain that ends at the column *free* one step along it."""
    column = free
    while True:
        taker = came_from[column]
        left = plan.column.get(taker, free)
        plan.owner[column], plan.column[taker] = taker, column
        if taker == row:
            return
        column = left
