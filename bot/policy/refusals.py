"""What the gate says against a call, as errors that `bot.slack.texts.policy` words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.calls.doubt import Doubt
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import Name
from bot.calls.people.person import Person
from bot.calls.people.phones import NO_PHONES, NamedPhones
from bot.errors import UserError
from bot.policy.decision import ALLOWED, Decision
from bot.policy.rules import Rule


@dataclass(eq=False, repr=False)
class PolicyRefuses(UserError):
    """A rule forbids the call.

    Attributes:
        who: The Slack id of who wanted to call.
        wanted: The call, as a question about it would place it, if an admin can be asked
            to allow it.
    """

    decision: Decision
    number: PhoneNumber
    who: str
    wanted: PolicyAsks | None = None


@dataclass(eq=False, repr=False)
class DoubtfulNumber(UserError):
    """A number that may be dialed, but that has to be confirmed first.

    Attributes:
        phones: What the command named beside it.
        decision: What rules ask about it, too, *at* that time.
    """

    number: PhoneNumber
    doubt: Doubt
    phones: NamedPhones = NO_PHONES
    decision: Decision = ALLOWED
    at: datetime | None = None


@dataclass(eq=False, repr=False)
class PolicyAsks(UserError):
    """The person is asked before this call: what their *Call* would place.

    Attributes:
        at: When the gate was asked.
        asked: Who is asked.
        once: The key of the call: it is one, however often it is asked about and answered.
        phones: Those that were named, or that an earlier call had.
        own_phone: Whether the phone that rings first has to be one of their own.
        again: Whether a call of theirs to that number may be going on.
        answered: Rules that they were asked about before.
        grant: The request by which an admin has allowed it, if one has.
        called: The Slack id of the colleague whom they called by name.
        message_link: Leads to the message that the call was begun from, if it was.
    """

    decision: Decision
    number: PhoneNumber
    at: datetime
    asked: Person
    once: str
    phones: NamedPhones = NO_PHONES
    name: Name | None = None
    own_phone: bool = False
    again: bool = False
    answered: frozenset[Rule] = frozenset()
    grant: str = ""
    called: str = ""
    message_link: str = ""

    @property
    def rules(self) -> frozenset[Rule]:
        """The rules that ask."""
        return self.decision.rules
