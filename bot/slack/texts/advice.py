"""Why a call connected nobody: on which side it failed, and what to do next."""

from __future__ import annotations

from bot.calls.outcome import FAILURES, REACHED, Ending, Outcome, Side, key_of

_OTHER_PHONE = "or let another phone ring first with `from`"
_TELL = "If it fails again, tell a RingCentral administrator."
_ASK_ABOUT_PLAN = (
    "Ask a RingCentral administrator about international calls and the account's state"
)
_ASK = "Ask a RingCentral administrator"
_LOOK = "See the call in RingCentral's app if you did not expect that."

BOTH = {
    Ending.ELSEWHERE: (
        "RingCentral says that another phone answered the call",
        "If nobody talked, call again.",
    ),
    Ending.BARRED: (
        "The call was blocked; RingCentral does not say by whom",
        "Look at your own blocked numbers, or write to them.",
    ),
    Ending.OWN_BLOCK: (
        "The number is in your own blocked numbers at RingCentral",
        "Unblock it in RingCentral's app, then call again.",
    ),
    Ending.FORBIDDEN: (
        "RingCentral, or its administrator, does not allow calls to this number",
        f"{_ASK} whether it can be allowed.",
    ),
    Ending.NO_CREDIT: (
        "The RingCentral account has not enough calling credit for this call",
        f"{_ASK} to add some.",
    ),
    Ending.TOO_MANY: (
        "The RingCentral account or line has as many calls as it may have at once",
        "Call again when another call is over.",
    ),
    Ending.NOT_ACCEPTING: (
        "A RingCentral account was not accepting calls at that time",
        f"Call again later. {_ASK} if it is your own account.",
    ),
    Ending.LOOP: (
        "Call forwarding led back to where it began",
        "Check who forwards calls to whom in RingCentral's settings.",
    ),
    Ending.NO_ADDRESS: (
        "RingCentral has no emergency address for this line, so it does not call",
        "Add the address in RingCentral's settings.",
    ),
    Ending.LINE_FAULT: (
        "The line is not set up, or its carrier is not active",
        f"{_ASK}: calling again will not help.",
    ),
    Ending.EMERGENCY: ("RingCentral logged it as an emergency call", _LOOK),
    Ending.CALLBACK: (
        "RingCentral says that a callback was requested",
        "Wait for it, or call again later.",
    ),
    Ending.PHONE_LOGIN: ("RingCentral logged it as a login by phone", _LOOK),
    Ending.FAX: ("RingCentral logged it as a fax", _LOOK),
}
"""What went wrong in the same way on either side."""

CALLER_ADVICE = BOTH | {
    Ending.NOT_ACCEPTED: (
        "Your phone was picked up, but nobody pressed 1 (a voicemail, perhaps)",
        f"Pick it up yourself and press 1, {_OTHER_PHONE}.",
    ),
    Ending.VOICEMAIL: (
        "Voicemail, or another machine, picked up for your phone",
        f"Pick it up yourself next time, {_OTHER_PHONE}.",
    ),
    Ending.BUSY: (
        "Your phone was busy",
        f"Call again when it is free, {_OTHER_PHONE}.",
    ),
    Ending.NO_ANSWER: (
        "Your phone rang first and was not answered",
        f"Keep it at hand and call again, {_OTHER_PHONE}.",
    ),
    Ending.DECLINED: (
        "Your phone declined the call",
        f"RingOut rings it before anybody else: pick it up, {_OTHER_PHONE}.",
    ),
    Ending.CANCELLED: (
        "The call was stopped before your phone was answered",
        "If you did not mean that, call again.",
    ),
    Ending.BAD_NUMBER: (
        "RingCentral can't ring your phone under this number",
        f"Check the number, {_OTHER_PHONE}.",
    ),
    Ending.BLOCKED: (
        "The RingCentral plan does not let your phone be called",
        f"{_ASK_ABOUT_PLAN}, {_OTHER_PHONE}.",
    ),
    Ending.DEVICE_OFFLINE: (
        "Your phone is not connected to RingCentral",
        f"Sign it in or plug it in and call again, {_OTHER_PHONE}.",
    ),
    Ending.FAILED: (
        "The call to your phone failed on the way",
        f"Call again in a minute, {_OTHER_PHONE}. {_TELL}",
    ),
    Ending.NOT_DIALLED: ("Your phone was not dialled", "Call again."),
}
"""What went wrong on the caller's side, and what the caller can do."""

