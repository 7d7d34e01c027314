"""What is known of a waiting call by which its record is found in the log."""

from __future__ import annotations

from datetime import datetime

from bot.calls import live_status
from bot.calls.call import Call
from bot.calls.log.leg import Entry
from bot.calls.matching.denial import NOTHING_DENIED, denied
from bot.calls.matching.matching import Sought


def started(call: Call) -> datetime:
    """Return when RingCentral began to place it, or when it was sent, as far as known."""
    return call.placed_at or call.sent_at or call.asked_at


def has_id(entry: Entry, ringout_id: str) -> bool:
    """Whether the record or one of its legs has the id of this RingOut."""
    record = entry.record
    ids = {record.telephony_session_id, *(g.telephony_session_id for g in record.legs)}
    return bool(ringout_id) and ringout_id in ids


def sought(call: Call, *, counted: bool) -> Sought:
    """Return what to look for; *counted*: the call is due, so this read counts for it."""
    if call.caller is None:  # no call is sent without one
        raise ValueError(call.id)
    return Sought(
        call_id=call.id,
        ringout_id=call.ringout_id,
        caller=call.caller,
        callee=call.callee,
        sent_at=started(call),
        reads=call.reads + 1 if counted else call.reads,
        denied=NOTHING_DENIED if call.connected else denied(call.status),
        connected=call.connected,
        alive_at=_alive_at(call),
    )


def _alive_at(call: Call) -> datetime | None:
    """Return when a status last showed it going on, by RingCentral's clock.

    The version before stored only when the status last changed.
    """
    at = call.alive_at
    if (
        at is None
        and call.seen
        and call.status
        and not live_status.is_over(call.status)
    ):
        at = call.changed_at
    if at is None or call.placed_at is None or call.sent_at is None:
        return None
    return at + (call.placed_at - call.sent_at)
