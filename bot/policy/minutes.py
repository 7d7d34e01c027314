"""How many seconds of a call count against the month's minutes."""

from __future__ import annotations

from bot.calls.call import Call, End

RESERVED_SECONDS = 180.0
"""Seconds that a call counts for until its record is read."""

NEVER_TALKED = (End.NOT_PLACED, End.REFUSED)


def month_seconds(call: Call) -> float:
    """Return the seconds of talk that count; without a record what is reserved."""
    if call.end in NEVER_TALKED:
        return 0.0
    if call.outcome is None:
        return RESERVED_SECONDS
    talked = call.outcome.talked
    return 0.0 if talked is None else talked.total_seconds()
