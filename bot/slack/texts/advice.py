"""What to do next after a call that connected nobody: one short line.

What happened is said beside it, on the card and in the reply.
"""

from __future__ import annotations

from bot.calls.log.ending import FAILURES, REACHED, Ending
from bot.calls.log.outcome import Outcome
from bot.slack.texts.parties import SideNames

PERSON_OR_MACHINE = "To a person or a machine; RingCentral doesn't say which."
"""What a card adds where nothing says that somebody accepted."""

_ADMIN = "a RingCentral administrator"
_OTHER_PHONE = "or ring another phone with `from`."
_UNEXPECTED = "If that's unexpected, look at the call in RingCentral's app."
_SOON = f"Try again in a minute. If it fails again, tell {_ADMIN}."
CANT_TELL = "We can't tell whether they answered."

BOTH = {
    Ending.ELSEWHERE: "If nobody talked, call again.",
    Ending.STOPPED: "If nobody meant that, call again.",
    Ending.BARRED: "Look at the blocked numbers in RingCentral's app, or write instead.",
    Ending.OWN_BLOCK: "Unblock the number in RingCentral's app, then call again.",
    Ending.FORBIDDEN: f"Ask {_ADMIN} whether it can be allowed.",
    Ending.BLOCKED: f"Ask {_ADMIN} about the plan and international calls.",
    Ending.NO_CREDIT: f"Ask {_ADMIN} to add calling credit.",
    Ending.TOO_MANY: f"Try again in a few minutes, or ask {_ADMIN}.",
    Ending.NOT_ACCEPTING: f"Try again later, or ask {_ADMIN}.",
    Ending.LOOP: "Check in RingCentral's settings who forwards calls to whom.",
    Ending.NO_ADDRESS: "Add the emergency address in RingCentral's settings.",
    Ending.LINE_FAULT: f"Ask {_ADMIN}; calling again won't help.",
    Ending.FAILED: _SOON,
    Ending.EMERGENCY: _UNEXPECTED,
    Ending.CALLBACK: "Wait for the callback, or call again later.",
    Ending.PHONE_LOGIN: _UNEXPECTED,
    Ending.FAX: _UNEXPECTED,
}
"""What to do if it went wrong in the same way on either side."""

CALLER_ADVICE = BOTH | {
    Ending.NOT_ACCEPTED: f"Pick up and press 1, {_OTHER_PHONE}",
    Ending.VOICEMAIL: f"Pick up before voicemail does, {_OTHER_PHONE}",
    Ending.BUSY: f"Call again when it's free, {_OTHER_PHONE}",
    Ending.NO_ANSWER: f"Keep the phone at hand and call again, {_OTHER_PHONE}",
    Ending.DECLINED: "RingCentral rings {whose} phone first: pick it up to be connected.",
    Ending.CANCELED: "If nobody meant that, call again.",
    Ending.BAD_NUMBER: f"Check the phone's own number, {_OTHER_PHONE}",
    Ending.DEVICE_OFFLINE: f"Sign the phone in or plug it in, {_OTHER_PHONE}",
    Ending.NOT_DIALED: "Call again.",
}
"""What to do if it went wrong on the side of the person who placed the call."""

CALLEE_ADVICE = BOTH | {
    Ending.NOT_ACCEPTED: "Try again later.",
    Ending.VOICEMAIL: "Try again later.",
    Ending.BUSY: "Try again in a few minutes.",
    Ending.NO_ANSWER: "Try again later.",
    Ending.DECLINED: "Write to them before calling again.",
    Ending.CANCELED: "If nobody meant that, call again and stay on the line.",
    Ending.BAD_NUMBER: "Check the number before calling again.",
    Ending.DEVICE_OFFLINE: "Try again later, or another number of theirs.",
    Ending.NOT_DIALED: "Call again and stay on the line; press 1 if asked to.",
    Ending.NOT_LOGGED: CANT_TELL,
    Ending.UNKNOWN: CANT_TELL,
}
"""What to do if it went wrong, or is not known, on the other side."""

NO_LENGTH = "We can't tell for how long."
"""What is said if only the other side is known to have been connected."""


def why(outcome: Outcome, parties: SideNames, *, is_stopped: bool = False) -> str:
    """Return what to do after a call, escaped; empty if both answered.

    Empty, too, if it ended because somebody stopped it here (*is_stopped*): they meant
    that. Else it is about the side that the first line of the card is about: the caller's, which
    rings first, if the call ended there.
    """
    caller, callee = outcome.caller, outcome.callee
    if caller.ending in FAILURES and callee.ending in REACHED:
        return CANT_TELL
    if is_stopped and Ending.CANCELED in {caller.ending, callee.ending}:
        return ""
    mine = caller.ending in FAILURES | REACHED or callee.ending is Ending.NOT_DIALED
    if caller.ending in CALLER_ADVICE and (mine or callee.ending not in CALLEE_ADVICE):
        return parties.fill(CALLER_ADVICE[caller.ending])
    if callee.ending in CALLEE_ADVICE:
        return parties.fill(CALLEE_ADVICE[callee.ending])
    return "" if caller.ending is Ending.ANSWERED else NO_LENGTH
