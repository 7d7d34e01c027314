"""The one decision whether a call may be placed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime

from bot.policy import caps
from bot.policy.decision import ALLOWED, Decision, Objection
from bot.policy.do_not_call import do_not_call, paused
from bot.policy.numbers import doubtful, never_dialed, numbers, unusual
from bot.policy.places import places
from bot.policy.quiet_hours import quiet_hours
from bot.policy.rules import (
    NEVER_OPENED,
    OPENED_BY,
    PolicyRules,
    Rule,
    Ruling,
)
from bot.policy.sections import for_wish
from bot.policy.throttle import throttle
from bot.policy.wish import Counts, Fact, Wish

RANKS = {rule: rank for rank, rule in enumerate(Rule)}


def verdict(wish: Wish, now: datetime, counts: Counts, rules: PolicyRules) -> Decision:
    """Return what the rules say together: a refusal wins over a question.

    What the person was asked about before is not asked again, and what an admin has
    opened for this call does not count, if the rules let admins open it.
    """
    standing = list(_standing(wish, now, counts, rules))
    refusals = [each for each in standing if each.ruling is Ruling.REFUSE]
    if refusals:
        return _refusal(refusals, rules)
    if standing:
        return Decision(Ruling.ASK, tuple(_one_each(standing, lambda each: each.rule)))
    warned = tuple(_warnings(wish, now, counts, rules))
    return Decision(warnings=warned) if warned else ALLOWED


def refused_anyway(
    wish: Wish, now: datetime, counts: Counts, rules: PolicyRules
) -> Decision | None:
    """Return a refusal that neither Slack's facts nor an admin can change, or None.

    A rule that looks at a fact which is not known is left out.
    """
    looks_at = (
        (Rule.GUESTS, wish.is_guest),
        (Rule.SHARED_CHANNELS, wish.is_shared),
        (Rule.QUIET_HOURS, wish.zone),
    )
    unknown = {rule for rule, fact in looks_at if fact is None}
    refusals = [
        each
        for each in _standing(wish, now, counts, rules)
        if each.ruling is Ruling.REFUSE and each.rule not in unknown
    ]
    decision = _refusal(refusals, rules) if refusals else None
    return None if decision is None or decision.openable else decision


def unknown_facts(wish: Wish, rules: PolicyRules) -> frozenset[Fact]:
    """Return what Slack has to be asked about before `verdict` can tell."""
    found = set()
    for each in _bounds(rules):
        if wish.is_guest is None and not each.guests:
            found.add(Fact.GUEST)
        if wish.is_shared is None and not each.shared_channels:
            found.add(Fact.SHARED)
        if wish.zone is None and each.quiet_hours and (wish.colleague or wish.called):
            found.add(Fact.ZONE)
    return frozenset(found)


def _standing(
    wish: Wish, now: datetime, counts: Counts, rules: PolicyRules
) -> Iterator[Objection]:
    """Yield the objections that nobody has answered and no admin has opened."""
    for each in _objections(wish, now, counts, rules):
        if not _is_answered(each, wish) and not _is_opened(each.rule, wish, rules):
            yield each


def _refusal(refusals: Collection[Objection], rules: PolicyRules) -> Decision:
    openable = all(can_be_opened(each.rule, rules) for each in refusals)
    asked = _one_each(refusals, lambda each: each.rule) if openable else ()
    first = min(refusals, key=_rank)
    return Decision(Ruling.REFUSE, (first,), openable=tuple(asked))


def _objections(
    wish: Wish, now: datetime, counts: Counts, rules: PolicyRules
) -> Iterator[Objection]:
    yield from never_dialed(wish)
    yield from do_not_call(counts)
    yield from paused(counts)
    yield from doubtful(wish)
    for each in _bounds(rules):
        sections = for_wish(wish, each)
        yield from places(wish, each)
        yield from numbers(wish, each, sections)
        yield from throttle(wish, now, counts, each)
        yield from quiet_hours(wish, now, each)
        yield from caps.caps(now, counts, each, sections)
        yield from unusual(wish, now, counts, each)


def _bounds(rules: PolicyRules) -> Iterator[PolicyRules]:
    """Yield the rules, and those that must allow the call, too."""
    within: PolicyRules | None = rules
    while within is not None:
        yield within
        within = within.within


def _warnings(
    wish: Wish, now: datetime, counts: Counts, rules: PolicyRules
) -> Iterable[Objection]:
    found = [
        warning
        for each in _bounds(rules)
        for warning in caps.warnings(now, counts, each, for_wish(wish, each))
    ]
    return _one_each(found, lambda each: (each.rule, each.is_everybodys))


def _is_answered(objection: Objection, wish: Wish) -> bool:
    return objection.ruling is Ruling.ASK and objection.rule in wish.answered


def _is_opened(rule: Rule, wish: Wish, rules: PolicyRules) -> bool:
    return rule in wish.granted and can_be_opened(rule, rules)


def can_be_opened(rule: Rule, rules: PolicyRules) -> bool:
    """Return whether an admin may open *rule* for one call: every bound must let them."""
    if rule in NEVER_OPENED:
        return False
    return all(OPENED_BY.get(rule) in each.askable for each in _bounds(rules))


def _one_each(
    found: Iterable[Objection], what: Callable[[Objection], object]
) -> Iterable[Objection]:
    """Return of several objections about the same the first by rank."""
    kept: dict[object, Objection] = {}
    for each in sorted(found, key=_rank):
        kept.setdefault(what(each), each)
    return kept.values()


def _rank(objection: Objection) -> tuple[object, ...]:
    """Order objections: by rule, a person's before everybody's, the longest first."""
    until = objection.until
    return (
        RANKS[objection.rule],
        objection.is_everybodys,
        -until.timestamp() if until else 0,
        objection.limit,
        objection.seconds,
    )
