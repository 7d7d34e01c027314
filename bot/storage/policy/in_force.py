"""The rules in force for a workspace: the operator's, narrowed by those that it has saved."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bot.policy.file import narrowed
from bot.policy.rules import PolicyRules
from bot.policy.workspace import WorkspaceId
from bot.storage.policy.tables import policy_states

SAVED = policy_states.c


class RulesInForce:
    """Used by the database thread only: in the transaction of the call that they judge."""

    def __init__(self) -> None:
        self._known: dict[WorkspaceId, tuple[int, PolicyRules, PolicyRules]] = {}

    def known(self, where: WorkspaceId, bounds: PolicyRules) -> PolicyRules:
        """Return what is in force as far as this process knows; *bounds* if it does not."""
        known = self._known.get(where)
        return known[2] if known and known[1] is bounds else bounds

    def of(
        self,
        connection: Connection,
        where: WorkspaceId,
        version: int | None,
        bounds: PolicyRules,
    ) -> PolicyRules:
        """Return what is in force; they are read anew if *version* is not the known one.

        *version* is None where nothing is saved.
        """
        if not version:
            self._known.pop(where, None)
            return bounds
        known = self._known.get(where)
        if known is None or known[0] != version or known[1] is not bounds:
            query = select(SAVED.rules).where(
                SAVED.enterprise == where.enterprise, SAVED.team == where.team
            )
            rules = narrowed(bounds, connection.scalar(query) or "")
            self._known[where] = known = (version, bounds, rules)
        return known[2]
