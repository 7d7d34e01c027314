"""What the store did with a new intent to call."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.calls.call import Call
from bot.policy.decision import Objection


class Verdict(Enum):
    """What the store did with a new intent."""

    NEW = "new"
    REPEATED = "repeated"
    """The same command again: nothing was changed."""
    DECLINED = "declined"
    """The question about it was answered with "Not now" before: nothing was changed."""
    TOO_MANY = "too many"
    """This person has placed as many calls in the last minute as they may."""
    ALREADY_OPEN = "already open"
    """This person's call to the same number is still open."""


@dataclass(frozen=True, slots=True)
class Added:
    """The store's answer; *call* is the new call, or the one that is in the way.

    *phone* is the label of the phone that rings first, if it has one. *wanted* is the
    call that was asked for, also where another one is in the way. *warnings* are the caps
    of which little is left; see `bot.policy.decision.Decision`.
    """

    verdict: Verdict
    call: Call
    phone: str = ""
    wanted: Call | None = None
    warnings: tuple[Objection, ...] = ()
