"""How much may be called: at once, a minute, a day, a month; by a person, by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.policy.decision import Objection
from bot.policy.rules import NO_CAP, CallCap, PolicyRules, Rule, Ruling, Section
from bot.policy.sections import largest
from bot.policy.wish import Counts

A_MINUTE = 60
WARNED_AT = 80
"""Percent of a cap that is used with the new call."""


@dataclass(frozen=True, slots=True)
class _Used:
    """How much is used of a cap before the new call, and when it begins anew."""

    rule: Rule
    cap: CallCap
    person: int
    everybody: int
    until: datetime | None = None


def caps(
    now: datetime, counts: Counts, rules: PolicyRules, sections: tuple[Section, ...]
) -> Iterator[Objection]:
    """Object where nothing is left."""
    if counts.last_minute >= rules.calls_per_minute:
        yield Objection(
            rule=Rule.PER_MINUTE,
            ruling=Ruling.REFUSE,
            found=counts.last_minute,
            limit=rules.calls_per_minute,
            seconds=A_MINUTE,
        )
    for used in _all(now, counts, rules, sections):
        for found, limit, is_everybodys in _bounds(used):
            if found >= limit:
                yield _about(
                    used, Ruling.REFUSE, found, limit, is_everybodys=is_everybodys
                )


def warnings(
    now: datetime, counts: Counts, rules: PolicyRules, sections: tuple[Section, ...]
) -> Iterator[Objection]:
    """Return the budgets of a day and a month of which 80 % is used with this call."""
    for used in _all(now, counts, rules, sections):
        own = 1 if used.rule is Rule.PER_DAY else 0
        for found, limit, is_everybodys in _bounds(used):
            if used.until and (found + own) * 100 >= limit * WARNED_AT:
                yield _about(
                    used, Ruling.ALLOW, found + own, limit, is_everybodys=is_everybodys
                )


def _all(
    now: datetime, counts: Counts, rules: PolicyRules, sections: tuple[Section, ...]
) -> Iterator[_Used]:
    bounds = (rules.calls_at_once, rules.calls_per_day, rules.minutes_per_month)
    if not sections and all(each is NO_CAP for each in bounds):
        return  # as it is where no cap is set, for every ack
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    yield _Used(
        Rule.AT_ONCE,
        _cap(rules.calls_at_once, [each.calls_at_once for each in sections]),
        counts.open_person,
        counts.open_everybody,
    )
    yield _Used(
        Rule.PER_DAY,
        _cap(rules.calls_per_day, [each.calls_per_day for each in sections]),
        counts.day_person,
        counts.day_everybody,
        midnight + timedelta(days=1),
    )
    yield _Used(
        Rule.MINUTES,
        _cap(rules.minutes_per_month, [each.minutes_per_month for each in sections]),
        counts.month_person // A_MINUTE,
        counts.month_everybody // A_MINUTE,
        (midnight.replace(day=1) + timedelta(days=32)).replace(day=1),
    )


def _cap(cap: CallCap, of_sections: list[int | None]) -> CallCap:
    special = largest(of_sections)
    return cap if special is None else CallCap(special, cap.everybody)


def _bounds(used: _Used) -> Iterator[tuple[int, int, bool]]:
    """Yield what is used and the bound, for the person and for everybody."""
    if used.cap.person is not None:
        yield used.person, used.cap.person, False
    if used.cap.everybody is not None:
        yield used.everybody, used.cap.everybody, True


def _about(
    used: _Used, ruling: Ruling, found: int, limit: int, *, is_everybodys: bool
) -> Objection:
    return Objection(
        rule=used.rule,
        ruling=ruling,
        found=found,
        limit=limit,
        until=used.until,
        is_everybodys=is_everybodys,
    )
