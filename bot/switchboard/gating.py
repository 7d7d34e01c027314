"""Has each wish to call judged: the gate's decision, and the audit of what was refused before.

What a person typed is read, and checked by the operator's lists, before anything is asked
of the database. Such a refusal is in the audit, too.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Protocol

from bot.accounts.callers import Caller
from bot.calls.call import Call, Place
from bot.calls.numbers.phone import (
    CountryNotAllowed,
    NumberNotAllowed,
    PhoneNumber,
    PremiumRate,
    TariffNotAllowed,
)
from bot.calls.typed.emergency import EmergencyNumber
from bot.clock import Clock
from bot.errors import StoreUnavailable, UserError
from bot.policy.added import Added
from bot.policy.decision import Decision
from bot.policy.refusals import PolicyAsks, PolicyRefuses
from bot.policy.rules import Rule, Ruling
from bot.policy.wish import CallEntrance, FactsNeeded, Wish
from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.storage.calls.store import Store
from bot.switchboard.policy import Policy
from bot.user_errors import (
    AccessDenied,
    AccessRule,
    ChannelUnknown,
    StandingUnknown,
)

LONGEST_DIALED = 20
"""Digits of what was typed that the audit keeps: a number has fifteen at most."""

RULE_OF_LIST = {
    AccessRule.USERS: Rule.USERS,
    AccessRule.CHANNELS: Rule.CHANNELS,
    AccessRule.GUESTS: Rule.GUESTS,
}

RULE_OF_ERROR: dict[type[UserError], Rule] = {
    StandingUnknown: Rule.GUESTS,
    ChannelUnknown: Rule.SHARED_CHANNELS,
    EmergencyNumber: Rule.EMERGENCY,
    PremiumRate: Rule.PREMIUM,
    TariffNotAllowed: Rule.NUMBER_TYPE,
    CountryNotAllowed: Rule.COUNTRY,
}


class Facts(Protocol):
    """Asks Slack for what it alone knows of a wish; see `bot.slack.posting.facts`."""

    async def learned(self, needed: FactsNeeded) -> Wish: ...


class Gating:
    """Asks the gate, and writes the audit; methods raise `StoreUnavailable`.

    Where rules look at what Slack alone knows, Slack is asked, and then the gate again.
    """

    def __init__(
        self, store: Store, policy: Policy, facts: Facts, clock: Clock
    ) -> None:
        self._store = store
        self._policy = policy
        self._facts = facts
        self._clock = clock

    async def add(self, call: Call, wish: Wish, question: PolicyAsks) -> Added:
        """Store *call* if the gate allows it; else *question* is raised, or `PolicyRefuses`."""
        bounds, again = self._policy.bounds, question.again
        found = await self._store.add(call, wish=wish, bounds=bounds, again=again)
        while isinstance(found, FactsNeeded):
            wish = await self._learned(found)
            found = await self._store.add(call, wish=wish, bounds=bounds, again=again)
        if isinstance(found, Added):
            return found
        if found.ruling is Ruling.ASK:
            raise replace(question, decision=found)
        raise self.refusal(found, question)

    def refusal(self, decision: Decision, wanted: PolicyAsks) -> PolicyRefuses:
        """Return the error for a refusal of *wanted*, which an admin may be asked about."""
        place = Place(wanted.asked.team, "", wanted.asked.user, wanted.asked.enterprise)
        can_ask = decision.openable and self._policy.admin_channel(place)
        return PolicyRefuses(
            decision,
            wanted.number,
            place.user,
            replace(wanted, decision=decision) if can_ask else None,
        )

    async def weigh(self, wish: Wish, question: PolicyAsks) -> Decision:
        """Return what the gate says to a call, which is not placed.

        A refusal is returned to a dry run alone; else `PolicyRefuses` is raised.
        """
        bounds, at = self._policy.bounds, question.at
        call = Call(
            id="", key="", place=wish.place, callee=wish.number, asked_at=at, next_at=at
        )
        found = await self._store.weigh(call, wish=wish, bounds=bounds)
        while isinstance(found, FactsNeeded):
            wish = await self._learned(found)
            found = await self._store.weigh(call, wish=wish, bounds=bounds)
        is_check = wish.entrance is CallEntrance.CHECK
        if found.ruling is Ruling.REFUSE and not is_check:
            raise self.refusal(found, question)
        return found

    async def _learned(self, needed: FactsNeeded) -> Wish:
        """Ask Slack; that it does not say who somebody is, or who reads, is a refusal."""
        wish = needed.wish
        async with self.audited(wish.place, wish.entrance, wish.number):
            return await self._facts.learned(needed)

    @contextlib.asynccontextmanager
    async def audited(
        self, place: Place, entrance: CallEntrance, to: str | PhoneNumber
    ) -> AsyncIterator[None]:
        """Write a refusal by the operator's lists, or of a number, to the audit."""
        try:
            yield
        except UserError as error:
            rule = rule_of(error)
            if rule is not None:
                with contextlib.suppress(StoreUnavailable):  # it stays refused
                    row = self._row(error, rule, place, entrance, to)
                    await self._store.audit(row)
            raise

    def _row(
        self,
        error: UserError,
        rule: Rule,
        place: Place,
        entrance: CallEntrance,
        to: str | PhoneNumber,
    ) -> AuditRow:
        is_check = entrance is CallEntrance.CHECK
        return AuditRow(
            at=self._clock.now(),
            where=WorkspaceId.of(place),
            user=place.user,
            entrance=entrance,
            action=AuditAction.CHECK if is_check else AuditAction.CALL,
            number=_digits(error, to),
            rule=rule,
            verdict=Ruling.REFUSE,
        )


def wish_of(
    place: Place,
    entrance: CallEntrance,
    number: PhoneNumber,
    caller: Caller,
    *,
    region: str,
    groups: frozenset[str],
    answered: frozenset[Rule],
    grant: str = "",
    called: str = "",
    lets_guests: bool = False,
) -> Wish:
    """Return what the gate needs to know; the account's own numbers are the company's.

    Unless the operator lets guests in (*lets_guests*), no guest comes so far.
    """
    own = {each.number for each in caller.phones}
    return Wish(
        place=place,
        entrance=entrance,
        number=number,
        region=region,
        groups=groups,
        is_guest=None if lets_guests else False,
        is_shared=None,
        is_company=number in own,
        called=called,
        zone=None,
        answered=answered,
        grant=grant,
    )


def rule_of(error: UserError) -> Rule | None:
    """Return the rule by which something was refused before the gate; None: no rule did."""
    if isinstance(error, AccessDenied):
        return RULE_OF_LIST.get(error.rule)
    return RULE_OF_ERROR.get(type(error))


def _digits(error: UserError, to: str | PhoneNumber) -> str:
    """Return the number, or the digits of what was typed: the audit keeps no words."""
    if isinstance(error, NumberNotAllowed):
        return error.number.e164
    if isinstance(to, PhoneNumber):
        return to.e164
    return re.sub(r"\D", "", to)[:LONGEST_DIALED]
