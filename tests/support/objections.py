"""What each rule of the gate may say of a call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.calls.doubt import Doubt
from bot.calls.numbers.kinds import NumberKind
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Person
from bot.policy.decision import Decision, Objection
from bot.policy.prospect import Prospect
from bot.policy.refusals import PolicyAsks, PolicyRefuses
from bot.policy.rules import Rule, Ruling
from intents import NOON

ANNS = Person("", "T1", "U1")


def objections(ruling: Ruling) -> Iterator[Objection]:
    """Yield what each rule may say, with more and less that is known."""
    for rule in Rule:
        bare = Objection(rule=rule, ruling=ruling, found=1, limit=1, seconds=60)
        yield bare
        yield replace(bare, is_everybodys=True, who="U1", at=NOON)
        yield replace(
            bare,
            found=4,
            limit=3,
            at=NOON - timedelta(seconds=40),
            who="U0BOB",
            until=NOON + timedelta(hours=9),
            text="GB",
        )
    for kind in NumberKind:
        yield Objection(rule=Rule.FOREIGN, ruling=ruling, text="GB", kind=kind)


def asks(number: PhoneNumber) -> Iterator[PolicyAsks]:
    """Yield a question for each of them."""
    for each in objections(Ruling.ASK):
        found = Decision(Ruling.ASK, (each,))
        yield PolicyAsks(found, number, NOON, ANNS, "key")


def refusals(number: PhoneNumber) -> Iterator[PolicyRefuses]:
    """Yield a refusal for each of them."""
    for each in objections(Ruling.REFUSE):
        yield PolicyRefuses(Decision(Ruling.REFUSE, (each,)), number, "U1")


def prospects(number: PhoneNumber) -> Iterator[Prospect]:
    """Yield a call for each ruling, one that may lack a digit, and one near its cap."""
    for ruling in Ruling:
        both = tuple(objections(ruling))[:2] if ruling is not Ruling.ALLOW else ()
        yield Prospect(number, decision=Decision(ruling, both), at=NOON)
        yield Prospect(number, decision=Decision(ruling, both), at=NOON, can_ask=True)
    yield Prospect(number, doubt=Doubt.SHORT, at=NOON)
    yield Prospect(PhoneNumber("+491805123456"), at=NOON)
    near = Objection(rule=Rule.PER_DAY, ruling=Ruling.ALLOW, found=8, limit=10)
    yield Prospect(number, decision=Decision(warnings=(near,)), at=NOON)
