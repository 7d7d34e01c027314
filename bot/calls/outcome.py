"""What the legs mean to a person, caller's and callee's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Ending(StrEnum):
    """How one side of a call ended, in the plain words that people are told."""

    ANSWERED = "answered"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    BAD_NUMBER = "bad number"
    BLOCKED = "blocked by the plan"
    DEVICE_OFFLINE = "phone offline"
    FAILED = "failed"
    NOT_DIALLED = "not dialled"
    UNKNOWN = "unknown"
    """A result that we do not know: shown raw, never guessed."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side's final result. ``result``, ``reason``: RingCentral's own words."""

    ending: Ending
    result: str = ""
    reason: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Both sides' final results from one call-log entry.

    ``talked`` is None unless both sides were connected to a person (not voicemail).
    """

    caller: Side
    callee: Side
    talked: timedelta | None = None
