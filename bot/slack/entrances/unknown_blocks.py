"""Remembers which blocks a workspace has refused, so that they are not sent again.

Slack rolls new blocks out workspace by workspace, and answers one that has not arrived
yet as it answers a malformed one: ``invalid_blocks``.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

REMEMBERED_FOR = 24 * 3600.0
"""Seconds until a refused block is tried again."""

MOST_SPACES = 1_000
"""Workspaces remembered; the one that learned longest ago is dropped first."""

NEW_BLOCKS = frozenset({"data_table", "data_visualization", "table"})
"""What a workspace may not know yet; it surely knows all others that are sent."""

Body = dict[str, Any]


class UnknownBlocks:
    """The types of blocks that each workspace has refused lately."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._refused: OrderedDict[str, tuple[float, frozenset[str]]] = OrderedDict()

    def without(self, space: str, bodies: Sequence[Body]) -> list[Body]:
        """Return those *bodies* that have no refused block; the last one always."""
        at, refused = self._refused.get(space, (0.0, frozenset()))
        if not refused or self._monotonic() - at > REMEMBERED_FOR:
            return list(bodies)
        return [each for each in bodies[:-1] if refused.isdisjoint(_types(each))] + [
            bodies[-1]
        ]

    def learn(self, space: str, refused: Iterable[Body], taken: Body) -> None:
        """Note that *taken* was accepted after *refused* were not.

        Text alone says nothing of the blocks: one that every workspace knows may have
        been malformed, in each form of this one message.
        """
        if not taken.get("blocks"):
            return
        types = frozenset(each for body in refused for each in _types(body))
        unknown = (types & NEW_BLOCKS) - _types(taken)
        if unknown:
            _, known = self._refused.pop(space, (0.0, frozenset()))
            self._refused[space] = self._monotonic(), known | unknown
            if len(self._refused) > MOST_SPACES:
                self._refused.popitem(last=False)


def _types(body: Body) -> frozenset[str]:
    return frozenset(str(block.get("type")) for block in body.get("blocks") or ())
