"""The record of calls to the Slack double, and a way to wait for changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeVar

TokenKind = Literal["bot", "app", "other", "none"]
RESPONSE_URL = "response_url"
"""Stands for posts to response_urls where a method's name is expected."""

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Called:
    """One Web API call or post to a response_url, and its answer.

    Attributes:
        time: When it had been read, in seconds of the monotonic clock.
        args: The decoded arguments without the token; blocks, metadata and views are
            decoded, too.
        ok: Whether it succeeded; set before the answer is sent.
        error: Slack's error word.
        status: The HTTP status; 0 before there is an answer.
        answered: Whether the answer was sent; False also if it was lost on purpose.
        left: How many more calls of its method the window admitted; None if unlimited.
        team: The id of the workspace that it is about; empty if none.
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
    """Something wrong that a validator has found."""

    what: str
    """A method's name, ``response_url``, ``ack``, or the kind of a payload."""
    problem: str
    body: Any


class Changes:
    """Lets tasks wait until something is true.

    Nothing is polled: a predicate is called once per change.
    """

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def tell(self) -> None:
        """Announce a change: wakes all waiting tasks."""
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, predicate: Callable[[], T], seconds: float) -> T:
        """Wait until *predicate* returns something true; return that.

        Raises:
            TimeoutError: It did not within *seconds*.
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