CALLEE_ADVICE = BOTH | {
    Ending.NOT_ACCEPTED: (
        "It was picked up, but nobody pressed 1 (a voicemail, perhaps)",
        "Don't take it for a conversation; call the other party again later.",
    ),
    Ending.VOICEMAIL: (
        "By RingCentral's log voicemail, or another machine, picked up",
        "Don't take it for a conversation; call the other party again later.",
    ),
    Ending.BUSY: ("The other party was busy", "Call again in a few minutes."),
    Ending.NO_ANSWER: (
        "The other party did not answer",
        "Call again later, or write to them.",
    ),
    Ending.DECLINED: (
        "The call was declined",
        "Write to them before you call again.",
    ),
    Ending.CANCELLED: (
        "The call was stopped before the other party answered",
        "If you did not mean that, call again and stay on the line.",
    ),
    Ending.BAD_NUMBER: (
        "The other party's number is wrong or out of service",
        "Check the number before you call again.",
    ),
    Ending.BLOCKED: (
        "The RingCentral plan does not let the other party be called",
        f"{_ASK_ABOUT_PLAN}.",
    ),
    Ending.DEVICE_OFFLINE: (
        "The other party's phone is not connected",
        "Call again later, or try another number of theirs.",
    ),
    Ending.FAILED: (
        "The call to the other party failed on the way",
        f"Call again in a minute. {_TELL}",
    ),
    Ending.NOT_DIALLED: (
        "The call ended before the other party was dialled",
        "Call again and stay on the line; press 1 if RingCentral asks you to.",
    ),
    Ending.NOT_LOGGED: (
        "RingCentral's log does not show the other party's side",
        "Don't take it for answered; call again if you did not talk.",
    ),
    Ending.UNKNOWN: (
        "RingCentral's log does not clearly say how it went for the other party",
        "Don't take it for answered; call again if you did not talk.",
    ),
}
"""What went wrong or is not known on the callee's side, and what the caller can do."""

UNCLEAR = (
    "RingCentral's log does not clearly say how it went for your phone",
    "So no talk time is told.",
)

CONTRADICTORY = (
    "RingCentral's log has results for both phones that can't both be right",
    "Don't take it for answered; call again if you did not talk.",
)

_WITH_REASON = {
    Ending.BLOCKED,
    Ending.FORBIDDEN,
    Ending.FAILED,
    Ending.LINE_FAULT,
    Ending.TOO_MANY,
    Ending.BAD_NUMBER,
    Ending.UNKNOWN,
}
_LONGEST_REASON = 60
_NO_NUMBER = 3
"""A reason with more digits may hold a phone number, so it is not shown. RingCentral's
``Info 411 Restricted`` has three."""


def why(outcome: Outcome) -> str:
    """Return what went wrong with a call, and what to do; empty if both answered.

    If both sides failed, it is about the caller's, which rings first. It holds no phone
    number, but may hold RingCentral's words: escape it.
    """
    caller, callee = outcome.caller, outcome.callee
    if caller.ending in FAILURES and callee.ending in REACHED:
        return f"{CONTRADICTORY[0]}. {CONTRADICTORY[1]}"
    if caller.ending in CALLER_ADVICE:
        what, then = CALLER_ADVICE[caller.ending]
        if callee.ending is Ending.NOT_DIALLED:
            what += ", so the other party was never dialled"
        return f"{what}.{_reason(caller)} {then}"
    if callee.ending in CALLEE_ADVICE:
        what, then = CALLEE_ADVICE[callee.ending]
        return f"{what}.{_reason(callee)} {then}"
    if caller.ending is Ending.ANSWERED:
        return ""
    what, then = UNCLEAR
    return f"{what}.{_reason(caller)} {then}"


def _reason(side: Side) -> str:
    """Return RingCentral's reason if it says more than the plain word does."""
    text = " ".join(side.reason.split())[:_LONGEST_REASON]
    is_number = sum(character.isdigit() for character in text) > _NO_NUMBER
    if side.ending not in _WITH_REASON or is_number or not text:
        return ""
    if key_of(text) in {key_of(side.result), "unknown"}:
        return ""
    return f" RingCentral's reason: {text}."
