"""What a double saw: every request, in the order in which it came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

TOO_MANY = 429


@dataclass(slots=True, kw_only=True)
class Seen:
    """One request, and the answer that it got.

    Attributes:
        time: Seconds of the monotonic clock at which it had been read.
        query: Every value of every parameter, decoded.
        body: JSON or form (a dict of the last values), else the raw bytes; None for
            an empty body.
        headers: Lower-case names; of ``authorization`` only the scheme is kept.
        status: 0 as long as no answer was given; stays 0 where it was lost.
        answered_at: When it was given, as ``time``; nobody knew of it before.
        answer: The JSON that was answered; None for none.
        group: RingCentral's rate group, ``Light`` and so on; empty if unknown.
        person: The short name of the RingCentral user whose budget paid for it.
        in_penalty: It came while its group was closed, and so made the penalty longer.
        connection_id: Counts TCP connections from 1.
        off_spec: The answer is deliberately none that the documents know.
        left: How many requests of its group the window had left after it, if limited.
    """

    time: float
    method: str
    path: str
    query: Mapping[str, list[str]]
    body: Any
    headers: Mapping[str, str]
    connection_id: int
    status: int = 0
    answered_at: float = 0.0
    answer: Any = field(default=None, repr=False)
    group: str = ""
    person: str = ""
    in_penalty: bool = False
    off_spec: bool = False
    left: int | None = None

    def first(self, name: str) -> str:
        """Return the parameter's first value; empty if it was not sent."""
        values = self.query.get(name) or [""]
        return values[0]


@dataclass(slots=True)
class Ledger:
    """All that was seen. Connections that sent no request are not counted."""

    requests: list[Seen] = field(default_factory=list)
    connections: int = 0
    _known: dict[int, tuple[object, int]] = field(default_factory=dict, repr=False)

    def connection(self, transport: object) -> int:
        """Return the number of *transport*'s connection.

        It is kept alive here, so that no later one can have the same `id`.
        """
        known = self._known.get(id(transport))
        if known is None:
            self.connections += 1
            known = self._known[id(transport)] = (transport, self.connections)
        return known[1]

    def of(self, method: str, path_contains: str) -> list[Seen]:
        """Return the requests with *method* (empty: any) to such a path."""
        return [
            seen
            for seen in self.requests
            if method in ("", seen.method) and path_contains in seen.path
        ]


AWARE_AFTER = 0.5
"""Seconds from a 429's answer until nothing may come in its group: what comes sooner
was on its way by then, and nobody could have called it back."""


TOLD_WITHIN = 1.0
"""Seconds in which who got a 429 tells the other processes of it, by the database."""


def heedless(
    requests: Sequence[Seen],
    penalty: float,
    blind: Sequence[tuple[float, float]] = (),
) -> list[Seen]:
    """Return the requests inside a penalty of *penalty* seconds that was known of.

    Not those after a 429 whose answer was lost, spoiled or late; nor those before which
    one of the *blind* times (of the same clock, begin and end) began, if the 429 fell
    into it or came just before: who got it could not tell the others.
    """
    told = [seen for seen in requests if seen.status == TOO_MANY]
    return [
        seen
        for seen in requests
        if seen.in_penalty
        and any(
            AWARE_AFTER < seen.time - each.answered_at < penalty
            and not any(
                begin < seen.time and begin - TOLD_WITHIN < each.answered_at < end
                for begin, end in blind
            )
            for each in told
            if (each.group, each.person) == (seen.group, seen.person)
        )
    ]
