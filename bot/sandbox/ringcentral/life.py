"""The state of one RingOut call, computed from what happens on its two phones.

A call is a list of moments; its state at a time follows from those before it. So
nothing has to run during a call: a story is such a list made in advance, and a test
that acts on a phone adds to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

RING_LIMIT = 40.0
"""Seconds after which RingCentral stops ringing a phone."""


class Side(StrEnum):
    """One of the call's two phones."""

    CALLER = "caller"
    CALLEE = "callee"


class CallStage(StrEnum):
    """The state of a call as a whole."""

    CALLER_RINGS = "caller rings"
    CALLEE_RINGS = "callee rings"
    CONNECTED = "connected"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Ending:
    """An unanswered leg in RingCentral's words: its status, and its call-log fields.

    Sources: for `status`, RingCentral developer guide, "Making Calls Using RingOut";
    for the others, the API reference's call results and reasons.
    """

    status: str
    result: str
    reason: str = ""
    description: str = ""


ENDINGS = {
    "busy": Ending("Busy", "Busy", "Line Busy", "The phone number you dialed was busy"),
    "no-answer": Ending(
        "NoAnswer",
        "No Answer",
        "Not Answered",
        "The phone number you dialed was not answered",
    ),
    "reject": Ending(
        "Rejected",
        "Declined",
        "Calls Not Accepted",
        "The call was declined by the called party",
    ),
    "gave-up": Ending(
        "Rejected",
        "Hang Up",
        "Hang Up",
        "The caller hung up before the call was answered",
    ),
    "cancel": Ending("Rejected", "Stopped", "Stopped", "The call was canceled"),
    "not-accepted": Ending("NoAnswer", "Answered Not Accepted", "Not Answered"),
    "offline": Ending("GenericError", "IP Phone Offline"),
    "failed": Ending(
        "GenericError", "Call Failed", "Internal Call Error", "The call failed"
    ),
    "invalid": Ending(
        "Invalid", "Wrong Number", "Wrong Number", "The number does not exist"
    ),
    "no-credit": Ending(
        "NotEnoughFunds", "No Calling Credit", "No Credit", "No calling credit left"
    ),
    "international": Ending(
        "InternationalDisabled", "International Disabled", "International Disabled"
    ),
    "blocked": Ending("DestinationBlocked", "Blocked", "Number Blocked"),
    "from-refused": Ending(
        "RingOutFromThisNumberIsNotSupported", "Not Allowed", "Number Not Allowed"
    ),
}
"""Each way in which a phone is not answered, by the sandbox's name for it."""

ANSWERS = frozenset({"answer", "voicemail"})
"""The ways in which a phone is answered: by a person, or by a machine."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An event on a phone.

    Attributes:
        at: Story seconds after the call was placed.
        what: One of `ANSWERS`, a key of `ENDINGS`, or ``hangup``.
    """

    at: float
    side: Side
    what: str


PROMPT_SECONDS = 12.0
"""Seconds for which RingCentral asks the caller to press 1. Not documented: a guess."""


def prompted(moment: Moment) -> Moment:
    """Return what *moment* becomes in a call that asks the caller to press 1.

    A person presses it. A voicemail does not, so after `PROMPT_SECONDS` seconds the call ends,
    and the callee's phone never rings.
    """
    if moment.side is Side.CALLER and moment.what == "voicemail":
        return Moment(moment.at + PROMPT_SECONDS, Side.CALLER, "not-accepted")
    return moment


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone of a call. Times are story seconds after the call was placed.

    Attributes:
        rings_at: When it began to ring, if it did.
        up_at: When it was answered, if it was.
        machine: Whether a machine answered.
        ending: Why it was not answered, a key of `ENDINGS`; else empty.
    """

    rings_at: float | None = None
    up_at: float | None = None
    machine: bool = False
    ending: str = ""

    @property
    def is_ringing(self) -> bool:
        """Whether it rings, neither answered nor ended."""
        return self.rings_at is not None and self.up_at is None and not self.ending


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of a call: its phones, and when it ended (None: it goes on)."""

    caller: Phone
    callee: Phone
    over_at: float | None = None

    @property
    def stage(self) -> CallStage:
        """The state in one word."""
        if self.over_at is not None:
            return CallStage.OVER
        if self.callee.up_at is not None:
            return CallStage.CONNECTED
        if self.caller.up_at is not None:
            return CallStage.CALLEE_RINGS
        return CallStage.CALLER_RINGS

    @property
    def was_connected(self) -> bool:
        """Whether both phones were answered at some time."""
        return self.callee.up_at is not None

    def phone(self, side: Side) -> Phone:
        """Return that side's phone."""
        return self.caller if side is Side.CALLER else self.callee


