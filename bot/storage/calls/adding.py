"""Which new calls are stored: several commands that share a commit are judged by one query.

The gate (`bot.policy.gate`) decides in the transaction that stores the call. What it counts
can't change meanwhile: commands whose calls count for each other wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.calls.call import Call, Place
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.own_phone import got_past_own_phone
from bot.policy.added import Added, Verdict
from bot.policy.decision import Decision
from bot.policy.gate import refused_anyway, unknown_facts, verdict
from bot.policy.rules import PolicyRules, Rule, Ruling
from bot.policy.wish import CallEntrance, Counts, Earlier, FactsNeeded, Wish
from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.storage.calls.before_adding import (
    COUNTED_AS,
    OF_EVERYBODY,
    Counted,
    counted_by,
    longest_throttle,
    select_before_insert,
    since_when,
)
from bot.storage.calls.events import event_row
from bot.storage.calls.statements import (
    INSERT_CALL,
    INSERT_EVENT,
    LOCK_KEYS,
    SELECT_CALL,
)
from bot.storage.calls.tables import calls, to_row
from bot.storage.calls.unreadable import UnreadableRows
from bot.storage.database.given_rows import dumped
from bot.storage.database.jobs import Later
from bot.storage.database.person_rows import columns
from bot.storage.policy.admin_requests import granted_rules, use_grant
from bot.storage.policy.audit import INSERT_AUDIT, audit_values
from bot.storage.policy.do_not_call import covering_entry
from bot.storage.policy.in_force import RulesInForce
from bot.storage.policy.states import pause_of

WhoseNumber = Callable[[Connection, Place, PhoneNumber], str]
"""Returns the Slack id of who has connected in the same workspace with a number."""

MOST_EARLIER = 200
"""Calls to one number that are looked at: a throttle allows fewer within its time."""

CAPS = tuple(each for each in Counted if each not in Counted.EARLIER | Counted.KNOWN)


class RulesChanged(Exception):
    """Other rules are in force than the call was prepared for."""


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call to store, and what the gate needs to judge it.

    Attributes:
        bounds: The operator's rules, which a workspace's own can only narrow.
        again: Store it even if a call of this person already rings that number.
        keys: What other calls count for this one; see `Adding.keys_of`.
        is_dry: Only judge it.
    """

    call: Call
    wish: Wish
    bounds: PolicyRules
    again: bool = False
    keys: frozenset[str] = field(default=frozenset(), repr=False)
    is_dry: bool = False

    @property
    def where(self) -> WorkspaceId:
        """The workspace in which it counts."""
        return WorkspaceId.of(self.call.place)


