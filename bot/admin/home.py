"""What an admin's Home shows of their workspace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.admin.rules import DeskRules
from bot.calls.call import Place
from bot.policy.desk_sheet import DeskSheet
from bot.policy.workspace import WorkspaceId
from bot.storage.desk_rows import DeskRows
from bot.storage.policy.audit import Audit
from bot.storage.policy.states import PolicyStates
from bot.switchboard.policy import Policy

LAST_DECISIONS = 8
"""Rows of the audit on a Home."""


class DeskHome:
    """Reads the desk: five database reads. *report* and *budget* are the process's own."""

    def __init__(
        self,
        states: PolicyStates,
        rules: DeskRules,
        rows: DeskRows,
        audit: Audit,
        policy: Policy,
        *,
        report: Callable[[], Awaitable[dict[str, Any]]],
        budget: Callable[[], Mapping[str, tuple[int, int]]],
    ) -> None:
        self._states = states
        self._rules = rules
        self._rows = rows
        self._audit = audit
        self._policy = policy
        self._report = report
        self._budget = budget

    async def of(self, place: Place) -> DeskSheet | None:
        """Return the desk of an admin's workspace; None for anybody else."""
        if not self._policy.is_admin(place):
            return None
        where = WorkspaceId.of(place)
        counts = await self._rows.counts(where)
        people = await self._rows.signed_in(where)
        checks = (await self._report())["checks"]
        state = await self._states.of(where)
        return DeskSheet(
            rules=await self._rules.sheet(place),
            pause=state.pause,
            health={name: bool(each["ok"]) for name, each in checks.items()},
            budgets=self._budget(),
            open_calls=counts.open_calls,
            signed_in=len(people),
            broken=tuple(each.user for each in people if each.is_broken),
            hooks_waiting=counts.hooks_waiting,
            blocked=counts.blocked,
            decisions=tuple(await self._audit.read(where, most=LAST_DECISIONS)),
        )
