"""What the database is asked before a new call is stored: one query for many calls.

What only some rules look at is counted only where such a rule is in force.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Flag, auto
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from bot.policy.minutes import NEVER_TALKED, RESERVED_SECONDS
from bot.policy.rules import PolicyRules, Ruling
from bot.storage.calls.statements import MAY_BE_RINGING, OPEN_STATES
from bot.storage.calls.tables import calls, declined_questions
from bot.storage.database.given_rows import given_rows
from bot.storage.database.person_rows import COLUMNS
from bot.storage.policy.tables import do_not_call, policy_states

ONE_MINUTE = timedelta(minutes=1)

LONGEST_LISTED = 16
"""Characters, with the plus."""


class Counted(Flag):
    """What is counted only if a rule looks at it."""

    NOTHING = 0
    EARLIER = auto()
    """Whether there are calls to the number within the throttle's longest time."""
    KNOWN = auto()
    OPEN = auto()
    OPEN_ALL = auto()
    DAY = auto()
    DAY_ALL = auto()
    MONTH = auto()
    MONTH_ALL = auto()


COUNTED_AS = {
    Counted.EARLIER: "earlier",
    Counted.KNOWN: "known",
    Counted.OPEN: "open_person",
    Counted.OPEN_ALL: "open_everybody",
    Counted.DAY: "day_person",
    Counted.DAY_ALL: "day_everybody",
    Counted.MONTH: "month_person",
    Counted.MONTH_ALL: "month_everybody",
}
"""The columns of `select_before_insert`."""

OF_EVERYBODY = Counted.OPEN_ALL | Counted.DAY_ALL | Counted.MONTH_ALL


MOST_RULES_KNOWN = 1_000
"""Rules in memory: those of the operator, and each workspace's own."""

_known: dict[int, tuple[PolicyRules, Counted, timedelta]] = {}
"""What is counted by rules, by their `id`: working it out takes a tenth of an ack."""


def counted_by(rules: PolicyRules) -> Counted:
    """Return what these rules look at, and those that must allow a call, too."""
    return _counting(rules)[1]


def longest_throttle(rules: PolicyRules) -> timedelta:
    """Return the longest time within which calls to a number are counted."""
    return _counting(rules)[2]


def _counting(rules: PolicyRules) -> tuple[PolicyRules, Counted, timedelta]:
    known = _known.get(id(rules))
    if known is None or known[0] is not rules:
        if len(_known) >= MOST_RULES_KNOWN:
            _known.clear()
        found, longest = Counted.NOTHING, 0
        within: PolicyRules | None = rules
        while within is not None:
            found |= _counted_alone(within)
            longest = max((longest, *(each.seconds for each in within.throttle)))
            within = within.within
        known = _known[id(rules)] = (rules, found, timedelta(seconds=longest))
    return known


def _counted_alone(rules: PolicyRules) -> Counted:
    parts = rules.sections
    wanted = {
        Counted.EARLIER: bool(rules.throttle),
        Counted.KNOWN: rules.first_time is not Ruling.ALLOW,
        Counted.OPEN: rules.calls_at_once.person is not None
        or any(each.calls_at_once is not None for each in parts),
        Counted.OPEN_ALL: rules.calls_at_once.everybody is not None,
        Counted.DAY: rules.calls_per_day.person is not None
        or any(each.calls_per_day is not None for each in parts),
        Counted.DAY_ALL: rules.calls_per_day.everybody is not None,
        Counted.MONTH: rules.minutes_per_month.person is not None
        or any(each.minutes_per_month is not None for each in parts),
        Counted.MONTH_ALL: rules.minutes_per_month.everybody is not None,
    }
    found = Counted.NOTHING
    for each, is_wanted in wanted.items():
        found |= each if is_wanted else Counted.NOTHING
    return found


