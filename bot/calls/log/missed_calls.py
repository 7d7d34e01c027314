"""Which calls of the log were missed: they came in, and nobody took them on any phone.

One call can have several records, one for each member of a queue for example, and each of
them several legs. They are one call if they share a session's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.calls.log import outcome
from bot.calls.log.ending import Ending, ending_of, key_of
from bot.calls.log.leg import ZERO, Entry, Leg, Party, Record

MISSED_ENDINGS = frozenset(
    {
        Ending.BUSY,
        Ending.CALLBACK,
        Ending.CANCELED,
        Ending.DECLINED,
        Ending.DEVICE_OFFLINE,
        Ending.NO_ANSWER,
        Ending.NOT_ACCEPTED,
        Ending.NOT_ACCEPTING,
        Ending.VOICEMAIL,
    }
)
"""How an incoming call ended that somebody may want to call back."""

BLOCKED = frozenset({Ending.BARRED, Ending.OWN_BLOCK})

_TAKEN_ELSEWHERE = key_of("Answered Elsewhere")


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCall:
    """A call that came in and that nobody took.

    Attributes:
        keys: What it is known by: the ids of its sessions.
        at: When it came in, by RingCentral's clock.
        caller: Who called, as logged.
        extension: The extension that was called; empty if the log does not say.
        rang: How long it rang; None if the log does not say.
        has_voicemail: Whether the caller was taken to the voicemail.
        voicemail: The id of the message that they left there, if the log names it.
    """

    keys: frozenset[str]
    at: datetime
    caller: Party
    extension: str = ""
    rang: timedelta | None = None
    has_voicemail: bool = False
    voicemail: str = ""


def missed_in(records: Iterable[Record]) -> list[MissedCall]:
    """Return the missed calls among *records*, the oldest first.

    A call that still goes on is left out: its records come again once it is over.
    """
    found = (_missed(each) for each in _by_call(records))
    missed = [each for each in found if each is not None]
    return sorted(missed, key=lambda each: (each.at, sorted(each.keys)))


def keys_of(record: Record) -> frozenset[str]:
    """Return what the call of a record is known by."""
    sessions = {part.telephony_session_id for part in record.parts} - {""}
    named = {f"t:{each}" for each in sessions}
    if record.session_id:
        named.add(f"s:{record.session_id}")
    return frozenset(named or {f"r:{record.id}"})


def _by_call(records: Iterable[Record]) -> list[list[Record]]:
    """Put the records together that share a key, directly or by another record."""
    groups: list[tuple[set[str], list[Record]]] = []
    for record in {each.id: each for each in records}.values():
        keys, same = set(keys_of(record)), [record]
        for group in [each for each in groups if each[0] & keys]:
            groups.remove(group)
            keys |= group[0]
            same += group[1]
        groups.append((keys, same))
    return [same for _, same in groups]


def _missed(records: Sequence[Record]) -> MissedCall | None:
    """Return the call of *records*, which are all of one call; None if it was not missed."""
    came_in = [each for each in records if each.direction == "Inbound"]
    endings = {_ending(each) for each in came_in}
    if (
        any(each.is_ring_out or each.type != "Voice" for each in records)
        or any(outcome.is_running(Entry(each)) for each in records)
        or any(_was_taken(each) for each in records)
        or endings & BLOCKED
        or not endings & MISSED_ENDINGS
    ):
        return None
    first = min(came_in, key=lambda each: (each.started_at, each.id))
    called = (each.callee.extension for each in came_in)
    rang = [length for each in came_in if (length := _rang(each))]
    return MissedCall(
        keys=frozenset(key for each in records for key in keys_of(each)),
        at=first.started_at,
        caller=max((e.caller for e in came_in), key=lambda c: (c.number, c.name)),
        extension=min((each for each in called if each), default=""),
        rang=max(rang, default=None),
        has_voicemail=any(
            _ending(part) is Ending.VOICEMAIL for e in came_in for part in e.parts
        ),
        voicemail=next((each.voicemail for each in came_in if each.voicemail), ""),
    )


def _ending(part: Record | Leg) -> Ending:
    return ending_of(part.result, part.reason)


def _was_taken(record: Record) -> bool:
    """Whether somebody took the call.

    A leg that was ``Stopped`` proves nothing: phones also stop when the caller hangs up.
    """
    if _ending(record) is Ending.ELSEWHERE:
        return True
    return any(
        _ending(part) is Ending.ANSWERED or key_of(part.result) == _TAKEN_ELSEWHERE
        for part in record.parts
    )


def _rang(record: Record) -> timedelta | None:
    """Return how long it rang: to the voicemail, if the caller was taken there."""
    rung = [leg for leg in record.legs if _ending(leg) is not Ending.VOICEMAIL]
    lengths = [leg.duration for leg in rung if leg.duration]
    if not lengths and _ending(record) is not Ending.VOICEMAIL and record.duration:
        lengths = [record.duration]
    return max(lengths, default=ZERO) or None
