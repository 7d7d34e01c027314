"""The calls of the log as rows: who called whom, which way, and how it went.

`work_list` chooses among them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.calls.call import Call, State
from bot.calls.live_view import was_callee_reached
from bot.calls.log import outcome
from bot.calls.log.ending import FAILURES, Ending
from bot.calls.log.leg import NO_PARTY, Entry, Leg, Party
from bot.calls.log.outcome import Side
from bot.calls.numbers.digits import Likeness, compare
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.record_name import in_record, told_apart

NOT_TAKEN = frozenset(Ending) - {
    Ending.ANSWERED,
    Ending.ELSEWHERE,
    Ending.EMERGENCY,
    Ending.FAX,
    Ending.PHONE_LOGIN,
    Ending.NOT_LOGGED,
    Ending.UNKNOWN,
}
"""Endings after which it is certain that the call has reached nobody."""


class Direction(StrEnum):
    """Which way a call went, as seen from the account whose log it is."""

    OUT = "out"
    IN = "in"
    MISSED = "missed"
    """It came in, and nobody took it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One call of the log, or one that is going on: both parties, each with its result.

    Attributes:
        id: Of its record, or of our call if there is none yet.
        caller: Who placed the call; for a RingOut, the phone that rang first.
        caller_side: None while in progress, and for calls that are no RingOuts: there
            the log has no result for the caller.
        callee_side: None while in progress.
        talked: None unless both were connected to a person.
        call: Our call, if it was placed here.
    """

    id: str
    started_at: datetime
    caller: Party
    callee: Party
    caller_side: Side | None
    callee_side: Side | None
    talked: timedelta | None
    in_progress: bool
    direction: Direction = Direction.OUT
    call: Call | None = None

    @property
    def key(self) -> tuple[datetime, str]:
        """What rows are sorted by: no two rows have the same one."""
        return self.started_at, self.id

    @property
    def other(self) -> Party:
        """The other party, as seen from the account whose log it is."""
        return self.callee if self.direction is Direction.OUT else self.caller

    @property
    def own(self) -> Party:
        """The account's own end."""
        return self.caller if self.direction is Direction.OUT else self.callee

    @property
    def without_names(self) -> Row:
        """The same row without the names of the record."""
        return replace(
            self,
            caller=replace(self.caller, name=""),
            callee=replace(self.callee, name=""),
        )

    @property
    def has_failed(self) -> bool:
        """Whether it was placed, and reached nobody."""
        if self.direction is not Direction.OUT or self.callee_side is None:
            return False
        caller = self.caller_side
        stopped = caller is not None and caller.ending in FAILURES
        return stopped or self.callee_side.ending in NOT_TAKEN


def goes_on(call: Call) -> bool:
    """Return whether a call of ours is being placed, or goes on."""
    return call.state in {State.PLACING, State.FOLLOWING}


def rows_of(
    entries: Iterable[Entry],
    *,
    ours: Mapping[str, Call] | None = None,
    own: Collection[PhoneNumber | str] = (),
) -> list[Row]:
    """Return the rows of all *entries*, the newest first.

    *ours*: the call of each record that belongs to one of ours, by the record's id.
    *own*: the phones of the account whose log it is, and its extension number as text.
    """
    rows = (row_of(entry, ours, own) for entry in entries)
    return sorted(rows, key=lambda row: row.key, reverse=True)


def row_of_ours(call: Call) -> Row:
    """Return the row of a call of ours that the log, as it was read, does not have.

    It goes on, or is over; its results are there once its record was found.
    """
    caller, callee = _of_ours(call)
    found = call.outcome
    return Row(
        id=call.id,
        started_at=call.asked_at,
        caller=caller,
        callee=callee,
        caller_side=found.caller if found else None,
        callee_side=found.callee if found else None,
        talked=found.talked if found else None,
        in_progress=goes_on(call) and call.terminal_at is None,
        call=call,
    )


def row_of(
    entry: Entry,
    ours: Mapping[str, Call] | None = None,
    own: Collection[PhoneNumber | str] = (),
) -> Row:
    """Return the row of a call, RingOut or not; see `rows_of`."""
    known = ours or {}
    call = next((known[each] for each in entry.ids if each in known), None)
    caller, callee = (
        told_apart(entry, *_people(entry, own))
        if call is None
        else _of_ours(call, entry)
    )
    running = outcome.is_running(entry)
    caller_side, callee_side, talked = (
        (None, None, None) if running else _results(entry, call)
    )
    return Row(
        id=entry.record.id,
        started_at=entry.started_at,
        caller=caller,
        callee=callee,
        caller_side=caller_side,
        callee_side=callee_side,
        talked=talked,
        in_progress=running,
        direction=_direction(entry, callee_side, (caller, callee), own),
        call=call,
    )


