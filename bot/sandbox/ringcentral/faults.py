"""Faults put in by hand: what a network and a busy service do to requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["reset", "hang", "status", "garbage", "slow", "limited"]

GARBAGE: Mapping[str, bytes] = {
    "nothing": b"",
    "bytes": b'{"id": "\xff\xfe", "records": []}',
    "cut short": b'{"records": [',
    "null": b"null",
    "list": b"[1]",
    "text": b'"x"',
    "number": b"7",
    "deep": b"[" * 100_000,
    "empty": b"{}",
    "odd": b'{"id": null, "status": 7, "records": "none", "access_token": 1}',
    "page": b"<html><body>Sign in to the hotel's network</body></html>",
}
"""Answers with a 200 that are none, by name: what comes of a proxy that has its own
idea of an answer, or of a server in trouble."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong, for as many requests as `times` says.

    Attributes:
        kind: ``reset`` the connection; ``hang`` without an answer for `seconds` (for
            good if 0), then reset; answer with `status`; answer with a 200 that is
            no answer (``garbage``: `body`, of which `GARBAGE` has some); answer rightly
            but `seconds` late (``slow``); refuse it with a 429 that begins a penalty of
            the group, as one request too many would (``limited``; never executed).
        times: How many requests it still hits; None for all.
        skip: How many such requests it lets pass before the first.
        before_effect: Whether it comes instead of the effect or after it. ``slow``
            waits then, before or after.
    """

    kind: Kind
    method: str = ""
    path_contains: str = ""
    status: int = 503
    times: int | None = 1
    skip: int = 0
    before_effect: bool = True
    seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = GARBAGE["cut short"]
    hits: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Whether such a request is one for this fault, now or later."""
        return (
            self.times != 0
            and self.method in ("", method)
            and self.path_contains in path
        )

    def stop(self) -> None:
        """Let everything pass from now on."""
        self.times = 0


class Faults:
    """The faults that are waiting for their requests; the oldest goes first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(
        self,
        kind: Kind,
        *,
        method: str = "",
        path_contains: str = "",
        status: int = 503,
        times: int | None = 1,
        skip: int = 0,
        before_effect: bool = True,
        seconds: float = 0.0,
        headers: Mapping[str, str] | None = None,
        body: bytes = GARBAGE["cut short"],
    ) -> Fault:
        """Put one in and return it; see `Fault` for what the values mean."""
        fault = Fault(
            kind=kind,
            method=method,
            path_contains=path_contains,
            status=status,
            times=times,
            skip=skip,
            before_effect=before_effect,
            seconds=seconds,
            headers=headers or {},
            body=body,
        )
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Take all of them out."""
        self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that hits this request, and count it."""
        for fault in self._faults:
            if not fault.matches(method, path):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.hits += 1
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None
