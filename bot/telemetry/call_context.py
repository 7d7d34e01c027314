"""The id of the call that the present task works on, for log lines and traces.

A task inherits it from the task that starts it. `bot.ringcentral.sender` copies the
context into its threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_call: ContextVar[str] = ContextVar("call", default="")


def call_id() -> str:
    """Return the id of the present call; empty if there is none."""
    return _call.get()


def from_here(call: str) -> None:
    """Make *call* the present call for the rest of this task."""
    _call.set(call)


@contextmanager
def call(call: str) -> Iterator[None]:
    """Make *call* the present call within the block."""
    token = _call.set(call)
    try:
        yield
    finally:
        _call.reset(token)
