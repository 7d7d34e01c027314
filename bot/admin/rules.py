"""Reads and saves a workspace's rules for the admins' desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.calls.call import Place
from bot.clock import Clock
from bot.policy import file as policy_file
from bot.policy.desk_sheet import RulesSheet
from bot.policy.rule_fields import FieldFlaw, changed_fields, read_fields
from bot.policy.rule_limits import with_limit
from bot.policy.rules import PolicyRules
from bot.policy.workspace import PolicyState, WorkspaceId
from bot.storage.policy.states import PolicyStates
from bot.switchboard.policy import Policy
from bot.user_errors import RulesChangedMeanwhile


class DeskRules:
    """Reads and saves a workspace's own rules, which are never wider than *outer*.

    A change is saved only if the rules are still of the version that its admin has seen.
    The methods raise `UserError` for whoever is no admin, `RulesChangedMeanwhile`, and
    `StoreUnavailable`.
    """

    def __init__(
        self,
        states: PolicyStates,
        outer: PolicyRules,
        policy: Policy,
        clock: Clock,
        *,
        changed: Callable[[Place], None] = lambda _: None,
    ) -> None:
        self._states = states
        self._outer = outer
        self._policy = policy
        self._clock = clock
        self._changed = changed

    async def sheet(self, place: Place) -> RulesSheet:
        """Return the rules, and what may be changed."""
        self._policy.check_desk(place)
        state = await self._states.of(WorkspaceId.of(place))
        return RulesSheet.of(self._outer, self._own(state), state)

    async def save(
        self, place: Place, version: int, given: Mapping[str, str]
    ) -> dict[str, FieldFlaw]:
        """Save what was given in a form, or return what is wrong with it and save nothing."""
        sheet = await self._seen(place, version)
        rules, wrong = read_fields(given, sheet.outer, sheet.rules)
        if not wrong:
            changed = changed_fields(sheet.rules, rules)
            await self._save(place, sheet, rules, ", ".join(changed))
        return wrong

    async def limit(
        self, place: Place, version: int, user: str, given: Mapping[str, str]
    ) -> dict[str, FieldFlaw]:
        """Save one person's own limits, instead of those for all."""
        sheet = await self._seen(place, version)
        rules, wrong = with_limit(sheet.rules, user, given)
        if not wrong:
            await self._save(place, sheet, rules, f"limits of {user}")
        return wrong

    async def undo(self, place: Place, version: int) -> None:
        """Bring back the rules before the last change, unless others were made meanwhile."""
        await self._seen(place, version)
        where, now = WorkspaceId.of(place), self._clock.now()
        if not await self._states.undo(where, version, now, place.user):
            raise RulesChangedMeanwhile
        self._changed(place)

    async def _seen(self, place: Place, version: int) -> RulesSheet:
        sheet = await self.sheet(place)
        if sheet.version != version:
            raise RulesChangedMeanwhile
        return sheet

    async def _save(
        self, place: Place, sheet: RulesSheet, rules: PolicyRules, detail: str
    ) -> None:
        if rules == sheet.rules:
            return
        where, now = WorkspaceId.of(place), self._clock.now()
        text = policy_file.write(rules, self._outer)
        if not await self._states.save(
            where, text, sheet.version, now, place.user, detail=detail
        ):
            raise RulesChangedMeanwhile
        self._changed(place)

    def _own(self, state: PolicyState) -> PolicyRules:
        own = policy_file.narrowed(self._outer, state.rules)
        return replace(own, within=None)