class Adding:
    """Adds calls, by transactions that others begin and commit."""

    def __init__(
        self,
        unreadable: UnreadableRows,
        rules: RulesInForce,
        whose_number: WhoseNumber,
    ) -> None:
        self._unreadable = unreadable
        self._rules = rules
        self._whose_number = whose_number

    def keys_of(self, call: Call, bounds: PolicyRules) -> frozenset[str]:
        """Return the keys of what counts for *call* beside its person's other calls."""
        where = WorkspaceId.of(call.place)
        return _keys(call, where, self._rules.known(where, bounds))

    def lock(self, connection: Connection, keys: set[str]) -> None:
        """Have all other processes' calls with these keys wait for this transaction."""
        if connection.dialect.name == "postgresql":
            connection.execute(LOCK_KEYS, {"keys": sorted(keys)})

    def __call__(
        self, connection: Connection, new: list[NewCall]
    ) -> list[Added | Decision | FactsNeeded | Later]:
        """Return for each call that it is to be inserted, or why not.

        Raises `RulesChanged`: the call's keys are to be made anew.
        """
        counted = Counted.NOTHING
        for each in new:
            counted |= counted_by(self._rules.known(each.where, each.bounds))
        postgres = connection.dialect.name == "postgresql"
        query = select_before_insert(postgres=postgres, counted=counted)
        asked = dumped(self._asked(n, each) for n, each in enumerate(new))
        found = {row.n: row for row in connection.execute(query, asked)}
        return [
            self._judged(connection, each, found[n], counted)
            for n, each in enumerate(new)
        ]

    def _asked(self, n: int, new: NewCall) -> tuple[object, ...]:
        """Return what the query about new calls needs to know of one; see `GIVEN`."""
        rules = self._rules.known(new.where, new.bounds)
        since = since_when(new.call.asked_at, rules)
        person = columns(new.call.place.person).values()
        return (n, new.call.key, new.call.callee.e164, *since, *person)

    def _judged(
        self, connection: Connection, new: NewCall, found: Row[Any], counted: Counted
    ) -> Added | Decision | FactsNeeded | Later:
        call = new.call
        if not new.is_dry:
            if found.declined:
                return Added(Verdict.DECLINED, call)
            known = found.same or (None if new.again else found.ringing)
            if known is not None:
                verdict = Verdict.REPEATED if found.same else Verdict.ALREADY_OPEN
                return Added(verdict, self._theirs(connection, known, call))
        new = _with_grant(connection, new)
        decision = self._decision(connection, new, found, counted)
        if isinstance(decision, FactsNeeded):
            return decision
        if new.is_dry:
            return _weighed(new, decision)
        audit = _audit(new, decision)
        if decision.ruling is not Ruling.ALLOW:
            said = (
                decision if _has_words(new, decision) else Added(Verdict.TOO_MANY, call)
            )
            return Later(said, [audit])
        if new.wish.granted:
            use_grant(connection, new.wish.grant, call.asked_at)
        event = event_row(call, call.asked_at, "asked")
        return Later(
            Added(Verdict.NEW, call, warnings=decision.warnings),
            [(INSERT_CALL, to_row(call)), (INSERT_EVENT, event), audit],
        )

    def _decision(
        self, connection: Connection, new: NewCall, found: Row[Any], counted: Counted
    ) -> Decision | FactsNeeded:
        """Judge a call by the rules of this moment."""
        rules = self._rules.of(connection, new.where, found.version, new.bounds)
        is_stale = counted_by(rules) & ~counted or (
            not new.is_dry and not _keys(new.call, new.where, rules) <= new.keys
        )
        if is_stale:
            raise RulesChanged
        wish, counts = new.wish, self._counts(connection, new, rules, found)
        if not wish.is_company and (counts.earlier or _is_quiet_somewhen(rules)):
            place, number = new.call.place, new.call.callee
            colleague = self._whose_number(connection, place, number)
            wish = replace(wish, colleague=colleague)
        if needed := unknown_facts(wish, rules):
            # What is refused in any case is not Slack's to delay, nor its silence to explain.
            anyway = refused_anyway(wish, new.call.asked_at, counts, rules)
            return anyway or FactsNeeded(needed, wish)
        return verdict(wish, new.call.asked_at, counts, rules)

    def _counts(
        self, connection: Connection, new: NewCall, rules: PolicyRules, found: Row[Any]
    ) -> Counts:
        number, seen = new.call.callee.e164, found._asdict()
        caps = {COUNTED_AS[cap]: int(seen.get(COUNTED_AS[cap]) or 0) for cap in CAPS}
        is_earlier = seen.get(COUNTED_AS[Counted.EARLIER])
        return Counts(
            pause=pause_of(found.paused_at, found.paused_by, found.pause_reason),
            do_not_call=(
                covering_entry(connection, new.where, number) if found.listed else None
            ),
            earlier=self._earlier(connection, new, rules) if is_earlier else (),
            is_known=bool(seen.get(COUNTED_AS[Counted.KNOWN])),
            last_minute=found.lately,
            **caps,
        )

    def _earlier(
        self, connection: Connection, new: NewCall, rules: PolicyRules
    ) -> tuple[Earlier, ...]:
        """Return the calls to the same number that count for the throttle."""
        place = new.call.place
        query = (
            select(calls)
            .where(
                calls.c.callee == new.call.callee.e164,
                calls.c.asked_at > new.call.asked_at - longest_throttle(rules),
                calls.c.enterprise == place.enterprise,
                calls.c.team == place.team,
            )
            .order_by(calls.c.asked_at.desc())
            .limit(MOST_EARLIER)
        )
        found = self._unreadable.calls_in(connection.execute(query))
        return tuple(
            Earlier(at=each.asked_at, by=each.place.user)
            for each in found
            if got_past_own_phone(each)
        )

    def _theirs(self, connection: Connection, known: str, call: Call) -> Call:
        """Return the call *known* if it is the same person's and can be read, else *call*."""
        row = connection.execute(SELECT_CALL, {"id_": known}).first()
        other = None if row is None else self._unreadable.call_in(row)
        is_theirs = other is not None and other.place.person == call.place.person
        return other if other and is_theirs else call


