"""Whether a record that looks final may still change: the log is written bit by bit."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.calls import live_status
from bot.calls.call import Call
from bot.calls.log.ending import FAILURES, Ending
from bot.calls.log.outcome import Outcome
from bot.calls.log_schedule import USUALLY_LOGGED, since_end
from bot.calls.timing import Timing

LATEST_PART = timedelta(seconds=60)
"""How long after the end a part may come that must exist: the caller's own record, and the
callee's leg where the call was seen connected."""

NOTHING = frozenset({Ending.NOT_LOGGED, Ending.UNKNOWN})


def may_change(call: Call, told: Outcome, now: datetime, timing: Timing) -> bool:
    """Whether a later read may show another result than *told*.

    A side may be missing, or differ from what the status said: then the log has time
    until records are usually complete. After that it is believed, whatever it says.
    """
    since = since_end(call, now)
    lacks_callee = told.callee.ending is Ending.NOT_LOGGED and call.connected
    if told.caller.ending is Ending.NOT_LOGGED or lacks_callee:
        return since < LATEST_PART * timing.tempo
    if since >= USUALLY_LOGGED * timing.tempo:
        return False
    return not NOTHING.isdisjoint(_endings(told)) or _contradicts(call, told)


def _contradicts(call: Call, told: Outcome) -> bool:
    """Whether the status has said otherwise of the callee, or of both sides."""
    if call.connected:
        return not FAILURES.isdisjoint(_endings(told))
    if call.status is None:
        return False
    if told.callee.ending is Ending.ANSWERED:
        return live_status.has_failed(call.status)
    dialed = live_status.is_final_word(call.status.callee)
    return told.callee.ending is Ending.NOT_DIALED and dialed


def _endings(told: Outcome) -> set[Ending]:
    return {told.caller.ending, told.callee.ending}
