"""The requests that the RingCentral double has received, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

TOO_MANY = 429


@dataclass(slots=True, kw_only=True)
class Seen:
    """One request and its answer.

    Attributes:
        time: When it had been read, in seconds of the double's monotonic clock.
        query: Every value of every parameter, decoded.
        body: Decoded JSON; a form as a dict of its last values; else the raw bytes.
            None if empty.
        headers: By lower-case name; ``authorization`` holds the scheme alone.
        status: The HTTP status; 0 until answered, and for good if the answer is lost.
        answered_at: When it was answered, on the same clock as ``time``.
        answer: The JSON of the answer, if any.
        group: RingCentral's rate group, ``Light`` and so on; empty if unknown.
        person: The short name of the RingCentral user whose rate budget it used.
        in_penalty: It came in a penalty of its group, and so prolonged the penalty.
        connection_id: The number of its TCP connection, from 1.
        off_spec: The answer contradicts RingCentral's documents on purpose.
        left: How many more requests of its group the window admitted; None if
            unlimited.
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
    """All requests. Connections without a request are not counted."""

    requests: list[Seen] = field(default_factory=list)
    connections: int = 0
    _known: dict[int, tuple[object, int]] = field(default_factory=dict, repr=False)

    def connection(self, transport: object) -> int:
        """Return the number of *transport*'s connection, from 1.

        The ledger keeps a reference to it, so that no later one gets the same `id`.
        """
        known = self._known.get(id(transport))
        if known is None:
            self.connections += 1
            known = self._known[id(transport)] = (transport, self.connections)
        return known[1]

    def of(self, method: str, path_contains: str) -> list[Seen]:
        """Return the requests with *method* (empty: any) whose path contains a text."""
        return [
            seen
            for seen in self.requests
            if method in ("", seen.method) and path_contains in seen.path
        ]


IN_FLIGHT_SECONDS = 0.5
"""Seconds after a 429 in which its group's requests are excused: they were in flight."""

SHARING_SECONDS = 1.0
"""Seconds that a process has to pass a 429 on to the others by the database."""


def sent_despite_penalty(
    requests: Sequence[Seen],
    penalty: float,
    blind: Sequence[tuple[float, float]] = (),
) -> list[Seen]:
    """Return the requests that were sent although a penalty was known.

    A request counts if an answered 429 of its person and group came more than
    `IN_FLIGHT_SECONDS` and less than *penalty* seconds earlier. A 429 whose answer was lost
    does not count.

    Args:
        requests: All requests, in order.
        penalty: The length of a penalty, in seconds.
        blind: Spans (begin, end; same clock as `Seen.time`) in which processes could
            not tell each other of a 429. One that came in such a span, or less than
            `SHARING_SECONDS` before it, excuses the requests after the span's begin.
    """
    told = [seen for seen in requests if seen.status == TOO_MANY]
    return [
        seen
        for seen in requests
        if seen.in_penalty
        and any(
            IN_FLIGHT_SECONDS < seen.time - each.answered_at < penalty
            and not any(
                begin < seen.time and begin - SHARING_SECONDS < each.answered_at < end
                for begin, end in blind
            )
            for each in told
            if (each.group, each.person) == (seen.group, seen.person)
        )
    ]
