"""Stores the rules that a workspace's admins have saved, and its pause.

Every change wakes the other processes. They need not have heard of it: what is stored
here is read again in the transaction of each new call (`bot.storage.calls.adding`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from bot.errors import RowRefused
from bot.policy.wish import Pause
from bot.policy.workspace import (
    NO_STATE,
    AuditAction,
    AuditRow,
    PolicyState,
    WorkspaceId,
)
from bot.storage.database.signals import tell_of_policy
from bot.storage.database.writer import Writer
from bot.storage.policy.audit import insert_audit
from bot.storage.policy.tables import policy_states

PS = policy_states.c

LONGEST_REASON = 500
"""Characters of a reason that are kept."""

_Decide = Callable[[PolicyState], dict[str, Any] | None]
"""Returns the columns to change, given what is stored; None changes nothing."""


class PolicyStates:
    """The table `policy_states`; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer, me: str = "") -> None:
        self._writer = writer
        self._me = me

    async def of(self, where: WorkspaceId) -> PolicyState:
        """Return what is stored of a workspace."""
        return await self._writer.run(lambda c: read_state(c, where))

    async def all_rules(self) -> dict[WorkspaceId, str]:
        """Return the saved rules of all workspaces that have any."""
        query = select(PS.enterprise, PS.team, PS.rules).where(PS.rules != "")
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return {WorkspaceId(row.enterprise, row.team): row.rules for row in rows}

    async def save(
        self,
        where: WorkspaceId,
        rules: str,
        version: int,
        now: datetime,
        by: str,
        *,
        detail: str = "",
    ) -> bool:
        """Save a text of rules, and keep the present one to be undone to.

        Returns False, and saves nothing, unless *version* is still the stored one.
        """

        def change(old: PolicyState) -> dict[str, Any] | None:
            if old.version != version:
                return None
            return {"rules": rules, "previous": old.rules}

        row = _row(where, now, by, AuditAction.RULES, detail)
        return await self._change(where, change, row)

    async def undo(
        self, where: WorkspaceId, version: int, now: datetime, by: str
    ) -> bool:
        """Bring the rules before the last change back; once, there is no undo of it.

        Returns False unless *version* is still the stored one and has one before it.
        """

        def change(old: PolicyState) -> dict[str, Any] | None:
            if old.version != version or old.previous is None:
                return None
            return {"rules": old.previous, "previous": None}

        row = _row(where, now, by, AuditAction.RULES, "undone")
        return await self._change(where, change, row)

    async def pause(
        self, where: WorkspaceId, now: datetime, by: str, reason: str = ""
    ) -> tuple[Pause, bool]:
        """Pause a workspace's calls, unless they are.

        Returns the pause that holds, and whether it has begun by this.
        """
        reason = reason[:LONGEST_REASON]
        row = _row(where, now, by, AuditAction.PAUSE, reason)
        paused = {"paused_at": now, "paused_by": by, "pause_reason": reason}
        new = Pause(by=by, since=now, reason=reason)
        if await self._change(where, lambda old: None if old.pause else paused, row):
            return new, True
        return (await self.of(where)).pause or new, False

    async def resume(self, where: WorkspaceId, now: datetime, by: str) -> bool:
        """End a pause; return False if there was none."""
        row = _row(where, now, by, AuditAction.RESUME)
        over = {"paused_at": None, "paused_by": "", "pause_reason": ""}
        return await self._change(where, lambda old: over if old.pause else None, row)

    async def _change(self, where: WorkspaceId, decide: _Decide, row: AuditRow) -> bool:
        def work(connection: Connection) -> bool:
            old = read_state(connection, where, for_update=True)
            new = decide(old)
            if new is None:
                return False
            if "rules" in new:
                new |= {
                    "version": old.version + 1,
                    "changed_at": row.at,
                    "changed_by": row.user,
                }
            _put(connection, where, new, is_new=old is NO_STATE)
            insert_audit(connection, row)
            tell_of_policy(connection, self._me, where)
            return True

        order = f"policy {where.enterprise} {where.team}"
        try:
            return await self._writer.run(work, order)
        except RowRefused:  # another process has stored the first row meanwhile
            return await self._writer.run(work, order)


def read_state(
    connection: Connection, where: WorkspaceId, *, for_update: bool = False
) -> PolicyState:
    """Return what is stored of a workspace; `NO_STATE` if nothing is."""
    query = select(policy_states).where(*_here(where))
    row = connection.execute(query.with_for_update() if for_update else query).first()
    return NO_STATE if row is None else _state(row)


def pause_of(since: datetime | None, by: str, reason: str) -> Pause | None:
    """Return the pause that the columns of a row tell of."""
    return None if since is None else Pause(by=by, since=since, reason=reason)


def _state(row: Row[Any]) -> PolicyState:
    return PolicyState(
        version=row.version,
        rules=row.rules,
        previous=row.previous,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        pause=pause_of(row.paused_at, row.paused_by, row.pause_reason),
    )


def _put(
    connection: Connection, where: WorkspaceId, new: dict[str, Any], *, is_new: bool
) -> None:
    if is_new:
        key = {"enterprise": where.enterprise, "team": where.team, "version": 0}
        connection.execute(insert(policy_states).values(key | new))
    else:
        connection.execute(update(policy_states).where(*_here(where)).values(new))


def _here(where: WorkspaceId) -> tuple[Any, Any]:
    return PS.enterprise == where.enterprise, PS.team == where.team


def _row(
    where: WorkspaceId, at: datetime, by: str, action: AuditAction, detail: str = ""
) -> AuditRow:
    return AuditRow(at=at, where=where, user=by, action=action, detail=detail)
