"""Faults that a test sets: what a network or a Slack in trouble does to calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

SlackFaultKind = Literal[
    "reset", "hang", "status", "error", "ratelimited", "slow", "garbage", "drip"
]
Where = Callable[[Mapping[str, Any]], bool]

JSON = "application/json"
GARBAGE: Mapping[str, tuple[bytes, str]] = {
    "nothing": (b"", JSON),
    "bytes": (b'{"ok": true, "ts": "\xff\xfe"}', JSON),
    "cut short": (b'{"ok": true, "channel": "C0', JSON),
    "null": (b"null", JSON),
    "list": (b"[1]", JSON),
    "text": (b'"x"', JSON),
    "number": (b"7", JSON),
    "deep": (b"[" * 100_000, JSON),
    "bare": (b'{"ok": true}', JSON),
    "no word": (b'{"ok": false, "error": null}', JSON),
    "page": (b"<html><body>Sign in to the hotel's network</body></html>", "text/html"),
    "plain": (b"ok", "text/plain"),
    "packed": (b'{"ok": true}', "application/gzip"),
    "charset": (b'{"ok": true}', f"{JSON}; charset=hex"),
}
"""Bodies with status 200 that are no Slack answer, as from a proxy or a server in
trouble, each with its content type; by name."""


@dataclass(slots=True, kw_only=True)
class SlackFault:
    """One fault, for a number of calls.

    Attributes:
        kind: ``reset``: break the connection. ``hang``: break it after `seconds`
            without an answer (0: when the double stops). ``status``: answer with the
            HTTP `status` and no JSON. ``error``: answer with Slack's `error`.
            ``ratelimited``: answer 429 with `retry_after`. ``slow``: answer as usual,
            `seconds` late. ``garbage``: answer 200 with `body` of `content_type`,
            packed by `encoding`; `GARBAGE` has some. ``drip``: begin an answer, and send
            a byte every `seconds` until somebody hangs up.
        method: The method whose calls it hits, or ``response_url``; empty for all.
        where: Whether it applies to a call's arguments; None for all.
        before_effect: True: it strikes instead of executing the call (``slow``:
            before). False: the call is executed, and only its answer is lost.
        times: How many more calls it hits; None for all.
        skip: How many matching calls pass before the first hit.
        hits: How many calls it has hit.
    """

    kind: SlackFaultKind
    method: str = ""
    where: Where | None = None
    before_effect: bool = True
    times: int | None = 1
    skip: int = 0
    error: str = "internal_error"
    status: int = 503
    retry_after: int | str = 1
    seconds: float = 0.0
    body: bytes = b""
    content_type: str = JSON
    encoding: str = "identity"
    hits: int = 0

    def matches(self, method: str, args: Mapping[str, Any]) -> bool:
        """Whether the fault applies to such a call; `skip` is not considered."""
        return (
            self.times != 0
            and self.method in ("", method)
            and (self.where is None or self.where(args))
        )

    def stop(self) -> None:
        """Hit no more calls."""
        self.times = 0


class SlackFaults:
    """The faults that are set. If several match a call, the oldest hits it."""

    def __init__(self) -> None:
        self._faults: list[SlackFault] = []

    def add(
        self,
        kind: SlackFaultKind,
        method: str = "",
        *,
        where: Where | None = None,
        before_effect: bool = True,
        times: int | None = 1,
        skip: int = 0,
        error: str = "internal_error",
        status: int = 503,
        retry_after: int | str = 1,
        seconds: float = 0.0,
        body: bytes = b"",
        content_type: str = JSON,
        encoding: str = "identity",
    ) -> SlackFault:
        """Set a fault and return it; see `SlackFault` for the values."""
        fault = SlackFault(
            kind=kind,
            method=method,
            where=where,
            before_effect=before_effect,
            times=times,
            skip=skip,
            error=error,
            status=status,
            retry_after=retry_after,
            seconds=seconds,
            body=body,
            content_type=content_type,
            encoding=encoding,
        )
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()

    def take(self, method: str, args: Mapping[str, Any]) -> SlackFault | None:
        """Return the fault that hits this call, and count it."""
        for fault in self._faults:
            if not fault.matches(method, args):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.hits += 1
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None