def _direction(
    entry: Entry,
    side: Side | None,
    ends: tuple[Party, Party],
    own: Collection[PhoneNumber | str],
) -> Direction:
    """Return which way it went: a RingOut always out, whatever its record's direction."""
    if entry.is_ring_out:
        return Direction.OUT
    came_in = entry.record.direction == "Inbound"
    if not entry.record.direction:
        came_in = [_is_own(each, own) for each in ends] == [False, True]
    if not came_in:
        return Direction.OUT
    missed = side is not None and side.ending in NOT_TAKEN
    return Direction.MISSED if missed else Direction.IN


def _of_ours(call: Call, entry: Entry | None = None) -> tuple[Party, Party]:
    """Return whom we rang: RingCentral may log them in either order, we know."""
    caller = _logged(call.caller, entry) if call.caller else NO_PARTY
    return caller, _logged(call.callee, entry)


def _logged(number: PhoneNumber, entry: Entry | None) -> Party:
    """Return a number with the name that its record has, if that is certain."""
    name = in_record(entry, number) if entry else None
    return Party(number.e164, name=name.text if name else "")


def _results(
    entry: Entry, call: Call | None
) -> tuple[Side | None, Side, timedelta | None]:
    if entry.is_ring_out:
        found = outcome.read(
            entry,
            call.callee if call else None,
            canceled=call is not None and call.was_stopped,
            reached=call is not None and was_callee_reached(call),
        )
        return found.caller, found.callee, found.talked
    record = entry.record
    side = outcome.side(record, *record.legs)
    talked = record.duration if side.ending is Ending.ANSWERED else None
    return None, side, outcome.measurable(talked)


def _people(entry: Entry, own: Collection[PhoneNumber | str]) -> tuple[Party, Party]:
    """Return who placed a call of somebody else's, and whom they called.

    A RingOut's record may have them in either order, and so may its legs. The account's
    own phone or extension is the one that rang first. If that does not decide, the record's
    ends do where the legs are only their mirror image.
    """
    if not entry.is_ring_out:
        return entry.record.caller, entry.record.callee
    caller, callee = _by_legs(entry)
    is_own = [_is_own(each, own) for each in (caller, callee)]
    if is_own == [False, True]:
        return callee, caller
    if is_own == [True, False] or entry.inbound is not None:
        return caller, callee
    ends = entry.record.caller, entry.record.callee
    return (
        ends
        if caller.is_like(ends[1]) and callee.is_like(ends[0])
        else (caller, callee)
    )


def _by_legs(entry: Entry) -> tuple[Party, Party]:
    """Return both parties by the type of each leg, which says whose phone it rang.

    The Inbound half of a call with two records rang the caller's phone.
    """
    record = entry.record
    caller = _rung([leg for leg in record.legs if leg.is_to_caller])
    callee = _rung([leg for leg in record.legs if leg.is_to_subscriber])
    half = entry.inbound
    if half is not None:
        mirrored = callee is not None and callee.is_like(half.callee)
        if mirrored:
            return half.callee, half.caller
        return caller or half.callee, callee or half.caller
    if caller is not None:
        return caller, callee or _other_than(caller, record.callee, record.caller)
    if callee is not None:
        return _other_than(callee, record.caller, record.callee), callee
    return record.caller, record.callee


def _is_own(party: Party, own: Collection[PhoneNumber | str]) -> bool:
    return any(
        party.extension == each
        if isinstance(each, str)
        else compare(party.number, each.e164) >= Likeness.LIKE
        for each in own
        if each
    )


def _rung(legs: Sequence[Leg]) -> Party | None:
    leg = outcome.leg_of(legs)
    return None if leg is None or leg.callee == NO_PARTY else leg.callee


def _other_than(known: Party, usual: Party, reversed_: Party) -> Party:
    """Return the party at the other end: *usual*, or *reversed_* if *usual* is *known*."""
    return reversed_ if known.is_like(usual) else usual
