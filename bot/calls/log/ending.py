"""How one side of a call ended, and which of RingCentral's words mean that."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class Ending(StrEnum):
    """How one side of a call ended: stored, and a label of the metrics.

    What people read is `bot.slack.texts.words.ENDINGS`.
    """

    ANSWERED = "answered"
    NOT_ACCEPTED = "not accepted"
    """Picked up, but nobody accepted the call, as a voicemail does not."""
    VOICEMAIL = "voicemail"
    ELSEWHERE = "picked up elsewhere"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    DECLINED = "declined"
    BARRED = "blocked"
    """Blocked; RingCentral does not say by whom."""
    OWN_BLOCK = "own blocked number"
    """In the blocked numbers of the RingCentral user or account itself."""
    CANCELED = "cancelled"
    STOPPED = "stopped"
    """The caller's phone stopped ringing, and the other party's never rang: something else
    than our Cancel stopped the call, or it was picked up on another phone and went no
    further."""
    BAD_NUMBER = "bad number"
    FORBIDDEN = "number not allowed"
    BLOCKED = "blocked by the plan"
    NO_CREDIT = "no calling credit"
    TOO_MANY = "too many calls"
    NOT_ACCEPTING = "calls not accepted"
    """The RingCentral account was not accepting calls."""
    LOOP = "forwarding loop"
    NO_ADDRESS = "no emergency address"
    DEVICE_OFFLINE = "phone offline"
    LINE_FAULT = "line fault"
    FAILED = "failed"
    EMERGENCY = "emergency call"
    CALLBACK = "callback requested"
    PHONE_LOGIN = "phone login"
    FAX = "fax"
    NOT_DIALED = "not dialled"
    NOT_LOGGED = "not in the log"
    """The log does not show this side, though its phone must have been called."""
    UNKNOWN = "unknown"
    """A result that we do not know, or that its reason contradicts: shown as it is."""


REACHED = frozenset({Ending.ANSWERED, Ending.NOT_ACCEPTED, Ending.VOICEMAIL})
"""Endings after which somebody or something had picked up this phone."""

FAILURES = (
    frozenset(Ending)
    - REACHED
    - {
        Ending.ELSEWHERE,
        Ending.EMERGENCY,
        Ending.CALLBACK,
        Ending.PHONE_LOGIN,
        Ending.FAX,
        Ending.NOT_LOGGED,
        Ending.UNKNOWN,
    }
)
"""Endings that rule out that this phone was picked up."""


RESULT_ENDINGS = {
    "Call connected": Ending.ANSWERED,
    "Accepted": Ending.ANSWERED,
    "Call accepted": Ending.ANSWERED,
    "Connected": Ending.ANSWERED,
    "Answered Not Accepted": Ending.NOT_ACCEPTED,
    "Voicemail": Ending.VOICEMAIL,
    "Sent to Voicemail": Ending.VOICEMAIL,
    "Answered Elsewhere": Ending.ELSEWHERE,
    "Stopped": Ending.ELSEWHERE,
    "Busy": Ending.BUSY,
    "Line Busy": Ending.BUSY,
    "No Answer": Ending.NO_ANSWER,
    "Not Answered": Ending.NO_ANSWER,
    "Missed": Ending.NO_ANSWER,
    "Abandoned": Ending.NO_ANSWER,
    "Rejected": Ending.DECLINED,
    "Declined": Ending.DECLINED,
    "Blocked": Ending.BARRED,
    "Hang Up": Ending.CANCELED,
    "Wrong Number": Ending.BAD_NUMBER,
    "Restricted Number": Ending.FORBIDDEN,
    "Not Allowed": Ending.FORBIDDEN,
    "International Disabled": Ending.BLOCKED,
    "International Restricted": Ending.FORBIDDEN,
    "International Restriction": Ending.BLOCKED,
    "Suspended account": Ending.BLOCKED,
    "Suspended": Ending.BLOCKED,
    "No Calling Credit": Ending.NO_CREDIT,
    "IP Phone Offline": Ending.DEVICE_OFFLINE,
    "Carrier is not active": Ending.LINE_FAULT,
    "EDGE trunk misconfigured": Ending.LINE_FAULT,
    "Call Failed": Ending.FAILED,
    "Call Failure": Ending.FAILED,
    "Internal Error": Ending.FAILED,
    "911": Ending.EMERGENCY,
    "933": Ending.EMERGENCY,
    "Callback requested": Ending.CALLBACK,
    "Phone Login": Ending.PHONE_LOGIN,
    "Fax Not Sent": Ending.FAX,
    "Fax Partially Sent": Ending.FAX,
    "Fax Poor Line": Ending.FAX,
    "Fax Receipt Error": Ending.FAX,
    "Fax on Demand": Ending.FAX,
    "No fax machine": Ending.FAX,
    "Partial Receive": Ending.FAX,
    "Receive Error": Ending.FAX,
    "Received": Ending.FAX,
    "Send Error": Ending.FAX,
    "Sent": Ending.FAX,
    "Reply": Ending.UNKNOWN,
    "Unknown": Ending.UNKNOWN,
    "ResultEmpty": Ending.UNKNOWN,
}
"""RingCentral's results (its OpenAPI document, ``CallResultEnum``) and what they mean,
with older spellings of some. Any other result is shown as it is.
"""

REASON_ENDINGS = {
    "Accepted": Ending.ANSWERED,
    "Connected": Ending.NOT_ACCEPTED,
    "Line Busy": Ending.BUSY,
    "Not Answered": Ending.NO_ANSWER,
    "No Answer": Ending.NO_ANSWER,
    "Hang Up": Ending.CANCELED,
    "Stopped": Ending.ELSEWHERE,
    "Number Blocked": Ending.OWN_BLOCK,
    "Bad Number": Ending.BAD_NUMBER,
    "Wrong Number": Ending.BAD_NUMBER,
    "Restricted Number": Ending.FORBIDDEN,
    "Number Not Allowed": Ending.FORBIDDEN,
    "Number Disabled": Ending.FORBIDDEN,
    "Info 411 Restricted": Ending.FORBIDDEN,
    "Customer 611 Restricted": Ending.FORBIDDEN,
    "International Disabled": Ending.BLOCKED,
    "International Restricted": Ending.FORBIDDEN,
    "No Credit": Ending.NO_CREDIT,
    "Max Call Limit": Ending.TOO_MANY,
    "Too Many Calls": Ending.TOO_MANY,
    "Calls Not Accepted": Ending.NOT_ACCEPTING,
    "Call Loop": Ending.LOOP,
    "Emergency Address not defined": Ending.NO_ADDRESS,
    "No Digital Line": Ending.DEVICE_OFFLINE,
    "Carrier is not active": Ending.LINE_FAULT,
    "EDGE trunk misconfigured": Ending.LINE_FAULT,
    "Failed Try Again": Ending.FAILED,
    "Internal Call Error": Ending.FAILED,
    "Internal Error": Ending.FAILED,
    "Resource Error": Ending.FAILED,
    "Fax Not Received": Ending.FAX,
    "Fax Not Sent": Ending.FAX,
    "Fax Partially Sent": Ending.FAX,
    "Fax Poor Line": Ending.FAX,
    "Fax Prepare Error": Ending.FAX,
    "Fax Save Error": Ending.FAX,
    "Fax Send Error": Ending.FAX,
    "Receive Error": Ending.FAX,
    "Unknown": Ending.UNKNOWN,
}
"""RingCentral's reasons (``CallResultReasonEnum``) and what they mean."""

