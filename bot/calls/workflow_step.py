"""A step of a workflow that places a call: whom it asks, how long, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.calls.call import Call, End, Place

CONFIRM_WITHIN = timedelta(minutes=10)
PLACE_WITHIN = timedelta(minutes=2)
"""After a press the call is stored at once; if it still isn't, its process has died."""
UNREAD_FOR = timedelta(days=1)
"""A call that only a newer version of the bot can read is left to one for so long."""

_KEY_OF_STEP = "step "
"""Prefix of the key of a workflow step's call."""


class StepState(StrEnum):
    """How far a step is."""

    ASKING = "asking"
    """Its person has not answered yet."""
    CALLING = "calling"
    """They have pressed ``Call``; the call has the step's `key`."""
    DECLINED = "declined"
    EXPIRED = "expired"
    NOT_PLACED = "not placed"
    UNREAD = "unread"
    """It has failed, for this reason, and Slack is still to be told."""
    DONE = "done"


class StepEnd(StrEnum):
    """Why a step fails without a result."""

    NOBODY = "nobody"
    """Nobody confirmed within `CONFIRM_WITHIN`."""
    DECLINED = "declined"
    NOT_PLACED = "not placed"
    """The bot or RingCentral refused the call, or its process died before it was stored."""
    UNREAD = "unread"
    """For `UNREAD_FOR`, no version of the bot that can read its call has run."""


CLOSING = {
    StepEnd.NOBODY: StepState.EXPIRED,
    StepEnd.DECLINED: StepState.DECLINED,
    StepEnd.NOT_PLACED: StepState.NOT_PLACED,
    StepEnd.UNREAD: StepState.UNREAD,
}
"""The state of a step that ends so, until Slack knows. No press changes it any more."""

_ENDS = {state: end for end, state in CLOSING.items()}


@dataclass(frozen=True, slots=True)
class WorkflowStep:
    """One run of the step. *place*: the person who is asked, and the card's channel."""

    id: str
    place: Place
    state: StepState
    begun_at: datetime
    ends_at: datetime
    next_at: datetime
    """When it is due, or when the lease of who works on it ends."""

    @classmethod
    def begun(cls, step_id: str, place: Place, now: datetime) -> WorkflowStep:
        """Return a step that begins *now*."""
        return cls(step_id, place, StepState.ASKING, now, now + CONFIRM_WITHIN, now)

    @property
    def is_asked(self) -> bool:
        """Whether its question was posted: it then waits until its time is over."""
        return self.next_at == self.ends_at

    @property
    def key(self) -> str:
        """The key of its call: one step is one call, however often it is confirmed."""
        return key_of_step(self.id)


def key_of_step(step_id: str) -> str:
    """Return the key of the call that the step with this id places."""
    return f"{_KEY_OF_STEP}{step_id}"


def step_of_key(key: str) -> str:
    """Return the id of the workflow step that placed the call; empty if none did."""
    rest = key.removeprefix(_KEY_OF_STEP)
    return "" if rest == key else rest


def end_of(
    step: WorkflowStep, call: Call | None, now: datetime, *, is_unread: bool = False
) -> StepEnd | None:
    """Return why *step* has failed by *now*; None while it may succeed, or has.

    *is_unread*: its call is stored, but this version of the bot can't read it.
    """
    if step.state in _ENDS:
        return _ENDS[step.state]
    if is_unread:
        return StepEnd.UNREAD if now >= step.ends_at + UNREAD_FOR else None
    if call is None and step.state is StepState.ASKING:
        return StepEnd.NOBODY if now >= step.ends_at else None
    if call is None:
        return StepEnd.NOT_PLACED if now >= step.ends_at + PLACE_WITHIN else None
    refused = call.end in {End.NOT_PLACED, End.REFUSED}
    return StepEnd.NOT_PLACED if refused else None
