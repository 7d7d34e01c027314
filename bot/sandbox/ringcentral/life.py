"""The life of one RingOut call: what happened on its two phones, and when.

A call is a list of moments; where it stands at a time is computed from those that
have come by then. So nothing has to run while a call goes on, a story is a list that
is written beforehand, and a hand on a phone writes into the same list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

RING_LIMIT = 40.0
"""After so many seconds RingCentral lets a phone ring no longer."""


class Side(StrEnum):
    """Whose phone: that of the person who called, or of the one who is called."""

    CALLER = "caller"
    CALLEE = "callee"


class Stage(StrEnum):
    """Where a call stands as a whole."""

    CALLER_RINGS = "caller rings"
    CALLEE_RINGS = "callee rings"
    CONNECTED = "connected"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Ending:
    """What a leg that was not answered leaves behind: live word and log words.

    Live words: RingCentral developer guide, "Making Calls Using RingOut"; log words:
    the API reference's call results and reasons.
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
    "cancel": Ending("Rejected", "Stopped", "Stopped", "The call was cancelled"),
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
"""Every way in which a phone is not picked up, by our word for it."""

ANSWERS = frozenset({"answer", "voicemail"})
"""The ways in which a phone is picked up: by a person, or by a machine."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something happened on a phone, *at* story seconds after the call was placed.

    ``what`` is one of `ANSWERS`, of `ENDINGS`, or ``hangup``.
    """

    at: float
    side: Side
    what: str


PROMPT = 12.0
"""For so long RingCentral asks the one who picked up to press 1. Not documented."""


def prompted(moment: Moment) -> Moment:
    """Return what comes of *moment* in a call that asks the caller to press 1.

    A person presses it. A voicemail does not: until RingCentral gives up the leg is
    not established, so the callee's phone never rings.
    """
    if moment.side is Side.CALLER and moment.what == "voicemail":
        return Moment(moment.at + PROMPT, Side.CALLER, "not-accepted")
    return moment


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone in a call: since when it rings, since when it is up, how it ended."""

    rings_at: float | None = None
    up_at: float | None = None
    machine: bool = False
    ending: str = ""

    @property
    def is_ringing(self) -> bool:
        """Whether it rings and nobody did anything about it yet."""
        return self.rings_at is not None and self.up_at is None and not self.ending


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a call stands: its phones, and since when it is over, if it is."""

    caller: Phone
    callee: Phone
    over_at: float | None = None

    @property
    def stage(self) -> Stage:
        """The same in one word."""
        if self.over_at is not None:
            return Stage.OVER
        if self.callee.up_at is not None:
            return Stage.CONNECTED
        if self.caller.up_at is not None:
            return Stage.CALLEE_RINGS
        return Stage.CALLER_RINGS

    @property
    def was_connected(self) -> bool:
        """Whether both phones were up at once, at whatever time."""
        return self.callee.up_at is not None

    def phone(self, side: Side) -> Phone:
        """Return that side's phone."""
        return self.caller if side is Side.CALLER else self.callee


def progress(
    moments: list[Moment], now: float, ring_limit: float = RING_LIMIT
) -> Progress:
    """Return where the call stands *now*, in story seconds since it was placed."""
    state = Progress(Phone(rings_at=0.0), Phone())
    for moment in sorted(moments, key=lambda one: one.at):
        if moment.at > now:
            break
        state = after(_rung_out(state, moment.at, ring_limit), moment)
    return _rung_out(state, now, ring_limit)


def _rung_out(state: Progress, now: float, ring_limit: float) -> Progress:
    """Return *state* with its ringing phone given up, if it rang too long."""
    for side in Side:
        phone = state.phone(side)
        if phone.rings_at is None or not phone.is_ringing:
            continue
        limit = phone.rings_at + ring_limit
        if limit <= now:
            return _ended(state, side, "no-answer", limit)
    return state


def after(state: Progress, moment: Moment) -> Progress:
    """Return where the call stands after *moment*; the same if it changes nothing."""
    phone = state.phone(moment.side)
    if state.over_at is not None:
        return state
    if moment.what == "cancel":
        return _cancelled(state, moment.at)
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


def _cancelled(state: Progress, at: float) -> Progress:
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
    """Return ``callStatus``, ``callerStatus``, ``calleeStatus`` for where it stands.

    Source: RingCentral developer guide, the figures of the RingOut flow. What the
    callee's word is when the caller was never reached is not documented.
    """
    if state.stage is Stage.CONNECTED:
        return "Success", "Success", "Success"
    if state.stage is Stage.CALLEE_RINGS:
        return "InProgress", "Success", "InProgress"
    if state.stage is Stage.CALLER_RINGS:
        return "InProgress", "InProgress", "InProgress"
    if state.was_connected:
        return "Success", "Finished", "Finished"
    if state.caller.ending:
        return "CannotReach", ENDINGS[state.caller.ending].status, "InProgress"
    return "CannotReach", "Success", ENDINGS[state.callee.ending].status
