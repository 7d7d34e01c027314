"""What the present task is about: the id of its call, for log lines and traces.

A task inherits it from the one that starts it, and so do RingCentral's threads, which
`bot.ringcentral.sender` gives their asker's context.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_call: ContextVar[str] = ContextVar("call", default="")


def call_id() -> str:
    """Return the id of the call that is being worked on here; empty if none is."""
    return _call.get()


def from_here(call: str) -> None:
    """From here on this task is about *call*."""
    _call.set(call)


@contextmanager
def call(call: str) -> Iterator[None]:
    """Within, everything is about *call*."""
    token = _call.set(call)
    try:
        yield
    finally:
        _call.reset(token)
