"""What a pushed event does to a call: it is shown, and the status is asked for in time.

No event ends a call or decides its result: at most it makes the call due, and then its
status and the call log tell. A lost event costs nothing but time, since a call whose
events flow is polled as well, only less often.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.calls import live_status
from bot.calls.call import Call, State
from bot.calls.live_view import as_seen, party
from bot.calls.sessions.pushed import NOTHING_PUSHED, PushedParty, after_event
from bot.calls.sessions.session import PartyRole, SessionEvent
from bot.calls.timing import Timing

PUSHED_POLL_FACTOR = 15
"""How many polls' time lies between two polls of a call whose events flow."""

LONGEST_PUSHED_PAUSE = timedelta(seconds=30)
"""So long a card may be wrong if an event is lost, whatever interval the operator sets."""

SIDES = (PartyRole.INITIATOR, PartyRole.TARGET)


def seldom(timing: Timing, stretch: timedelta) -> timedelta:
    """Return the pause between two polls of a call whose events flow.

    *stretch*: the least pause that the rate budget allows if all calls were polled. Twice
    of that leaves half of the budget to calls that begin and end.
    """
    usual = min(timing.poll * PUSHED_POLL_FACTOR, LONGEST_PUSHED_PAUSE)
    return max(timing.poll, usual, stretch * 2)


def after_pushed(
    call: Call,
    event: SessionEvent,
    roles: Mapping[str, PartyRole],
    now: datetime,
    timing: Timing,
    pause: timedelta,
    *,
    ours: bool = True,
) -> Call | None:
    """Return *call* after an event of its session; None if that tells nothing new.

    *roles* says which side each party of the event is, *pause* how long to wait between
    two polls while events flow. If the card is not *ours* to edit, the process that does
    is woken.
    """
    if call.state is not State.FOLLOWING:
        return None
    before = call.pushed or NOTHING_PUSHED
    pushed = after_event(before, event, roles, now)
    if pushed == before:
        return None
    told = replace(call, session_id=event.session_id, pushed=pushed, heard_at=now)
    told = _scheduled(call, told, now, timing, pause)
    if ours or told.next_at <= now:
        return told
    at = min(told.next_at, now + pause)
    return replace(told, next_at=now, poll_at=at)


def _scheduled(
    before: Call, call: Call, now: datetime, timing: Timing, pause: timedelta
) -> Call:
    """Return *call* due when its status is next to be asked for.

    A contradiction that was there *before* the event has made it due already.
    """
    asked = call.seen_at or call.sent_at or call.asked_at
    if is_left(call) and not is_left(before):
        return replace(call, next_at=now, poll_at=None)
    if disagrees(call):
        if disagrees(before):
            return call
        at = max(asked + timing.poll, now)
        return replace(call, next_at=min(call.next_at, at), poll_at=None)
    if is_deaf(call):
        return replace(call, next_at=min(call.next_at, now + timing.poll))
    return replace(call, next_at=max(call.next_at, asked + pause))


def is_left(call: Call) -> bool:
    """Whether events say that a side has left: it ends the call, or was transferred."""
    sides = (party(call, role) for role in SIDES)
    return any(side is not None and side.is_down for side in sides)


def needs_polls(call: Call) -> bool:
    """Whether events alone do not show *call* as it is: it is polled as without them."""
    return disagrees(call) or is_deaf(call)


def is_deaf(call: Call) -> bool:
    """Whether the callee is rung, and no event says how that goes.

    RingCentral's guide says that events of a party outside the account are not delivered.
    """
    seen = as_seen(call)
    if seen.connected or seen.status is None or call.terminal_at:
        return False
    up = live_status.is_answered_by_caller(seen.status)
    return up and party(call, PartyRole.TARGET) is None


def disagrees(call: Call) -> bool:
    """Whether events and the last status can't both be true of a side as it is now."""
    words = _words(call)
    sides = [(role, side) for role in SIDES if (side := party(call, role)) is not None]
    if any(_contradicts(call, side, words[role]) for role, side in sides):
        return True
    callee = party(call, PartyRole.TARGET)
    seen = as_seen(call).status
    up = seen is not None and live_status.is_answered_by_caller(seen)
    return callee is not None and callee.is_up and not up


def _words(call: Call) -> dict[PartyRole, str]:
    if call.status is None:
        return dict.fromkeys(SIDES, "")
    return {
        PartyRole.INITIATOR: call.status.caller.lower(),
        PartyRole.TARGET: call.status.callee.lower(),
    }


def _contradicts(call: Call, side: PushedParty, word: str) -> bool:
    """Whether a side's event and the live word of the last status disagree."""
    if call.terminal_at is not None:
        return not side.is_down and side.at > call.terminal_at
    if side.is_down:
        return True
    asked = call.alive_at
    if side.is_up:
        return word != "success" and asked is not None and asked >= side.at
    return word == "success" and asked is not None and asked < side.at


def heard_last(call: Call) -> datetime | None:
    """Return when a side last changed by an event; None if none did."""
    changes = (side.at for role in SIDES if (side := party(call, role)) is not None)
    return max(changes, default=None)