def _with_grant(connection: Connection, new: NewCall) -> NewCall:
    """Return *new* with what an admin has opened for it."""
    wish, call = new.wish, new.call
    if not wish.grant or new.is_dry:
        return new
    granted = granted_rules(
        connection, wish.grant, call.place.person, call.callee, call.asked_at
    )
    return replace(new, wish=replace(wish, granted=granted))


def _is_quiet_somewhen(rules: PolicyRules) -> bool:
    return bool(
        rules.quiet_hours or (rules.within and _is_quiet_somewhen(rules.within))
    )


def _keys(call: Call, where: WorkspaceId, rules: PolicyRules) -> frozenset[str]:
    keys = set()
    here = f"{where.enterprise} {where.team}"
    counted = counted_by(rules)
    if counted & (Counted.EARLIER | Counted.KNOWN):
        keys.add(f"number {here} {call.callee.e164}")
    if counted & OF_EVERYBODY:
        keys.add(f"workspace {here}")
    return frozenset(keys)


def _has_words(new: NewCall, decision: Decision) -> bool:
    """Whether it is not just the operator's limit a minute, of which all entrances tell."""
    objection = decision.objections[0]
    is_many = objection.rule is Rule.PER_MINUTE
    return not is_many or objection.limit != new.bounds.calls_per_minute


def _weighed(new: NewCall, decision: Decision) -> Decision | Later:
    """Return what a dry run found; a question that may still be asked is no decision."""
    is_check = new.wish.entrance is CallEntrance.CHECK
    if not is_check and decision.ruling is not Ruling.REFUSE:
        return decision
    return Later(decision, [_audit(new, decision)])


def _audit(new: NewCall, decision: Decision) -> tuple[Any, dict[str, Any]]:
    call, wish = new.call, new.wish
    is_check = wish.entrance is CallEntrance.CHECK
    is_placed = decision.ruling is Ruling.ALLOW and not new.is_dry
    row = AuditRow(
        at=call.asked_at,
        where=new.where,
        user=call.place.user,
        entrance=wish.entrance,
        action=AuditAction.CHECK if is_check else AuditAction.CALL,
        number=call.callee.e164,
        rule=decision.rule or "",
        verdict=decision.ruling,
        call=call.id if is_placed else "",
        detail=_detail(wish, decision),
    )
    return INSERT_AUDIT, audit_values(row)


def _detail(wish: Wish, decision: Decision) -> str:
    """Name the other rules that ask, and those that the person or an admin has answered.

    Doubts about a number are asked about before the gate, so every wish has answered them.
    """
    named = {
        "also": [each.rule for each in decision.objections[1:]],
        "answered": sorted(wish.answered - {Rule.DOUBT}),
        "granted": sorted(wish.granted),
    }
    return "; ".join(f"{word} {', '.join(its)}" for word, its in named.items() if its)