OPEN_RESULTS = {
    "",
    "Unknown",
    "ResultEmpty",
    "Call Failed",
    "Call Failure",
    "Internal Error",
    "No Answer",
    "Not Answered",
    "Missed",
    "Abandoned",
    "Answered Not Accepted",
    "Rejected",
    "Blocked",
    "Not Allowed",
    "Restricted Number",
}
"""Results that do not say what happened as well as their reason does, if there is one.
So is every result that we do not know."""

WEIGHTS = {
    Ending.NO_ANSWER: 0,
    Ending.CANCELED: 1,
    Ending.FAILED: 2,
    Ending.BUSY: 3,
    Ending.DECLINED: 3,
    Ending.BARRED: 3,
}
"""How much the ending of a failed side says."""

CAUSE_WEIGHT = 4
"""The weight of the other ones: they say why nobody could be reached."""

BEFORE_VOICEMAIL = {
    Ending.ANSWERED,
    Ending.NOT_ACCEPTED,
    Ending.NO_ANSWER,
    Ending.BUSY,
    Ending.CANCELED,
}
"""What a reason may say of a call that went to voicemail."""

IN_OTHER_WORDS = (Ending.DECLINED, Ending.NOT_ACCEPTING)
"""A result, and a reason that says no more of it: who declines accepts no call."""

