"""What the Slack double saw, and a way to wait until it has seen something."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeVar

TokenKind = Literal["bot", "app", "other", "none"]
RESPONSE_URL = "response_url"
"""The name in the ledger, for faults and for limits, of a post to a response_url."""

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Called:
    """One Web API call or post to a response_url, and the answer that it got.

    Attributes:
        time: Seconds of the monotonic clock at which it had been read.
        args: Decoded: blocks, metadata and views are no longer JSON texts. Without
            the token.
        ok: Whether it had its effect; known before the answer leaves.
        error: Slack's error word.
        status: HTTP's, 0 before there is an answer.
        answered: Whether the answer left; False where it was lost on purpose.
        left: How many calls of its method the window had left after it, if limited.
        team: Whose workspace it was about; empty if about none.
    """

    time: float
    method: str
    args: Mapping[str, Any]
    token_kind: TokenKind
    ok: bool = False
    error: str = ""
    status: int = 0
    answered: bool = False
    answer: Any = field(default=None, repr=False)
    left: int | None = None
    team: str = ""


class Complaint(NamedTuple):
    """Something that a validator found wrong."""

    what: str
    """The method, ``response_url``, ``ack``, or the kind of payload."""
    problem: str
    body: Any


class Changes:
    """Wakes whoever waits for something to become true, at each change.

    Nothing is polled: a predicate is looked at once per change.
    """

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def tell(self) -> None:
        """Say that something changed."""
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, predicate: Callable[[], T], seconds: float) -> T:
        """Return what *predicate* returns as soon as that is true.

        Raises:
            TimeoutError: It was not within so many seconds.
        """
        try:
            async with asyncio.timeout(seconds):
                while True:
                    waiting = self._next
                    found = predicate()
                    if found:
                        return found
                    await waiting.wait()
        except TimeoutError:
            raise TimeoutError(f"not seen within {seconds:g} s") from None
