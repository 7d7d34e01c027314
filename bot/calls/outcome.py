"""How a call ended for each side, read from the legs of its record.

The ``…ToCaller`` leg has the caller's result, the ``…ToSubscriber`` leg the callee's.
What the record's own result means for a RingOut is not documented. It is used for one
thing only: it may show that an answer was a voicemail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.calls.digits import Likeness, compare
from bot.calls.leg import Entry, Leg, Record
from bot.calls.phone import PhoneNumber


class Ending(StrEnum):
    """How one side of a call ended: stored, and a label of the metrics.

    What people read is `bot.slack.texts.words.ENDINGS`.
    """

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
    NOT_LOGGED = "not in the log"
    """The log does not show this side, though its phone must have been called."""
    UNKNOWN = "unknown"
    """A result that we do not know: it is shown as it is."""


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

    ``talked`` is None unless both sides were connected to a person (not voicemail).
    """

    caller: Side
    callee: Side
    talked: timedelta | None = None


RESULT_ENDINGS = {
    "Call connected": Ending.ANSWERED,
    "Accepted": Ending.ANSWERED,
    "Voicemail": Ending.VOICEMAIL,
    "Sent to Voicemail": Ending.VOICEMAIL,
    "Busy": Ending.BUSY,
    "No Answer": Ending.NO_ANSWER,
    "Missed": Ending.NO_ANSWER,
    "Abandoned": Ending.NO_ANSWER,
    "Answered Not Accepted": Ending.NO_ANSWER,
    "Rejected": Ending.DECLINED,
    "Declined": Ending.DECLINED,
    "Blocked": Ending.DECLINED,
    "Hang Up": Ending.CANCELLED,
    "Stopped": Ending.CANCELLED,
    "Wrong Number": Ending.BAD_NUMBER,
    "Restricted Number": Ending.BAD_NUMBER,
    "Not Allowed": Ending.BAD_NUMBER,
    "International Disabled": Ending.BLOCKED,
    "International Restricted": Ending.BLOCKED,
    "No Calling Credit": Ending.BLOCKED,
    "Suspended account": Ending.BLOCKED,
    "IP Phone Offline": Ending.DEVICE_OFFLINE,
    "Call Failed": Ending.FAILED,
    "Call Failure": Ending.FAILED,
    "Internal Error": Ending.FAILED,
    "Carrier is not active": Ending.FAILED,
    "EDGE trunk misconfigured": Ending.FAILED,
}
"""RingCentral's results (its OpenAPI document, ``CallResultEnum``) and what they mean.

Any other result is shown as it is: those of faxes, ``911`` and ``933``, ``Unknown``,
``Answered Elsewhere`` (it does not say by whom), and what RingCentral adds later.
"""

RUNNING_RESULT = "In Progress"

_SPACING = re.compile(r"[\W_]+")
_MACHINE = re.compile(r"voice\W?mail|answering\W?machine", re.IGNORECASE)


def _key(word: str) -> str:
    return _SPACING.sub("", word).casefold()


_ENDINGS = {_key(word): ending for word, ending in RESULT_ENDINGS.items()}
_RUNNING = _key(RUNNING_RESULT)
_PICKED_UP = _key("Connected")
"""A reason: picked up, but nobody accepted the call, as a machine does."""

_NEVER_UP = frozenset(Ending) - {
    Ending.ANSWERED,
    Ending.VOICEMAIL,
    Ending.UNKNOWN,
    Ending.NOT_LOGGED,
}
"""Endings of the caller's phone after which the callee is not dialed."""


def of(entry: Entry, callee: PhoneNumber | None) -> Outcome | None:
    """Return how both sides ended, or None while the log may still change.

    It may while a leg is in progress, and while there is no result at all, unless
    RingCentral marks the record as finished. *callee* is the number that was dialed, if
    known: it distinguishes its leg from the legs of a transfer.
    """
    if is_running(entry):
        return None
    results = (part.result for record in entry.records for part in record.parts)
    if not any(results) and not any(record.finished for record in entry.records):
        return None
    return read(entry, callee)


def is_running(entry: Entry) -> bool:
    """Whether the log says that the call is still going on."""
    return any(
        record.finished is False
        or any(_key(part.result) == _RUNNING for part in record.parts)
        for record in entry.records
    )


def read(entry: Entry, callee: PhoneNumber | None) -> Outcome:
    """Return the results of both sides, final or not.

    There is a leg for each phone that was dialed. Without a callee's leg the callee was
    not dialed. Without a caller's leg the caller's phone was dialed (it rings first),
    but the log does not show how it went. Without any legs it is unknown whose result
    the record has: it is shown as the callee's, in RingCentral's words.
    """
    record = entry.record
    first = leg_of([leg for leg in record.legs if leg.is_to_caller])
    second = leg_of([leg for leg in record.legs if leg.is_to_subscriber], callee)
    caller = _caller(entry, first)
    if second is not None:
        # If the caller's leg is no voicemail, one in the record is the callee's.
        rest = () if caller.ending is Ending.VOICEMAIL else _of_no_side(record)
        other = side(second, *rest)
    elif first is not None or caller.ending in _NEVER_UP:
        other = Side(Ending.NOT_DIALLED)
    elif _is_half(record):
        other = Side(Ending.NOT_LOGGED)
    else:
        other = Side(Ending.UNKNOWN, record.result, record.reason, record.description)
    talked = None
    if second is not None and caller.ending is other.ending is Ending.ANSWERED:
        talked = second.duration
    return Outcome(caller, other, talked)


def side(part: Leg | Record, *others: Leg | Record) -> Side:
    """Return the result of *part*; *others* may show that a machine answered."""
    ending = _ENDINGS.get(_key(part.result or part.reason), Ending.UNKNOWN)
    if ending is Ending.ANSWERED and (
        _key(part.reason) == _PICKED_UP or _tells_of_a_machine((part, *others))
    ):
        ending = Ending.VOICEMAIL
    return Side(ending, part.result, part.reason, part.description)


def leg_of(legs: Sequence[Leg], dialled: PhoneNumber | None = None) -> Leg | None:
    """Return the leg that counts of several to the same side, as after a transfer.

    It is the leg to *dialled*, else the master leg, else the longest.
    """

    def rank(leg: Leg) -> tuple[bool, bool, timedelta]:
        likely = dialled and compare(dialled.e164, leg.callee.number)
        return (bool(likely and likely >= Likeness.LIKE), leg.master, leg.duration)

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
    return any(
        _MACHINE.search(text)
        for part in parts
        for text in (part.result, part.reason, part.description)
    )
