"""Pairs the two records that the log may have for one RingOut.

RingCentral logs a RingOut from one of its digital lines twice: as an Outbound ``RingOut
…`` record, and as an Inbound ``Phone Call`` record for the ring of the caller's own
phone. RingCentral's own web client pairs them by the rule used here
(ringcentral-js-widgets, ``callLogHelpers``, RCINT-7364).
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.calls.log.leg import Entry, Party, Record
from bot.calls.numbers.digits import Likeness, compare

SESSION_GAPS = (1000, -1000, 2000, -2000, 3000, -3000, 4000, -4000)
"""Possible differences between the ``sessionId`` of the Inbound and the Outbound record."""


def group(records: Iterable[Record]) -> tuple[Entry, ...]:
    """Return the calls in *records*, newest first.

    A record that occurs twice counts once, in its later version: new records may shift
    the log's pages while they are read, so that one is read again in a newer state.
    """
    unique = {record.id: record for record in records}
    half = _halves(list(unique.values()))
    inbound_ids = {inbound.id for inbound in half.values()}
    entries = [
        Entry(record, half.get(record.id))
        for record in unique.values()
        if record.id not in inbound_ids
    ]
    return tuple(
        sorted(entries, key=lambda each: (each.started_at, each.ids), reverse=True)
    )


def _halves(records: list[Record]) -> dict[str, Record]:
    """Return the Inbound record for each RingOut record that has one, by its id."""
    rings: dict[int, list[Record]] = {}
    for record in records:
        if record.direction == "Inbound" and record.action == "Phone Call":
            rings.setdefault(_number(record), []).append(record)
    pairs = sorted(
        (
            (apart, outbound, inbound)
            for outbound in records
            if outbound.direction == "Outbound" and outbound.is_ring_out
            for apart in SESSION_GAPS
            for inbound in rings.get(_number(outbound) + apart, ())
            if _same_people(outbound, inbound)
        ),
        key=_nearest,
    )
    halves: dict[str, Record] = {}
    taken: set[str] = set()
    for _, outbound, inbound in pairs:
        if outbound.id not in halves and inbound.id not in taken:
            halves[outbound.id] = inbound
            taken.add(inbound.id)
    return halves


def _nearest(pair: tuple[int, Record, Record]) -> tuple[object, ...]:
    """Sort key, the likeliest pair first: the Inbound session id is usually 1000 up."""
    apart, outbound, inbound = pair
    between = abs(outbound.started_at - inbound.started_at)
    return (abs(apart), apart < 0, between, outbound.id, inbound.id)


def _number(record: Record) -> int:
    """Return the session id as a number, or one too far from any other to pair."""
    text = record.session_id
    if text.isascii() and text.isdigit():
        return int(text)
    return -10 * max(SESSION_GAPS)


def _same_people(outbound: Record, inbound: Record) -> bool:
    """Whether both records have the same two ends, in either order."""
    ends = (inbound.caller, inbound.callee)
    return any(
        min(likely) >= Likeness.ABSENT and max(likely) >= Likeness.LIKE
        for one, other in (ends, ends[::-1])
        for likely in ((_alike(outbound.caller, one), _alike(outbound.callee, other)),)
    )


def _alike(one: Party, other: Party) -> Likeness:
    if one.extension and one.extension == other.extension:
        return Likeness.SAME
    return compare(one.number, other.number)
