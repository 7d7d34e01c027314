"""Plain words for RingCentral's live states and final results."""

from __future__ import annotations

from bot.calls import following
from bot.calls.call import Call, State, Status
from bot.calls.outcome import Ending, Side
from bot.slack.texts.text import foreign

LIVE = {
    "inprogress": "ringing",
    "success": "answered",
    "finished": "hung up",
    "busy": "busy",
    "noanswer": "no answer",
    "rejected": "declined",
    "genericerror": "failed",
    "error": "failed",
    "cannotreach": "cannot be reached",
    "noansweringmachine": "no answering machine",
    "internationaldisabled": "international calls are off",
    "invalid": "not a valid number",
    "destinationblocked": "blocked",
    "notenoughfunds": "not enough credit",
    "nosuchuser": "no such user",
    "nosessionfound": "over",
    "ringoutfromthisnumberisnotsupported": "this phone can't be used for RingOut",
}
"""RingCentral's live states, in lower case, and our words for them (RingCentral developer
guide, "Making Calls Using RingOut", and its OpenAPI document)."""

NOT_YET = "not dialled yet"
ABOUT_TO = "about to be called"
WAITING = "waiting"
OVER = "over"
UNSAID = "not known"
PASSING = {WAITING, ABOUT_TO, NOT_YET, LIVE["inprogress"], LIVE["success"]}
"""Live states that do not say how a side ended."""

CONTRADICTED = "not confirmed (RingCentral's states contradict each other)"


ENDINGS = {
    Ending.ANSWERED: "answered",
    Ending.VOICEMAIL: "voicemail",
    Ending.BUSY: "busy",
    Ending.NO_ANSWER: "no answer",
    Ending.DECLINED: "declined",
    Ending.CANCELLED: "cancelled",
    Ending.BAD_NUMBER: "bad number",
    Ending.BLOCKED: "blocked by the plan",
    Ending.DEVICE_OFFLINE: "phone offline",
    Ending.FAILED: "failed",
    Ending.NOT_DIALLED: "not dialled",
    Ending.NOT_LOGGED: "not in the log",
}
"""Our words for how a side ended. For `Ending.UNKNOWN`, RingCentral's own is shown."""


def live(call: Call) -> tuple[str, str]:
    """Return the caller's and the callee's live state in plain words, escaped."""
    if call.state is State.REQUESTED:
        return WAITING if call.wait_until else ABOUT_TO, NOT_YET
    if call.state is State.PLACING:
        return ABOUT_TO, NOT_YET
    if call.status is None:
        return UNSAID, UNSAID
    return _caller(call.status), _callee(call, call.status)


def discreet(call: Call) -> tuple[str, str]:
    """Return both live states for a card that must hide the result.

    Only who rings and who talks is said; any other word, such as "busy", is a result.
    """
    if call.end or call.terminal_at or call.state is State.RECORDING:
        known = UNSAID if call.is_lost or call.is_left else OVER
        return known, known
    one, other = (each if each in PASSING else UNSAID for each in live(call))
    return one, other


def _caller(status: Status) -> str:
    return _word(status.caller)


def _callee(call: Call, status: Status) -> str:
    """Return the callee's state: ``Success`` means answered only if the caller has it too."""
    word = status.callee.lower()
    if word == "inprogress":
        return "ringing" if status.caller.lower() == "success" else NOT_YET
    if word == "success" and not following.is_connected(status):
        return CONTRADICTED
    if word == "finished" and not call.connected:
        return "over"
    return _word(status.callee)


def _word(raw: str) -> str:
    known = LIVE.get(raw.lower())
    if known is not None:
        return known
    return f"RingCentral says “{foreign(raw)}”" if raw else "not known"


def side(label: str, value: Side, *, bold: bool = True) -> str:
    """Return a side's final line: a plain word, then RingCentral's word in brackets."""
    mark = "*" if bold else ""
    line = f"{mark}{label}:{mark} {ending(value)}"
    if value.result and value.ending is not Ending.UNKNOWN:
        line += f" ({foreign(value.result)})"
    return line


def ending(value: Side) -> str:
    """Return the plain word for how a side ended, or RingCentral's own if it is unknown."""
    if value.ending is Ending.UNKNOWN:
        if value.result:
            return f"RingCentral says “{foreign(value.result)}”"
        return "not known"
    return ENDINGS[value.ending]
