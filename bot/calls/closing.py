"""Whether a reported call is done, or its card has to be shown once more first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.calls.call import Call, State
from bot.calls.timing import Timing


def told(
    call: Call,
    now: datetime,
    timing: Timing,
    *,
    edit_in_flight: bool,
    edit_lost: bool = False,
) -> Call:
    """Return *call* after its reply and the last state of its card were shown.

    *edit_in_flight*: an earlier edit may still land on the card. So may an edit by the
    process that took the command, if another process reported the end. *edit_lost*: the
    answer to one of our own was lost, which may show less than people have written since.
    """
    is_first = call.state is State.REPORTING
    if (is_first and (edit_in_flight or call.held_by != call.taken_by)) or (
        edit_lost and call.aftermath is not None
    ):
        due = now + timing.waits.edit_in_flight
        return replace(call, state=State.CLOSING, next_at=due, tries=0)
    return replace(call, state=State.DONE)