def progress(
    moments: list[Moment], now: float, ring_limit: float = RING_LIMIT
) -> Progress:
    """Return the call's state *now*, in story seconds since it was placed."""
    state = Progress(Phone(rings_at=0.0), Phone())
    for moment in sorted(moments, key=lambda one: one.at):
        if moment.at > now:
            break
        state = after(_rung_out(state, moment.at, ring_limit), moment)
    return _rung_out(state, now, ring_limit)


def _rung_out(state: Progress, now: float, ring_limit: float) -> Progress:
    """Return *state*; a phone that has rung for *ring_limit* ends unanswered."""
    for side in Side:
        phone = state.phone(side)
        if phone.rings_at is None or not phone.is_ringing:
            continue
        limit = phone.rings_at + ring_limit
        if limit <= now:
            return _ended(state, side, "no-answer", limit)
    return state


def after(state: Progress, moment: Moment) -> Progress:
    """Return the state after *moment*; *state* itself if it has no effect."""
    phone = state.phone(moment.side)
    if state.over_at is not None:
        return state
    if moment.what == "cancel":
        return _canceled(state, moment.at)
    if phone.is_ringing:
        return _picked_or_not(state, moment)
    if moment.what == "hangup" and phone.up_at is not None:
        return _hung_up(state, moment)
    return state


def _picked_or_not(state: Progress, moment: Moment) -> Progress:
    phone = state.phone(moment.side)
    if moment.what in ANSWERS:
        machine = moment.what == "voicemail"
        up = replace(phone, up_at=moment.at, machine=machine)
        if moment.side is Side.CALLER:
            return Progress(up, Phone(rings_at=moment.at))
        return replace(state, callee=up)
    ending = "reject" if moment.what == "hangup" else moment.what
    return _ended(state, moment.side, ending, moment.at)


def _hung_up(state: Progress, moment: Moment) -> Progress:
    if state.callee.is_ringing:
        return _ended(state, Side.CALLEE, "gave-up", moment.at)
    return replace(state, over_at=moment.at)


def _canceled(state: Progress, at: float) -> Progress:
    if state.caller.is_ringing:
        return _ended(state, Side.CALLER, "cancel", at)
    if state.callee.is_ringing:
        return _ended(state, Side.CALLEE, "cancel", at)
    return state


def _ended(state: Progress, side: Side, ending: str, at: float) -> Progress:
    phone = replace(state.phone(side), ending=ending)
    if side is Side.CALLER:
        return replace(state, caller=phone, over_at=at)
    return replace(state, callee=phone, over_at=at)


def words(state: Progress) -> tuple[str, str, str]:
    """Return ``callStatus``, ``callerStatus`` and ``calleeStatus`` of a state.

    Source: RingCentral developer guide, the figures of the RingOut flow. The callee's
    status when the caller was never reached is not documented.
    """
    if state.stage is CallStage.CONNECTED:
        return "Success", "Success", "Success"
    if state.stage is CallStage.CALLEE_RINGS:
        return "InProgress", "Success", "InProgress"
    if state.stage is CallStage.CALLER_RINGS:
        return "InProgress", "InProgress", "InProgress"
    if state.was_connected:
        return "Success", "Finished", "Finished"
    if state.caller.ending:
        return "CannotReach", ENDINGS[state.caller.ending].status, "InProgress"
    return "CannotReach", "Success", ENDINGS[state.callee.ending].status
