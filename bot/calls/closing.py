"""When a call's telling is over, and when its card is shown once more before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.calls.call import Call, State

COVERED_FOR = timedelta(seconds=30)
"""How long Slack may take to carry out an edit whose answer was lost, or whose process
has died; by then it cannot land on the card's last state any more. A process that was
paused sends one up to `bot.slack.posting.pace.EDIT_WITHIN` after others have taken over, and
Slack has been awaited for ten seconds more: twice that, and nobody waits for it."""


def told(call: Call, now: datetime, *, covered: bool) -> Call:
    """Return *call* once its reply and its card's last state were shown.

    *covered*: an earlier edit may yet land on that card. So may one of the process
    that took the command, where another has told the end.
    """
    if call.state is State.REPORTING and (covered or call.held_by != call.taken_by):
        return replace(call, state=State.CLOSING, next_at=now + COVERED_FOR, tries=0)
    return replace(call, state=State.DONE)
