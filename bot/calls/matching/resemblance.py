"""How well an entry of the log fits a call that waits for its record.

All differences are expressed in seconds: the time between our POST and the record's
start, and a penalty for a number that is masked, missing or in the wrong place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.calls.log import outcome
from bot.calls.log.ending import FAILURES, Ending
from bot.calls.log.leg import Entry, Party
from bot.calls.log.outcome import Outcome
from bot.calls.matching.denial import NOTHING_DENIED, Denied
from bot.calls.matching.id_form import is_another
from bot.calls.numbers.digits import Likeness, compare
from bot.calls.numbers.phone import PhoneNumber

START_WINDOW = timedelta(seconds=30)
"""The longest time between our POST and a record's start, by RingCentral's clock."""

CLEAR_LEAD = timedelta(seconds=2)
"""A shorter difference proves nothing: a ``Date`` header counts whole seconds."""

CLOCK_SLACK = timedelta(seconds=5)
"""How far our own times may be off RingCentral's, after converting them."""

CALLEE_PENALTY = {Likeness.SAME: 0, Likeness.LIKE: 10, Likeness.ABSENT: 30}
CALLER_PENALTY = {Likeness.SAME: 0, Likeness.LIKE: 5, Likeness.ABSENT: 20}
MISPLACED_PENALTY = 40
"""The number is there, but the legs have it on the other side, or have a third number."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A call that waits for its record.

    Attributes:
        ringout_id: Empty if the answer to the POST was lost; then it may not exist.
        sent_at: When the POST was sent, by RingCentral's clock.
        reads: Reads of the log that did not show its id, this one included.
        denied: The results that its last live status rules out.
        connected: Whether a live status has shown both sides connected.
        alive_at: When a live status last showed it going on, by RingCentral's clock.
    """

    call_id: str
    ringout_id: str
    caller: PhoneNumber
    callee: PhoneNumber
    sent_at: datetime
    reads: int
    denied: Denied = NOTHING_DENIED
    connected: bool = False
    alive_at: datetime | None = None

    @property
    def is_lost(self) -> bool:
        """Whether it may not have been placed at all."""
        return not self.ringout_id


@dataclass(frozen=True, slots=True)
class Fit:
    """How well an entry fits, and the two times that were compared."""

    penalty: timedelta
    sent: datetime
    started: datetime
    names_callee: bool
    """Whether it has the callee's number, whole or masked, in the right place."""

    @property
    def distance(self) -> timedelta:
        """Everything that speaks against it, as a time."""
        return self.penalty + abs(self.started - self.sent)


def fit(sought: Sought, entry: Entry) -> Fit | None:
    """Return how well *entry* fits, or None if it cannot belong to the call."""
    nearest = min(
        (each.started_at for each in entry.records),
        key=lambda start: abs(start - sought.sent_at),
    )
    if abs(nearest - sought.sent_at) > START_WINDOW:
        return None
    callee, caller = _callee(sought, entry), _caller(sought, entry)
    if Likeness.DIFFERENT in {callee, caller} or _contradicts(sought, entry):
        return None
    misplaced = _is_misplaced(sought, entry)
    seconds = (
        CALLEE_PENALTY[callee]
        + CALLER_PENALTY[caller]
        + (MISPLACED_PENALTY if misplaced else 0)
    )
    return Fit(
        penalty=timedelta(seconds=seconds),
        sent=sought.sent_at,
        started=nearest,
        names_callee=callee >= Likeness.LIKE and not misplaced,
    )


def _callee(sought: Sought, entry: Entry) -> Likeness:
    """Return how well *entry* shows the callee: anywhere, else where callees belong."""
    number = sought.callee
    best = _best(number, _everybody(entry))
    if best >= Likeness.LIKE:
        return best
    record = entry.record
    places = [leg.callee for leg in record.legs if leg.is_to_subscriber]
    if not places:
        turned = _best(sought.caller, [record.callee]) >= Likeness.LIKE
        places = [record.caller if turned else record.callee]
    return _best(number, places)


def _caller(sought: Sought, entry: Entry) -> Likeness:
    """Return how well *entry* shows the caller; another first phone rules it out."""
    best = _best(sought.caller, _everybody(entry))
    if best >= Likeness.LIKE:
        return best
    return _best(sought.caller, _first_phones(entry), Likeness.ABSENT)


def _is_misplaced(sought: Sought, entry: Entry) -> bool:
    """Whether the legs have another number where the caller or the callee belongs.

    Legs that are exactly mirrored, in a record whose own ends are in order, are
    RingCentral's way of logging some calls; in a record whose ends are mirrored too,
    the other party placed the call.
    """
    second = [leg.callee for leg in entry.record.legs if leg.is_to_subscriber]
    first = _first_phones(entry)
    misplaced = Likeness.DIFFERENT in {
        _best(sought.callee, second, Likeness.ABSENT),
        _best(sought.caller, first, Likeness.ABSENT),
    }
    if not misplaced:
        return False
    mirrored = min(_best(sought.caller, second), _best(sought.callee, first))
    record = entry.record
    in_order = min(
        _best(sought.caller, [record.caller]), _best(sought.callee, [record.callee])
    )
    return min(mirrored, in_order) < Likeness.LIKE


def _contradicts(sought: Sought, entry: Entry) -> bool:
    """Whether the id or the live status of the call rules out that *entry* is its record."""
    if _has_another_id(sought.ringout_id, entry):
        return True
    told = outcome.read(entry, sought.callee)
    if sought.denied.contradicts(told):
        return True
    if sought.connected and _shows_no_connection(told):
        return True
    ended_at = _ended_at(entry)
    if sought.alive_at is None or ended_at is None:
        return False
    return ended_at < sought.alive_at - CLOCK_SLACK


def _shows_no_connection(told: Outcome) -> bool:
    """Whether a side has failed, or the callee's phone is missing."""
    is_missing = told.callee.ending is Ending.NOT_LOGGED
    return is_missing or not FAILURES.isdisjoint(
        {told.caller.ending, told.callee.ending}
    )


def _ended_at(entry: Entry) -> datetime | None:
    """Return when *entry* ended, by its later record; None if the log does not tell."""
    ends = [
        record.started_at + record.duration
        for record in entry.records
        if record.duration is not None and record.result
    ]
    if outcome.is_running(entry) or len(ends) < len(entry.records):
        return None
    return max(ends)


def _has_another_id(ringout_id: str, entry: Entry) -> bool:
    """Whether *entry* has an id of the same form as the call's, but not the call's."""
    return ringout_id not in entry.session_ids and any(
        is_another(ringout_id, each) for each in entry.session_ids
    )


def _first_phones(entry: Entry) -> list[Party]:
    """Return the phones that rang first, if the log shows them."""
    phones = [leg.callee for leg in entry.record.legs if leg.is_to_caller]
    return phones if entry.inbound is None else [*phones, entry.inbound.callee]


def _everybody(entry: Entry) -> Iterator[Party]:
    for record in entry.records:
        for part in record.parts:
            yield part.caller
            yield part.callee


def _best(
    number: PhoneNumber,
    parties: Iterable[Party],
    nobody: Likeness = Likeness.DIFFERENT,
) -> Likeness:
    likely = (compare(number.e164, party.number) for party in parties)
    return max(likely, default=nobody)
