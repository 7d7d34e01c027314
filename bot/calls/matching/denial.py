"""Which results of the log a call's last live status rules out, for each side.

A record without the call's id that shows one of them is another call's: another
program's to the same number.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.calls import live_status
from bot.calls.call import Status
from bot.calls.log.ending import REACHED, Ending
from bot.calls.log.outcome import Outcome

_NO_ENDING: frozenset[Ending] = frozenset()
_SOMEBODY_TOOK_IT = REACHED | {Ending.ELSEWHERE}

_CALLEE_DENIES = {
    "noanswer": frozenset({Ending.ANSWERED, Ending.NOT_ACCEPTED}),
    "rejected": REACHED,
}
"""A phone that nobody answers is forwarded: to a voicemail, or to another phone. A call
that was rejected may have been stopped by us, which the log calls ``Stopped``."""

_CALLER_DENIES = {
    "noanswer": frozenset({Ending.ANSWERED}),
    "rejected": _NO_ENDING,
}
"""Who picked up and did not press 1 may count as no answer; who hung up, as rejected."""


@dataclass(frozen=True, slots=True)
class Denied:
    """The endings of each side that can't be the call's."""

    caller: frozenset[Ending] = _NO_ENDING
    callee: frozenset[Ending] = _NO_ENDING

    def contradicts(self, told: Outcome) -> bool:
        """Whether *told* has one of them."""
        return told.caller.ending in self.caller or told.callee.ending in self.callee


NOTHING_DENIED = Denied()


def denied(status: Status | None) -> Denied:
    """Return the endings that the last *status* of a call rules out, if it never connected."""
    if status is None or not live_status.has_missed(status):
        return NOTHING_DENIED
    caller, callee = status.caller.lower(), status.callee.lower()
    if live_status.has_failed(Status(callee)):
        return Denied(callee=_CALLEE_DENIES.get(callee, _SOMEBODY_TOOK_IT))
    if live_status.has_failed(Status(caller)):
        never = REACHED if caller == "rejected" else _SOMEBODY_TOOK_IT
        return Denied(_CALLER_DENIES.get(caller, REACHED), never)
    return Denied(callee=_CALLEE_DENIES.get(status.call.lower(), _SOMEBODY_TOOK_IT))
