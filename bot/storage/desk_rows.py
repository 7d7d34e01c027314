"""What the admin's desk counts and lists of one workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from bot.calls.call import State
from bot.policy.desk_sheet import SignedInPerson
from bot.policy.workspace import WorkspaceId
from bot.storage.calls.tables import calls
from bot.storage.database.writer import Writer
from bot.storage.hooks.tables import hook_events
from bot.storage.people import linked
from bot.storage.people.tables import connections
from bot.storage.policy.tables import do_not_call


@dataclass(frozen=True, slots=True)
class DeskCounts:
    """How many calls are open, entries are on the list, and events wait to be told."""

    open_calls: int
    blocked: int
    hooks_waiting: int


class DeskRows:
    """Reads for the desk; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def counts(self, where: WorkspaceId) -> DeskCounts:
        """Count what is going on in a workspace."""
        is_open = calls.c.state.in_((State.REQUESTED, State.PLACING, State.FOLLOWING))
        waiting = hook_events.join(calls, hook_events.c.call == calls.c.id)
        queries = (
            _in(where, calls).where(is_open),
            _in(where, do_not_call),
            _in(where, calls).select_from(waiting),
        )
        found = await self._writer.run(lambda c: [c.scalar(each) for each in queries])
        return DeskCounts(*(int(each or 0) for each in found))

    async def signed_in(self, where: WorkspaceId) -> list[SignedInPerson]:
        """Return who has connected an account, those whose sign-in has ended first."""
        query = (
            select(connections)
            .where(
                connections.c.enterprise == where.enterprise,
                connections.c.team == where.team,
            )
            .order_by(connections.c.broken_at.is_(None), connections.c.user)
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return [
            SignedInPerson(
                user=row.user,
                name=linked.from_row(row).extension.name,
                connected_at=row.connected_at,
                is_broken=row.broken_at is not None,
            )
            for row in rows
        ]


def _in(where: WorkspaceId, table: Any) -> Select[Any]:
    return select(func.count()).where(
        table.c.enterprise == where.enterprise, table.c.team == where.team
    )
