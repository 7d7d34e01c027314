"""A call that could be placed, as a question about it shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.calls.doubt import Doubt
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Shows
from bot.calls.people.phones import NO_PHONES, NamedPhones
from bot.policy.decision import ALLOWED, Decision


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a question about a call needs.

    *phones* are those that were named; *doubt* is what may be wrong with the number;
    *shows* is where the person sees their calls; *decision* is what the gate says to it
    then, *at* that time; *can_ask*: whether an admin can be asked about a refusal.
    """

    callee: PhoneNumber
    phones: NamedPhones = NO_PHONES
    doubt: Doubt | None = None
    shows: Shows = Shows.CHANNEL
    decision: Decision = ALLOWED
    at: datetime | None = None
    can_ask: bool = False
