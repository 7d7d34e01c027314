"""How a call ended for each side, read from the legs of its record.

The ``…ToCaller`` leg has the caller's result, the ``…ToSubscriber`` leg the callee's.
What the record's own result means for a RingOut is not documented. It is used for one
thing only: it may show that an answer was a voicemail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from bot.calls.digits import Likeness, compare
from bot.calls.leg import ZERO, Entry, Leg, Record
from bot.calls.phone import PhoneNumber


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


@dataclass(frozen=True, slots=True)
class Side:
    """One side's final result. ``result``, ``reason``: RingCentral's own words."""

    ending: Ending
    result: str = ""
    reason: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The results of both sides, from one entry of the log.

    ``talked`` is None unless both sides were connected (not to a voicemail, as far as the
    log tells), and where the log does not say how long.
    """

    caller: Side
    callee: Side
    talked: timedelta | None = None


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
    "International Restricted": Ending.BLOCKED,
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

CAUSE = 4
"""The weight of the other ones: they say why nobody could be reached."""

BEFORE_VOICEMAIL = {
    Ending.ANSWERED,
    Ending.NOT_ACCEPTED,
    Ending.NO_ANSWER,
    Ending.BUSY,
    Ending.CANCELED,
}
"""What a reason may say of a call that went to voicemail."""

NO_PHONE_CALLS = {Ending.EMERGENCY, Ending.CALLBACK, Ending.PHONE_LOGIN, Ending.FAX}
"""Results that say what kind of call it was, so that no reason contradicts them."""

RUNNING_RESULTS = ("In Progress", "ResultInProgress")

_SPACING = re.compile(r"[\W_]+")
_MACHINE = re.compile(r"voice\W?mail|answering\W?machine", re.IGNORECASE)


@lru_cache(maxsize=1024)
def key_of(word: str) -> str:
    """Return a result or reason for comparison: RingCentral's spelling varies."""
    return _SPACING.sub("", word).casefold()


_RESULTS = {key_of(word): ending for word, ending in RESULT_ENDINGS.items()}
_REASONS = {key_of(word): ending for word, ending in REASON_ENDINGS.items()}
_OPEN = {key_of(word) for word in OPEN_RESULTS}
_RUNNING = {key_of(word) for word in RUNNING_RESULTS}
_ACCEPTED, _PICKED_UP = key_of("Accepted"), key_of("Connected")
_STOPPED, _HUNG_UP = key_of("Stopped"), key_of("Hang Up")
_ELSEWHERE = key_of("Answered Elsewhere")

_SAYING_LESS = {
    Ending.UNKNOWN,
    Ending.ANSWERED,
    Ending.NOT_ACCEPTED,
    Ending.NO_ANSWER,
}
"""What a result or a reason may mean without adding anything to the other."""

_NEVER_UP = FAILURES
"""Endings of the caller's phone after which the callee is not dialed."""


def of(
    entry: Entry, callee: PhoneNumber | None, *, canceled: bool = False
) -> Outcome | None:
    """Return how both sides ended, or None while the log may still change.

    It may while a leg is in progress, and while there is no result at all, unless
    RingCentral marks the record as finished. *callee* is the number that was dialed, if
    known: it distinguishes its leg from the legs of a transfer. *canceled*: we asked
    RingCentral to stop the call, so ``Stopped`` does not mean another phone.
    """
    if is_running(entry):
        return None
    results = (part.result for record in entry.records for part in record.parts)
    if not any(results) and not any(record.finished for record in entry.records):
        return None
    return read(entry, callee, canceled=canceled)


def is_running(entry: Entry) -> bool:
    """Whether the log says that the call is still going on."""
    return any(
        record.finished is False
        or any(key_of(part.result) in _RUNNING for part in record.parts)
        for record in entry.records
    )


def read(
    entry: Entry, callee: PhoneNumber | None, *, canceled: bool = False
) -> Outcome:
    """Return the results of both sides, final or not.

    There is a leg for each phone that was dialed. Without a callee's leg the callee was
    not dialed. Without a caller's leg the caller's phone was dialed (it rings first),
    but the log does not show how it went. Without any legs it is unknown whose result
    the record has: it is shown as the callee's, in RingCentral's words. If the caller
    has a record of their own, it can only be the callee's.
    """
    record = entry.record
    first = leg_of([leg for leg in record.legs if leg.is_to_caller])
    second = leg_of([leg for leg in record.legs if leg.is_to_subscriber], callee)
    caller = _caller(entry, first)
    theirs: Leg | Record | None = second
    if second is not None:
        # If the caller's leg is no voicemail, one in the record is the callee's.
        rest = () if caller.ending is Ending.VOICEMAIL else _of_no_side(record)
        other = side(second, *rest)
    elif first is not None or caller.ending in _NEVER_UP:
        other = Side(Ending.NOT_DIALED)
    elif _is_half(record):
        other = Side(Ending.NOT_LOGGED)
    elif entry.inbound is not None:
        theirs, other = record, side(record, *_of_no_side(record))
    else:
        other = Side(Ending.UNKNOWN, record.result, record.reason, record.description)
    talked = None
    if theirs is not None and caller.ending is other.ending is Ending.ANSWERED:
        talked = _talked(entry, first, theirs)
    if canceled:
        caller, other = _canceled(caller), _canceled(other)
    return Outcome(caller, other, talked)


