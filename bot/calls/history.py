"""The calls of the log as rows of a list: who called whom, and how it went."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.calls import outcome
from bot.calls.call import Call
from bot.calls.digits import Likeness, compare
from bot.calls.leg import NO_PARTY, Entry, Leg, Party
from bot.calls.outcome import Ending, Side
from bot.calls.phone import PhoneNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One call of the log: both parties, each with its result.

    Attributes:
        caller: Who placed the call; for a RingOut, the phone that rang first.
        caller_side: None while in progress, and for calls that are no RingOuts: there
            the log has no result for the caller.
        callee_side: None while in progress.
        talked: None unless both were connected to a person.
    """

    started_at: datetime
    caller: Party
    callee: Party
    caller_side: Side | None
    callee_side: Side | None
    talked: timedelta | None
    ring_out: bool
    in_progress: bool


@dataclass(frozen=True, slots=True)
class Recent:
    """The newest calls of an account.

    Attributes:
        read_at: When the log was read.
        asked: How many calls were asked for.
        looked_back: How far back the log was read.
        own: Whether it is the person's own account, not the shared one.
    """

    rows: tuple[Row, ...]
    open_calls: tuple[Call, ...]
    read_at: datetime
    now: datetime
    asked: int
    looked_back: timedelta
    own: bool = False


def recent(
    entries: Iterable[Entry],
    limit: int,
    *,
    ours: Mapping[str, Call] | None = None,
    own: Collection[PhoneNumber] = (),
) -> tuple[Row, ...]:
    """Return *limit* rows: calls in progress first, then the newest.

    *ours*: the call of each record that belongs to one of ours, by the record's id.
    *own*: the phones of the account whose log it is.
    """
    newest = sorted(entries, key=lambda each: (each.started_at, each.ids), reverse=True)
    rows = [row_of(entry, ours, own) for entry in newest]
    return tuple(sorted(rows, key=lambda row: not row.in_progress)[:limit])


def row_of(
    entry: Entry,
    ours: Mapping[str, Call] | None = None,
    own: Collection[PhoneNumber] = (),
) -> Row:
    """Return the row of a call, RingOut or not; see `recent`."""
    known = ours or {}
    call = next((known[each] for each in entry.ids if each in known), None)
    caller, callee = _people(entry, own) if call is None else _of_ours(call)
    running = outcome.is_running(entry)
    caller_side, callee_side, talked = (
        (None, None, None) if running else _results(entry, call)
    )
    return Row(
        started_at=entry.started_at,
        caller=caller,
        callee=callee,
        caller_side=caller_side,
        callee_side=callee_side,
        talked=talked,
        ring_out=entry.is_ring_out,
        in_progress=running,
    )


def _of_ours(call: Call) -> tuple[Party, Party]:
    """Return whom we rang: RingCentral may log them in either order, we know."""
    caller = Party(call.caller.e164) if call.caller else NO_PARTY
    return caller, Party(call.callee.e164)


def _results(
    entry: Entry, call: Call | None
) -> tuple[Side | None, Side, timedelta | None]:
    if entry.is_ring_out:
        cancelled = call is not None and call.cancelled_at is not None
        callee = call.callee if call else None
        found = outcome.read(entry, callee, cancelled=cancelled)
        return found.caller, found.callee, found.talked
    record = entry.record
    side = outcome.side(record, *record.legs)
    return None, side, record.duration if side.ending is Ending.ANSWERED else None


def _people(entry: Entry, own: Collection[PhoneNumber]) -> tuple[Party, Party]:
    """Return who placed a call of somebody else's, and whom they called.

    A RingOut's record may have them in either order, and so may its legs. The account's
    own phone is the one that rang first. If that does not decide, the record's ends do
    where the legs are only their mirror image.
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
        ends if _same(caller, ends[1]) and _same(callee, ends[0]) else (caller, callee)
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
        mirrored = callee is not None and _same(callee, half.callee)
        if mirrored:
            return half.callee, half.caller
        return caller or half.callee, callee or half.caller
    if caller is not None:
        return caller, callee or _other_than(caller, record.callee, record.caller)
    if callee is not None:
        return _other_than(callee, record.caller, record.callee), callee
    return record.caller, record.callee


def _is_own(party: Party, own: Collection[PhoneNumber]) -> bool:
    return any(compare(party.number, each.e164) >= Likeness.LIKE for each in own)


def _same(one: Party, other: Party) -> bool:
    by_extension = bool(one.extension) and one.extension == other.extension
    return by_extension or compare(one.number, other.number) >= Likeness.LIKE


def _rung(legs: Sequence[Leg]) -> Party | None:
    leg = outcome.leg_of(legs)
    return None if leg is None or leg.callee == NO_PARTY else leg.callee


def _other_than(known: Party, usual: Party, reversed_: Party) -> Party:
    """Return the party at the other end: *usual*, or *reversed_* if *usual* is *known*."""
    return reversed_ if _same(known, usual) else usual
