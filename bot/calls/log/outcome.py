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

from bot.calls.log.ending import (
    FAILURES,
    REACHED,
    Ending,
    ending_of,
    is_running_result,
    key_of,
)
from bot.calls.log.leg import ZERO, Entry, Leg, Record
from bot.calls.numbers.digits import Likeness, compare
from bot.calls.numbers.phone import PhoneNumber


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
    log tells), where the log does not say how long, and where that rounds to 0 s.
    """

    caller: Side
    callee: Side
    talked: timedelta | None = None


_MACHINE = re.compile(r"voice\W?mail|answering\W?machine", re.IGNORECASE)
_ACCEPTED = {key_of("Accepted"), key_of("Call accepted")}
_PICKED_UP = key_of("Connected")
"""As a result it means an answer; as a reason, that nobody accepted the call."""

_STOPPED, _HUNG_UP = key_of("Stopped"), key_of("Hang Up")
_ELSEWHERE = key_of("Answered Elsewhere")

_NEVER_JOINED = FAILURES | {Ending.NOT_ACCEPTED, Ending.VOICEMAIL}
"""Endings of the caller's leg after which the callee is not dialed."""


def of(
    entry: Entry,
    callee: PhoneNumber | None,
    *,
    canceled: bool = False,
    reached: bool = False,
) -> Outcome | None:
    """Return how both sides ended, or None while the log may still change.

    It may while a leg is in progress, and while there is no result at all, unless
    RingCentral marks the record as finished. *callee* is the number that was dialed, if
    known: it distinguishes its leg from the legs of a transfer. *canceled*: we asked
    RingCentral to stop the call, so ``Stopped`` does not mean another phone. *reached*:
    the live status showed that the callee's phone rang or was picked up.
    """
    if is_running(entry):
        return None
    results = (part.result for record in entry.records for part in record.parts)
    if not any(results) and not any(record.finished for record in entry.records):
        return None
    return read(entry, callee, canceled=canceled, reached=reached)


def is_running(entry: Entry) -> bool:
    """Whether the log says that the call is still going on."""
    return any(
        record.finished is False
        or any(is_running_result(part.result) for part in record.parts)
        for record in entry.records
    )


def read(
    entry: Entry,
    callee: PhoneNumber | None,
    *,
    canceled: bool = False,
    reached: bool = False,
) -> Outcome:
    """Return the results of both sides, final or not; see `of`.

    There is a leg for each phone that was dialed. Without a callee's leg the callee was
    not dialed if the caller's phone was not reached, or did not accept the call. If it
    did, the log does not show how it went on. ``Stopped`` may mean another phone, too;
    but if nobody was reached at all, it went no further there. Without a caller's leg the
    caller's phone was dialed (it rings first), but the log does not show how it went.
    Without any legs it is unknown whose result the record has: it is shown as the
    callee's, in RingCentral's words. If the caller has a record of their own, it can only
    be the callee's.
    """
    record = entry.record
    first = leg_of([leg for leg in record.legs if leg.is_to_caller])
    second = leg_of([leg for leg in record.legs if leg.is_to_subscriber], callee)
    caller = _caller(entry, first)
    theirs = second or (record if entry.inbound is not None else None)
    if canceled:
        caller = _canceled(caller)
    elif first and theirs is None and not reached and _has_stopped(caller, record):
        caller = replace(caller, ending=Ending.STOPPED)
    if second is None and not reached and _ended_at_caller(caller, first):
        other = Side(Ending.NOT_DIALED)
    elif theirs is not None:
        # If the caller's leg is no voicemail, one in the record is the callee's.
        rest = () if caller.ending is Ending.VOICEMAIL else _of_no_side(record)
        other = side(theirs, *rest)
    elif first is not None or _is_half(record):
        other = Side(Ending.NOT_LOGGED)
    else:
        other = Side(Ending.UNKNOWN, record.result, record.reason, record.description)
    talked = None
    if theirs is not None and caller.ending is other.ending is Ending.ANSWERED:
        talked = _talked(entry, first, theirs)
    if canceled:
        other = _canceled(other)
    return Outcome(caller, other, talked)


def _ended_at_caller(caller: Side, leg: Leg | None) -> bool:
    """Whether the caller's result explains why there is no leg to the callee."""
    return caller.ending in (FAILURES if leg is None else _NEVER_JOINED)


def _canceled(side: Side) -> Side:
    said = {key_of(side.result), key_of(side.reason)}
    if _may_stop(side) or said == {_STOPPED, _HUNG_UP}:
        return replace(side, ending=Ending.CANCELED)
    return side


def _has_stopped(side: Side, record: Record) -> bool:
    """Whether this side's phone stopped ringing, and the whole call reached nobody."""
    whole = ending_of(record.result, record.reason)
    return _may_stop(side) and whole not in REACHED


def _may_stop(side: Side) -> bool:
    """Whether the log calls a side ``Stopped``, and not ``Answered Elsewhere``, too."""
    said = {key_of(side.result), key_of(side.reason)}
    return side.ending is Ending.ELSEWHERE and _ELSEWHERE not in said


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
    return measurable(min([theirs.duration, *lengths]))


def measurable(length: timedelta | None) -> timedelta | None:
    """Return a talk time; None if it is shorter than people are told, in whole seconds."""
    return length if length and round(length.total_seconds()) else None


def side(part: Leg | Record, *others: Leg | Record) -> Side:
    """Return the result of *part*; *others* may show that a machine answered."""
    ending = ending_of(part.result, part.reason)
    if ending is Ending.ANSWERED and _tells_of_a_machine((part, *others)):
        ending = Ending.VOICEMAIL
    return Side(ending, part.result, part.reason, part.description)


def is_accepted(side: Side) -> bool:
    """Whether RingCentral says more than that the phone was connected."""
    what, why = key_of(side.result), key_of(side.reason)
    return what == _PICKED_UP or not _ACCEPTED.isdisjoint({what, why})


def leg_of(legs: Sequence[Leg], dialed: PhoneNumber | None = None) -> Leg | None:
    """Return the leg that counts of several to the same side, as after a transfer.

    It is the leg to *dialed*, else the master leg, else the one that got furthest, else
    the longest: a phone that rang in vain may have rung longer than another one talked.
    """

    def rank(leg: Leg) -> tuple[bool, bool, int, timedelta]:
        likely = dialed and compare(dialed.e164, leg.callee.number)
        return (
            bool(likely and likely >= Likeness.LIKE),
            leg.master,
            _how_far(side(leg).ending),
            leg.duration or ZERO,
        )

    return max(legs, key=rank, default=None)


def _how_far(ending: Ending) -> int:
    """Return a greater number for a leg that got further: picked up, and accepted."""
    return (ending in REACHED) + (ending in REACHED - {Ending.NOT_ACCEPTED})


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