def _canceled(side: Side) -> Side:
    said = {key_of(side.result), key_of(side.reason)}
    elsewhere = side.ending is Ending.ELSEWHERE and _ELSEWHERE not in said
    if _STOPPED in said and (elsewhere or said == {_STOPPED, _HUNG_UP}):
        return replace(side, ending=Ending.CANCELED)
    return side


def _talked(entry: Entry, first: Leg | None, theirs: Leg | Record) -> timedelta | None:
    """Return how long both were connected: no longer than the shorter of both legs.

    None if the log does not say how long the callee's lasted. If it does not say so of
    the caller's, the record as a whole stands for it.
    """
    if theirs.duration is None:
        return None
    parts = (first, entry.inbound)
    lengths = [part.duration for part in parts if part and part.duration is not None]
    if not lengths and entry.record.duration is not None:
        lengths = [entry.record.duration]
    return min(theirs.duration, *lengths) if lengths else theirs.duration


def side(part: Leg | Record, *others: Leg | Record) -> Side:
    """Return the result of *part*; *others* may show that a machine answered."""
    ending = ending_of(part.result, part.reason)
    if ending is Ending.ANSWERED and _tells_of_a_machine((part, *others)):
        ending = Ending.VOICEMAIL
    return Side(ending, part.result, part.reason, part.description)


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
    return by_reason


def _together(by_result: Ending, by_reason: Ending) -> Ending:
    """Return what a clear result and a reason of another meaning say together."""
    if by_result in NO_PHONE_CALLS:
        return by_result
    if by_result in FAILURES and by_reason in FAILURES:
        return max(by_reason, by_result, key=lambda each: WEIGHTS.get(each, CAUSE))
    if by_result is Ending.VOICEMAIL and by_reason in BEFORE_VOICEMAIL:
        return by_result
    picked_up = (by_result, by_reason) == (Ending.ANSWERED, Ending.NOT_ACCEPTED)
    is_fax = by_result in FAILURES and by_reason is Ending.FAX
    return by_reason if picked_up or is_fax else Ending.UNKNOWN


def unsaid(side: Side) -> str:
    """Return the reason or result that means something else than the ending does.

    Empty if there is none, or if it only says less: that nobody answered, for example.
    """
    what, why = key_of(side.result), key_of(side.reason)
    if why and why != what and why not in _REASONS:
        return side.reason
    by_result = Ending.UNKNOWN if what in _OPEN else _RESULTS.get(what, Ending.UNKNOWN)
    by_reason = _REASONS.get(why, Ending.UNKNOWN)
    less = _SAYING_LESS | {side.ending}
    if side.ending is Ending.CANCELED:  # by our Cancel, which stops the call
        less |= {Ending.ELSEWHERE}
    if by_reason not in less:
        return side.reason
    return "" if by_result in less else side.result


def is_accepted(side: Side) -> bool:
    """Whether RingCentral says more than that the phone was connected."""
    return _ACCEPTED in {key_of(side.result), key_of(side.reason)}


def leg_of(legs: Sequence[Leg], dialed: PhoneNumber | None = None) -> Leg | None:
    """Return the leg that counts of several to the same side, as after a transfer.

    It is the leg to *dialed*, else the master leg, else the longest.
    """

    def rank(leg: Leg) -> tuple[bool, bool, timedelta]:
        likely = dialed and compare(dialed.e164, leg.callee.number)
        return (
            bool(likely and likely >= Likeness.LIKE),
            leg.master,
            leg.duration or ZERO,
        )

    return max(legs, key=rank, default=None)


def _caller(entry: Entry, leg: Leg | None) -> Side:
    """Return the caller's result; of two records the Inbound one is for their phone."""
    half = entry.record if _is_half(entry.record) else entry.inbound
    if half is not None and (half.result or half.reason or leg is None):
        return side(half, *half.legs)
    return Side(Ending.NOT_LOGGED) if leg is None else side(leg)


def _is_half(record: Record) -> bool:
    """Whether this is the caller's half of a call whose RingOut record is missing."""
    return record.direction == "Inbound" and not record.is_ring_out


def _of_no_side(record: Record) -> tuple[Record | Leg, ...]:
    return tuple(
        part
        for part in record.parts
        if isinstance(part, Record) or not (part.is_to_caller or part.is_to_subscriber)
    )


def _tells_of_a_machine(parts: Iterable[Record | Leg]) -> bool:
    """Whether a part names one. The reason ``Connected`` names it as an example only."""
    return any(
        _MACHINE.search(text)
        for part in parts
        if key_of(part.reason) != _PICKED_UP
        for text in (part.result, part.reason, part.description)
    )
