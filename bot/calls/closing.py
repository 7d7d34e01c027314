"""Whether a reported call is done, or its card has to be shown once more first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.calls.call import Call, State

IN_FLIGHT_FOR = timedelta(seconds=30)
"""After this long an edit whose answer was lost can no longer land on the card. A
process that was paused sends an edit at most `bot.slack.posting.pace.EDIT_WITHIN` after
others have taken over, and Slack has ten seconds to answer; this is twice that."""


def told(call: Call, now: datetime, *, edit_in_flight: bool) -> Call:
    """Return *call* after its reply and the last state of its card were shown.

    *edit_in_flight*: an earlier edit may still land on the card. So may an edit by the process
    that took the command, if another process reported the end.
    """
    if call.state is State.REPORTING and (
        edit_in_flight or call.held_by != call.taken_by
    ):
        return replace(call, state=State.CLOSING, next_at=now + IN_FLIGHT_FOR, tries=0)
    return replace(call, state=State.DONE)
