"""Whether a call has got past the phone of the person who placed it."""

from __future__ import annotations

from bot.calls.call import Call, End
from bot.calls.live_status import failing
from bot.calls.log.ending import FAILURES, Ending

_NEVER_RANG = {End.NOT_PLACED, End.REFUSED}


def got_past_own_phone(call: Call) -> bool:
    """Return whether the callee's phone has rung, or may have rung or still ring.

    It has not if the call was never placed, or if the person's own phone was not picked
    up, as far as the log or, before its record is read, the status tells.
    """
    if call.end in _NEVER_RANG:
        return False
    if call.outcome is not None:
        own, other = call.outcome.caller.ending, call.outcome.callee.ending
        return own not in FAILURES and other is not Ending.NOT_DIALED
    if call.connected or call.status is None:
        return True
    return call.status.caller.lower() not in failing(call.status)
