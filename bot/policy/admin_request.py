"""What one person asks an admin to allow once, as a value. Pure: the time is handed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Person
from bot.policy.decision import Decision
from bot.policy.rules import OPENED_BY, Rule

REQUEST_LASTS = timedelta(minutes=10)
"""How long admins may answer; whoever asked has given up, or called by another way, then."""

MOST_REQUESTS = 5
"""Requests of one person that wait at a time: the admins' channel is not theirs to fill."""

GRANT_LASTS = timedelta(minutes=10)
"""How long the person may place the call once an admin has allowed it."""


class AdminAnswer(StrEnum):
    """What became of a request."""

    NONE = ""
    """It waits for an admin."""
    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"
    """Nobody answered in time."""
    UNPOSTED = "not posted"
    """Slack does not let the bot write in the admins' channel."""


class AdminAsked(StrEnum):
    """What came of asking."""

    NEW = "new"
    WAITS = "waits"
    """This person has asked about this number, and nobody has answered yet."""
    TOO_MANY = "too many"
    """As many requests of this person wait as may."""
    ALLOWED = "allowed"
    """Nothing forbids the call any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminRequest:
    """A request and how far it is.

    Attributes:
        place: Who asks, and the channel that the call belongs to.
        rules: The rules that refused the call: all of them can be opened by an admin.
        words: What these rules told the person, as mrkdwn.
        wanted: The call that was wanted, as the value of a ``Call`` button.
        ts: The message in the admins' *channel*; empty until it is posted.
        used_at: When its call was placed.
    """

    id: str
    place: Place
    number: PhoneNumber
    rules: frozenset[Rule]
    words: str
    wanted: str = field(repr=False)
    asked_at: datetime
    channel: str
    ts: str = ""
    answer: AdminAnswer = AdminAnswer.NONE
    answered_by: str = ""
    answered_at: datetime | None = None
    used_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Return whether an admin can answer it."""
        return self.answer is AdminAnswer.NONE and now < self.asked_at + REQUEST_LASTS

    def is_good(self, now: datetime) -> bool:
        """Return whether it opens its rules for one call."""
        return (
            self.answer is AdminAnswer.APPROVED
            and self.used_at is None
            and self.answered_at is not None
            and now < self.answered_at + GRANT_LASTS
        )

    def opens(
        self, person: Person, number: PhoneNumber, now: datetime
    ) -> frozenset[Rule]:
        """Return the rules that it opens for a call: none for any other person or number."""
        is_theirs = self.place.person == person and self.number == number
        is_good = is_theirs and self.is_good(now)
        return self.rules & frozenset(OPENED_BY) if is_good else frozenset()


def asked_for(decision: Decision) -> frozenset[Rule]:
    """Return the rules that an admin is asked to open; empty if nobody can be asked."""
    return frozenset(each.rule for each in decision.openable)
