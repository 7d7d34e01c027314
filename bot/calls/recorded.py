"""When the log is read again for the recording of a call. Pure: the time is handed in.

RingCentral says "about as long as the call lasted" of the time until a recording is ready.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.calls.call import Call, End, State

LATER_BY = (1, 2, 4)
"""How much later the log is read again each time, in lengths of the talk. After these
looks there is no recording, or none that the account's user may see."""

SHORTEST_LOOK_WAIT = timedelta(seconds=60)


def may_be_recorded(old: Call, new: Call) -> bool:
    """Return whether a change is the end of a call that may have been recorded.

    Its record was found, people have talked, and the record has no recording yet.
    """
    ends = new.state is State.REPORTING and old.state is not State.REPORTING
    found = new.outcome if new.end is End.RECORDED else None
    talked = found is not None and bool(found.talked)
    return ends and talked and not new.recording


def next_look(call: Call, looks: int, now: datetime) -> datetime | None:
    """Return when to look again after so many *looks*; None for not any more."""
    if looks >= len(LATER_BY):
        return None
    talked = (call.outcome.talked if call.outcome else None) or timedelta(0)
    return now + max(talked, SHORTEST_LOOK_WAIT) * LATER_BY[looks]
