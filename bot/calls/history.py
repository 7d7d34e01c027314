"""The calls of the log as rows of a list: who called whom, and how it went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.calls import outcome
from bot.calls.call import Call
from bot.calls.digits import Likeness, compare
from bot.calls.leg import NO_PARTY, Entry, Leg, Party
from bot.calls.outcome import Ending, Side


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


def recent(entries: Iterable[Entry], limit: int) -> tuple[Row, ...]:
    """Return *limit* rows: calls in progress first, then the newest."""
    newest = sorted(entries, key=lambda each: (each.started_at, each.ids), reverse=True)
    rows = [row_of(entry) for entry in newest]
    return tuple(sorted(rows, key=lambda row: not row.in_progress)[:limit])


def row_of(entry: Entry) -> Row:
    """Return the row of a call, RingOut or not."""
    caller, callee = _people(entry)
    running = outcome.is_running(entry)
    caller_side, callee_side, talked = (
        (None, None, None) if running else _results(entry)
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


def _results(entry: Entry) -> tuple[Side | None, Side, timedelta | None]:
    if entry.is_ring_out:
        found = outcome.read(entry, None)
        return found.caller, found.callee, found.talked
    record = entry.record
    callee = outcome.side(record, *record.legs)
    connected = callee.ending is Ending.ANSWERED
    return None, callee, record.duration if connected else None


def _people(entry: Entry) -> tuple[Party, Party]:
    """Return who placed a call, and whom they called.

    A RingOut's record may have them in either order, so its legs decide: the type of
    each says whose phone it rang. The Inbound half of a call with two records rang the
    caller's phone.
    """
    record = entry.record
    legs = record.legs if entry.is_ring_out else ()
    caller = _rung([leg for leg in legs if leg.is_to_caller])
    callee = _rung([leg for leg in legs if leg.is_to_subscriber])
    if entry.inbound is not None:
        return caller or entry.inbound.callee, callee or entry.inbound.caller
    if caller is not None:
        return caller, callee or _other_than(caller, record.callee, record.caller)
    if callee is not None:
        return _other_than(callee, record.caller, record.callee), callee
    return record.caller, record.callee


def _rung(legs: Sequence[Leg]) -> Party | None:
    leg = outcome.leg_of(legs)
    return None if leg is None or leg.callee == NO_PARTY else leg.callee


def _other_than(known: Party, usual: Party, reversed_: Party) -> Party:
    """Return the party at the other end: *usual*, or *reversed_* if *usual* is *known*."""
    by_extension = bool(known.extension) and known.extension == usual.extension
    likely = compare(known.number, usual.number)
    return reversed_ if by_extension or likely >= Likeness.LIKE else usual