def since_when(now: datetime, rules: PolicyRules) -> tuple[float, ...]:
    """Return since when is counted: a minute, the throttle, the day, the month (UTC)."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    times = (now - ONE_MINUTE, now - longest_throttle(rules), day, day.replace(day=1))
    return tuple(each.timestamp() for each in times)


GIVEN = ("n", "key", "callee", "minute", "throttle", "day", "month", *COLUMNS)
"""What is given of each new call: *n* is its number in the list."""


@cache
def select_before_insert(*, postgres: bool, counted: Counted) -> Select[Any]:
    """Return a query about new calls, whose rows have the columns `GIVEN`.

    Per call: *n*, the stored call with its key (``same``), that key if the question about
    it was declined, a call of its person to its number that may be ringing, how many calls
    the person has asked for within a minute (``lately``), the workspace's version of the
    rules and pause, an entry of its do-not-call list that covers the number (``listed``),
    and a column for each of *counted*.
    """
    given = given_rows(*GIVEN, postgres=postgres)
    saved = and_(
        policy_states.c.enterprise == given.c.enterprise,
        policy_states.c.team == given.c.team,
    )
    more = (
        _counts(given, postgres=postgres)[each].label(COUNTED_AS[each])
        for each in counted
    )
    return select(
        cast(given.c.n, Integer).label("n"),
        *_as_ever(given),
        policy_states.c.version,
        policy_states.c.paused_at,
        policy_states.c.paused_by,
        policy_states.c.pause_reason,
        _listed(given).label("listed"),
        *more,
    ).select_from(given.outerjoin(policy_states, saved))


def _as_ever(given: Subquery) -> Iterable[ColumnElement[Any]]:
    """Return what is asked whatever the rules are."""
    same = select(calls.c.id).where(calls.c.key == given.c.key)
    declined = select(declined_questions.c.key).where(
        declined_questions.c.key == given.c.key
    )
    ringing = select(calls.c.id).where(
        _found_by_number(given), calls.c.user == given.c.user, MAY_BE_RINGING
    )
    within = select(calls.c.asked_at).where(_of_person(given), _since(given, "minute"))
    # In this order PostgreSQL finds the last minute's, also without statistics.
    in_turn = within.order_by(calls.c.asked_at).correlate(given).subquery()
    lately = select(func.count()).select_from(in_turn)
    return (
        same.scalar_subquery().label("same"),
        declined.scalar_subquery().label("declined"),
        ringing.limit(1).scalar_subquery().label("ringing"),
        lately.scalar_subquery().label("lately"),
    )


def _listed(given: Subquery) -> ScalarSelect[str]:
    """Return an entry that begins the number, if there is one; it may not cover it."""
    beginnings = (
        func.substr(given.c.callee, 1, length)
        for length in range(2, LONGEST_LISTED + 1)
    )
    return (
        select(do_not_call.c.digits)
        .where(
            do_not_call.c.enterprise == given.c.enterprise,
            do_not_call.c.team == given.c.team,
            do_not_call.c.digits.in_(list(beginnings)),
            or_(do_not_call.c.is_prefix, do_not_call.c.digits == given.c.callee),
        )
        .limit(1)
        .scalar_subquery()
    )


def _counts(given: Subquery, *, postgres: bool) -> dict[Counted, ColumnElement[Any]]:
    """Return what can be counted for a new call, each as one value."""
    person, everybody = _of_person(given), _of_workspace(given)
    to_number = _found_by_number(given)
    day, month = _since(given, "day"), _since(given, "month")
    talk = func.coalesce(func.sum(_talked(postgres=postgres)), 0)
    count = func.count()

    def value(what: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Any:
        return select(what).select_from(calls).where(*conditions).scalar_subquery()

    # SQLite would look at every call that is kept of the workspace, if an index had them.
    open_there = (
        calls.c.state.in_(OPEN_STATES),
        MAY_BE_RINGING,
        calls.c.enterprise.concat("") == given.c.enterprise,
        calls.c.team.concat("") == given.c.team,
    )

    return {
        Counted.EARLIER: exists().where(to_number, _since(given, "throttle")),
        Counted.KNOWN: exists().where(to_number),
        Counted.OPEN: value(count, person, MAY_BE_RINGING),
        Counted.OPEN_ALL: value(count, *open_there),
        Counted.DAY: value(count, person, day),
        Counted.DAY_ALL: value(count, everybody, day),
        Counted.MONTH: value(talk, person, month),
        Counted.MONTH_ALL: value(talk, everybody, month),
    }


def _talked(*, postgres: bool) -> ColumnElement[Any]:
    """Return a call's `month_seconds`; an earlier version has stored the outcome alone."""
    outcome: ColumnElement[Any] = calls.c.outcome
    if postgres:
        said = cast(outcome, JSONB)["talked"].astext
    else:
        said = func.json_extract(outcome, "$.talked")
    by_outcome = case(
        (calls.c.end.in_(NEVER_TALKED), 0.0),
        (outcome.is_(None), RESERVED_SECONDS),
        else_=func.coalesce(cast(said, Float(53)), 0.0),
    )
    return func.coalesce(calls.c.month_seconds, by_outcome)


def _since(given: Subquery, name: str) -> ColumnElement[bool]:
    return type_coerce(calls.c.asked_at, Float(53)) > cast(given.c[name], Float(53))


def _of_person(given: Subquery) -> ColumnElement[bool]:
    return and_(*(calls.c[name] == given.c[name] for name in COLUMNS))


def _of_workspace(given: Subquery) -> ColumnElement[bool]:
    return and_(calls.c.enterprise == given.c.enterprise, calls.c.team == given.c.team)


def _found_by_number(given: Subquery) -> ColumnElement[bool]:
    """Return the condition for a workspace's calls to the number, found by the number.

    Where a database has no statistics, as SQLite and a new PostgreSQL, it may take an index
    that begins with the workspace, and read all calls of a person or of everybody. No index
    fits the concatenation.
    """
    return and_(
        calls.c.callee == given.c.callee,
        calls.c.enterprise.concat("") == given.c.enterprise,
        calls.c.team.concat("") == given.c.team,
    )
