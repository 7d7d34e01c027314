"""Sums over calls, for reports. Pure: the calls are handed in, page by page.

RingCentral does not say who or what answered, so a machine counts as an answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.calls.call import End
from bot.calls.log.ending import Ending

NO_TIME = timedelta(0)

UNJUDGED = frozenset([Ending.NOT_DIALED, Ending.NOT_LOGGED, Ending.UNKNOWN])
"""Endings that leave open whether the other party would have answered."""


@dataclass(frozen=True, slots=True)
class CountedCall:
    """What is counted of one call.

    Attributes:
        end: None while it goes on.
        callee: How it ended for the other party; None if the call log does not say.
        was_connected: Whether both sides were seen connected, whatever the log says.
        outcome: What somebody chose of what came of it; empty if nobody did.
    """

    user: str
    asked_at: datetime
    is_private: bool = False
    end: End | None = None
    callee: Ending | None = None
    was_connected: bool = False
    talked: timedelta = NO_TIME
    outcome: str = field(default="", repr=False)

    @property
    def is_judged(self) -> bool:
        """Whether it is known if the other party answered."""
        return self.callee is not None and self.callee not in UNJUDGED

    @property
    def is_answered(self) -> bool:
        """Whether the call log says that the other party answered."""
        return self.callee is Ending.ANSWERED

    @property
    def is_connected(self) -> bool:
        """Whether both sides were connected, by the log if that has the call."""
        return self.is_answered or (self.callee is None and self.was_connected)


@dataclass(frozen=True, slots=True)
class Figures:
    """The sums of some calls.

    Attributes:
        calls: All of them; of the private ones nothing else is counted.
        judged: Those of which it is known whether the other party answered.
        outcomes: How often each outcome was chosen.
    """

    calls: int = 0
    private: int = 0
    going_on: int = 0
    not_placed: int = 0
    connected: int = 0
    judged: int = 0
    answered: int = 0
    talked: timedelta = NO_TIME
    outcomes: Counter[str] = field(default_factory=Counter, repr=False)

    def __add__(self, other: Figures) -> Figures:
        """Return the sums of both."""
        return Figures(
            self.calls + other.calls,
            self.private + other.private,
            self.going_on + other.going_on,
            self.not_placed + other.not_placed,
            self.connected + other.connected,
            self.judged + other.judged,
            self.answered + other.answered,
            self.talked + other.talked,
            self.outcomes + other.outcomes,
        )

    @property
    def answer_rate(self) -> int | None:
        """How many of the judged calls were answered, in percent; None without any."""
        return round(100 * self.answered / self.judged) if self.judged else None


def figures(calls: Sequence[CountedCall], *, with_private: bool) -> Figures:
    """Return the sums of *calls*.

    *with_private*: also what became of those that their person keeps to themselves.
    """
    shown = [each for each in calls if with_private or not each.is_private]
    ends = Counter(each.end for each in shown)
    return Figures(
        calls=len(calls),
        private=len(calls) - len(shown),
        going_on=ends[None],
        not_placed=ends[End.NOT_PLACED] + ends[End.REFUSED],
        connected=sum(each.is_connected for each in shown),
        judged=sum(each.is_judged for each in shown),
        answered=sum(each.is_answered for each in shown),
        talked=sum((each.talked for each in shown), NO_TIME),
        outcomes=Counter(each.outcome for each in shown if each.outcome),
    )
