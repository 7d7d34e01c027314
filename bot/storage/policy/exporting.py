"""Reads the audit for an export, page by page: the memory that it takes does not grow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.storage.database.writer import Writer
from bot.storage.policy.audit import ROWS_A_PAGE, insert_audit, row_of
from bot.storage.policy.tables import audit_rows

BY_OPERATOR = "ringout-bot"
"""Who did what the operator does on the command line."""


@dataclass(frozen=True, slots=True)
class WantedRows:
    """Which rows are exported; what is empty or None does not matter.

    Attributes:
        team: The id of a workspace or an organization.
    """

    since: datetime | None = None
    until: datetime | None = None
    user: str = ""
    team: str = ""

    @property
    def condition(self) -> ColumnElement[bool]:
        """The condition for the rows."""
        a = audit_rows.c
        wanted = [
            *([a.at >= self.since] if self.since else []),
            *([a.at < self.until] if self.until else []),
            *([a.user == self.user] if self.user else []),
            *(
                [or_(a.team == self.team, a.enterprise == self.team)]
                if self.team
                else []
            ),
        ]
        return and_(True, *wanted)  # noqa: FBT003 - the condition of all


class ExportedAudit:
    """Reads the table `audit_rows`; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer, page: int = ROWS_A_PAGE) -> None:
        self._writer = writer
        self._page = page

    async def pages(self, wanted: WantedRows) -> AsyncIterator[list[AuditRow]]:
        """Yield the rows, the oldest first."""
        query = select(audit_rows).where(wanted.condition)
        query = query.order_by(audit_rows.c.id).limit(self._page)
        last = 0
        while True:
            rest = query.where(audit_rows.c.id > last)
            rows = await self._writer.run(
                lambda c, q=rest: list(c.execute(q).all())  # type: ignore[misc]
            )
            yield [row_of(row) for row in rows]
            if len(rows) < self._page:
                return
            last = rows[-1].id

    async def workspaces(self, wanted: WantedRows) -> list[WorkspaceId]:
        """Return the workspaces that such rows are of."""
        places = select(audit_rows.c.enterprise, audit_rows.c.team)
        query = places.where(wanted.condition).distinct()
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return sorted(
            (WorkspaceId(*row) for row in rows), key=lambda w: (w.enterprise, w.team)
        )


async def note_export(
    writer: Writer, spaces: list[WorkspaceId], at: datetime, what: str
) -> None:
    """Have the audit of each workspace say that the command line exported *what*."""
    rows = [
        AuditRow(
            at=at,
            where=each,
            user=BY_OPERATOR,
            action=AuditAction.EXPORT,
            detail=what,
        )
        for each in spaces
    ]

    def work(connection: Connection) -> None:
        for row in rows:
            insert_audit(connection, row)

    await writer.run(work)