NO_PHONE_CALLS = {Ending.EMERGENCY, Ending.CALLBACK, Ending.PHONE_LOGIN, Ending.FAX}
"""Results that say what kind of call it was, so that no reason contradicts them."""

RUNNING_RESULTS = ("In Progress", "ResultInProgress")

_SPACING = re.compile(r"[\W_]+")


@lru_cache(maxsize=1024)
def key_of(word: str) -> str:
    """Return a result or reason for comparison: RingCentral's spelling varies."""
    return _SPACING.sub("", word).casefold()


_RESULTS = {key_of(word): ending for word, ending in RESULT_ENDINGS.items()}
_REASONS = {key_of(word): ending for word, ending in REASON_ENDINGS.items()}
_OPEN = {key_of(word) for word in OPEN_RESULTS}
_RUNNING = {key_of(word) for word in RUNNING_RESULTS}

_RULING_OUT = FAILURES - {Ending.NO_ANSWER}
"""What a reason may not say of a phone that was picked up; that nobody answered may mean
that nobody accepted the call."""

_SAYING_LESS = {
    Ending.UNKNOWN,
    Ending.ANSWERED,
    Ending.NOT_ACCEPTED,
    Ending.NO_ANSWER,
}
"""What a result or a reason may mean without adding anything to the other."""


def is_running_result(result: str) -> bool:
    """Whether RingCentral says by a result that the call is still going on."""
    return key_of(result) in _RUNNING


def ending_of(result: str, reason: str) -> Ending:
    """Return what a result and its reason mean together.

    The one that says more decides; of two that say as much, the reason. If one rules out
    an answer and the other says that there was one, on this phone or on another, neither
    is believed.
    """
    what, why = key_of(result), key_of(reason)
    by_result = _RESULTS.get(what, Ending.UNKNOWN)
    by_reason = _REASONS.get(why, Ending.UNKNOWN)
    if by_reason in {Ending.UNKNOWN, by_result}:
        return by_result
    if what not in _OPEN and what in _RESULTS:
        return _together(by_result, by_reason)
    if by_reason is Ending.ANSWERED and what not in {"", key_of("Unknown")}:
        return Ending.UNKNOWN
    if by_result is Ending.NOT_ACCEPTED and by_reason in _RULING_OUT:
        return Ending.UNKNOWN
    return by_reason


def _together(by_result: Ending, by_reason: Ending) -> Ending:
    """Return what a clear result and a reason of another meaning say together."""
    if by_result in NO_PHONE_CALLS:
        return by_result
    if (by_result, by_reason) == IN_OTHER_WORDS:
        return by_result
    if by_result in FAILURES and by_reason in FAILURES:
        return max(
            by_reason, by_result, key=lambda each: WEIGHTS.get(each, CAUSE_WEIGHT)
        )
    if by_result is Ending.VOICEMAIL and by_reason in BEFORE_VOICEMAIL:
        return by_result
    picked_up = (by_result, by_reason) == (Ending.ANSWERED, Ending.NOT_ACCEPTED)
    is_fax = by_result in FAILURES and by_reason is Ending.FAX
    return by_reason if picked_up or is_fax else Ending.UNKNOWN


def unsaid(ending: Ending, result: str, reason: str) -> str:
    """Return the reason or result that means something else than the ending does.

    Empty if there is none, or if it only says less: that nobody answered, for example.
    """
    what, why = key_of(result), key_of(reason)
    if why and why != what and why not in _REASONS:
        return reason
    by_result = Ending.UNKNOWN if what in _OPEN else _RESULTS.get(what, Ending.UNKNOWN)
    by_reason = _REASONS.get(why, Ending.UNKNOWN)
    less = _SAYING_LESS | {ending}
    if (ending, by_reason) == IN_OTHER_WORDS:
        return ""
    if ending in {Ending.CANCELED, Ending.STOPPED}:  # "Stopped" means no more here
        less |= {Ending.ELSEWHERE}
    if by_reason not in less:
        return reason
    return "" if by_result in less else result
