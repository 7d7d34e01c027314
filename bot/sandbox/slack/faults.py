"""Faults put in by hand: what a network and a busy Slack do to calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["reset", "hang", "status", "error", "ratelimited", "slow", "garbage"]
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
"""Answers with a 200 that are none, by name: what comes of a proxy that has its own
idea of an answer, or of a server in trouble; a body and its content type."""


@dataclass(slots=True, kw_only=True)
class SlackFault:
    """One thing that goes wrong, for as many calls as `times` says.

    Attributes:
        kind: ``reset`` the connection; ``hang`` without an answer for `seconds` (for
            good if 0), then reset; answer with HTTP's `status` and no JSON; with
            Slack's `error`; with 429 and `retry_after`; rightly but `seconds` late
            (``slow``); with a 200 that is no answer (``garbage``: `body` of
            `content_type`, of which `GARBAGE` has some).
        method: Whose calls it hits; ``response_url`` for those; empty for all.
        where: Which of them, by their arguments; None for all.
        before_effect: Whether it comes instead of the effect or after it: after it, a
            message was posted and only the answer is lost.
        times: How many calls it still hits; None for all.
        skip: How many such calls it lets pass before the first.
    """

    kind: Kind
    method: str = ""
    where: Where | None = None
    before_effect: bool = True
    times: int | None = 1
    skip: int = 0
    error: str = "internal_error"
    status: int = 503
    retry_after: int = 1
    seconds: float = 0.0
    body: bytes = b""
    content_type: str = JSON
    hits: int = 0

    def matches(self, method: str, args: Mapping[str, Any]) -> bool:
        """Whether such a call is one for this fault, now or later."""
        return (
            self.times != 0
            and self.method in ("", method)
            and (self.where is None or self.where(args))
        )

    def stop(self) -> None:
        """Let everything pass from now on."""
        self.times = 0


class SlackFaults:
    """The faults that are waiting for their calls; the oldest goes first."""

    def __init__(self) -> None:
        self._faults: list[SlackFault] = []

    def add(
        self,
        kind: Kind,
        method: str = "",
        *,
        where: Where | None = None,
        before_effect: bool = True,
        times: int | None = 1,
        skip: int = 0,
        error: str = "internal_error",
        status: int = 503,
        retry_after: int = 1,
        seconds: float = 0.0,
        body: bytes = b"",
        content_type: str = JSON,
    ) -> SlackFault:
        """Put one in and return it; see `SlackFault` for what the values mean."""
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
        )
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Take all of them out."""
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
