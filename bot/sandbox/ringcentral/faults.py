"""Faults that a test sets: what a network or a service in trouble does to requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "reset", "hang", "status", "garbage", "slow", "limited", "drip", "absurd"
]

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
"""Bodies with status 200 that are no RingCentral answer, as from a proxy or a server
in trouble, by name."""

ABSURD: Mapping[str, Mapping[str, str]] = {
    f"{name} {value[:9]}": {f"X-Rate-Limit-{name}": value}
    for name, values in {
        "Group": ("", "x" * 5000, "he avy"),
        "Limit": ("30000000", "10000000", "9" * 5000, "-1", "0", "nan", "²"),
        "Remaining": ("9" * 5000, "-9", "soon"),
        "Window": ("3599", "1e99", "inf", "0", "-60"),
    }.items()
    for value in values
}
"""Headers of an answer that nobody can mean, by name."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault, for a number of requests.

    Attributes:
        kind: ``reset``: break the connection. ``hang``: break it after `seconds`
            without an answer (0: when the double stops). ``status``: answer with the
            HTTP `status`. ``garbage``: answer 200 with `body`; `GARBAGE` has some.
            ``slow``: answer as usual, `seconds` late. ``limited``: don't execute;
            answer 429 and start a penalty of the group. ``drip``: begin an answer,
            and send a byte every `seconds` until somebody hangs up. ``absurd``: answer
            as usual, but with `headers`; `ABSURD` has some.
        times: How many more requests it hits; None for all.
        skip: How many matching requests pass before the first hit.
        before_effect: True: it strikes instead of executing the request (``slow``:
            before). False: the request is executed, and then the fault strikes.
        hits: How many requests it has hit.
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
        """Whether the fault applies to such a request; `skip` is not considered."""
        return (
            self.times != 0
            and self.method in ("", method)
            and self.path_contains in path
        )

    def stop(self) -> None:
        """Hit no more requests."""
        self.times = 0


class Faults:
    """The faults that are set. If several match a request, the oldest hits it."""

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
        """Set a fault and return it; see `Fault` for the values."""
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
        """Remove all faults."""
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
