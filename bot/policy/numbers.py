"""Which numbers may be called: by what they are, and whether they are known here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.calls.doubt import doubt_of
from bot.calls.numbers.kinds import kind_of
from bot.calls.numbers.phone import PhoneNumber, is_of
from bot.calls.numbers.tariff import Tariff, tariff_of
from bot.calls.typed import emergency
from bot.policy.decision import Objection
from bot.policy.rules import PolicyRules, Rule, Ruling, Section
from bot.policy.sections import united
from bot.policy.wish import Counts, Wish
from bot.policy.zones import only_local_time


def never_dialed(wish: Wish) -> Iterator[Objection]:
    """Object to emergency and premium-rate numbers, however they were typed."""
    if emergency.dialed(wish.number.e164, wish.region):
        yield Objection(rule=Rule.EMERGENCY, ruling=Ruling.REFUSE)
    if tariff_of(wish.number.e164) is Tariff.PREMIUM:
        yield Objection(rule=Rule.PREMIUM, ruling=Ruling.REFUSE)


def numbers(
    wish: Wish, rules: PolicyRules, sections: tuple[Section, ...]
) -> Iterator[Objection]:
    """Object to a number's type, or its country."""
    types = united(each.number_types for each in sections)
    tariff = tariff_of(wish.number.e164)
    allowed = rules.number_types if types is None else types
    if tariff not in {None, Tariff.PREMIUM, *allowed}:
        yield Objection(
            rule=Rule.NUMBER_TYPE,
            ruling=Ruling.REFUSE,
            text=tariff.value if tariff else "",
        )
    special = united(each.countries for each in sections)
    countries = rules.countries if special is None else special
    if countries is not None and not is_of(wish.number, countries):
        yield Objection(
            rule=Rule.COUNTRY, ruling=Ruling.REFUSE, text=wish.number.region
        )


def unusual(
    wish: Wish, now: datetime, counts: Counts, rules: PolicyRules
) -> Iterator[Objection]:
    """Object, if the rules say so, to numbers that are new here or foreign."""
    if rules.first_time is not Ruling.ALLOW and not counts.is_known:
        yield _about(Rule.FIRST_TIME, rules.first_time, wish.number, now)
    if rules.foreign is not Ruling.ALLOW and not is_of(wish.number, {wish.region}):
        yield _about(Rule.FOREIGN, rules.foreign, wish.number, now)


def doubtful(wish: Wish) -> Iterator[Objection]:
    """Have the person look at a number that may lack a digit."""
    if Rule.DOUBT in wish.answered:
        return  # looking at a number takes as long as all other rules together
    doubt = doubt_of(wish.number)
    if doubt:
        yield Objection(rule=Rule.DOUBT, ruling=Ruling.ASK, text=doubt.value)


def _about(rule: Rule, ruling: Ruling, number: PhoneNumber, now: datetime) -> Objection:
    return Objection(
        rule=rule,
        ruling=ruling,
        at=only_local_time(number, now),
        text=number.region,
        kind=kind_of(number),
    )
