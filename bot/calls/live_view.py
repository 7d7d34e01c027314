"""What people see of a call that goes on: its last status, and what events add to it.

An event only moves a side on, to answered, and the card never moves it back. That a side
has hung up, and that a call is over, is seen once its status says so. A status that was
asked for after an event is newer, but for a moment in which RingCentral's own status may
still lag behind.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.calls import live_status
from bot.calls.call import Call, State, Status
from bot.calls.sessions.pushed import PushedParty
from bot.calls.sessions.session import PartyRole

STATUS_LAG = timedelta(seconds=5)
"""For so long an event is believed against a status that was asked for after it."""

IS_RUNG = "InProgress"
HAS_ANSWERED = "Success"


def as_seen(call: Call) -> Call:
    """Return *call* as its card shows it; itself if events add nothing."""
    status = _furthest(call)
    if status is None or status == call.status:
        return call
    connected = call.connected or live_status.is_connected(status)
    since = call.connected_at or (talk_began(call) if connected else None)
    return replace(call, status=status, connected=connected, connected_at=since)


def talk_began(call: Call) -> datetime | None:
    """Return when an event said that the callee has answered; None if none did."""
    callee = party(call, PartyRole.TARGET)
    return callee.up_at if callee is not None else None


def was_callee_reached(call: Call) -> bool:
    """Whether a status or an event has shown that the callee's phone rang.

    ``InProgress`` does not: every call begins with it on both sides.
    """
    status = call.status or Status()
    refused = live_status.has_failed(Status(status.callee))
    rang = refused and live_status.is_answered_by_caller(status)
    return call.connected or rang or talk_began(call) is not None


def last_alive(call: Call) -> datetime | None:
    """Return until when *call* surely went on: an event may be closer than a poll."""
    downs = [each.at for each in _parties(call) if each.is_down]
    if call.terminal_at is None or not downs:
        return call.alive_at
    ended = min(*downs, call.terminal_at)
    return max(ended, call.alive_at or ended)


def party(call: Call, role: PartyRole) -> PushedParty | None:
    """Return what events have said of one side of *call*."""
    return call.pushed.of(role) if call.pushed else None


def _parties(call: Call) -> list[PushedParty]:
    both = (party(call, role) for role in (PartyRole.INITIATOR, PartyRole.TARGET))
    return [each for each in both if each is not None]


def _furthest(call: Call) -> Status | None:
    """Return the last status, with each side that events say has answered."""
    if call.state is not State.FOLLOWING or call.terminal_at or call.pushed is None:
        return call.status
    status = call.status or Status(IS_RUNG, IS_RUNG, IS_RUNG)
    if live_status.is_over(status):
        return call.status
    if _is_answered(call, PartyRole.INITIATOR) and _rings(status.caller):
        status = replace(status, caller=HAS_ANSWERED)
    up = status.caller.lower() == HAS_ANSWERED.lower()
    if up and _is_answered(call, PartyRole.TARGET) and _rings(status.callee):
        status = replace(status, call=HAS_ANSWERED, callee=HAS_ANSWERED)
    return status


def _rings(word: str) -> bool:
    return word.lower() == IS_RUNG.lower()


def _is_answered(call: Call, role: PartyRole) -> bool:
    """Whether an event says so that no later status has contradicted."""
    side = party(call, role)
    if side is None or side.up_at is None:
        return False
    return call.alive_at is None or call.alive_at < side.up_at + STATUS_LAG
