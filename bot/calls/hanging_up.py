"""Hanging up a call: when it may be asked for, and what an answer means for the call."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.calls import live_status
from bot.calls.call import Call, State
from bot.calls.live_view import as_seen
from bot.calls.telling import Canceled, HungUp
from bot.errors import BotError, Refused

FORBIDDEN, CONFLICT = 403, 409
"""HTTP's statuses for a permission that is missing, and for a session that is just being
changed (RingCentral API reference, "Call Control")."""

LOOK_SOON = timedelta(seconds=1)

UNDONE = frozenset(
    {
        HungUp.UNSURE,
        HungUp.CHANGING,
        HungUp.NOT_ALLOWED,
        HungUp.TROUBLE,
    }
)
"""After these nothing was done, and the button may be pressed again."""


HANG_UP_RESTS = timedelta(seconds=20)
"""How long after a hang-up none is begun anew: RingCentral has answered by then, or the
answer is lost, or the process that asked."""


def rings_callee(call: Call) -> bool:
    """Whether a status or an event says that the callee's phone rings, or has rung.

    From then on a call can be hung up.
    """
    seen = as_seen(call)
    status = seen.status
    answered = status is not None and live_status.is_answered_by_caller(status)
    return seen.connected or answered


def can_be_hung_up(call: Call) -> bool:
    """Whether hanging up can end *call*, be it under way or not."""
    is_open = call.state is State.FOLLOWING and call.terminal_at is None
    return call.is_controllable and is_open and rings_callee(call)


def begin_to_hang_up(call: Call, now: datetime) -> Call | None:
    """Return *call* as one that is being hung up; None if it can't be, or is already."""
    if not can_be_hung_up(call) or _rests(call, now):
        return None
    return replace(call, hung_up_at=now)


def _rests(call: Call, now: datetime) -> bool:
    return call.hung_up_at is not None and now - call.hung_up_at < HANG_UP_RESTS


def still_hanging_up(call: Call, alive_at: datetime) -> datetime | None:
    """Return when *call*, which goes on at *alive_at*, was hung up; None if to no effect.

    Its card then offers to hang up again.
    """
    return call.hung_up_at if _rests(call, alive_at) else None


def why_not(call: Call | None) -> HungUp:
    """Return why `begin_to_hang_up` did not take *call*, which may have changed since."""
    if call is None or not call.may_go_on:
        return HungUp.OVER
    if not call.is_controllable:
        return HungUp.NOT_ALLOWED
    return HungUp.UNDER_WAY if call.hung_up_at is not None else HungUp.TOO_EARLY


def begin_to_stop(call: Call, now: datetime) -> Call | None:
    """Return the same while a phone of *call* rings; None once both sides talk."""
    return None if as_seen(call).connected else begin_to_hang_up(call, now)


def why_not_stopped(call: Call | None) -> Canceled | HungUp:
    """Return why `begin_to_stop` did not take *call*, which may have changed since."""
    why = why_not(call)
    is_under_way = why in {HungUp.OVER, HungUp.UNDER_WAY}
    talks = call is not None and as_seen(call).connected
    return Canceled.CONNECTED if talks and not is_under_way else why


def denied_or(error: BotError, otherwise: HungUp) -> HungUp:
    """Return what RingCentral's refusal means; *otherwise* if it refused nothing."""
    if not isinstance(error, Refused):
        return otherwise
    if error.status == FORBIDDEN:
        return HungUp.NOT_ALLOWED
    return HungUp.CHANGING if error.status == CONFLICT else otherwise


def after_hanging_up(call: Call, ended: HungUp, now: datetime) -> Call | None:
    """Return *call* after RingCentral's answer; None if it is over meanwhile.

    It is looked at soon, for the status and the log alone tell what became of it.
    """
    if call.state is not State.FOLLOWING:
        return None
    return replace(
        call,
        hung_up_at=None if ended in UNDONE else call.hung_up_at,
        is_controllable=call.is_controllable and ended is not HungUp.NOT_ALLOWED,
        next_at=min(call.next_at, now + LOOK_SOON),
    )
