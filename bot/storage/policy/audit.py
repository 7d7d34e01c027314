"""Stores who did what. The program only adds rows: no method here changes one's meaning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    insert,
    or_,
    select,
    update,
)

from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.storage.database.writer import Writer
from bot.storage.policy.tables import audit_rows

AR = audit_rows.c

INSERT_AUDIT = insert(audit_rows)

LONGEST_WORDS = 2_000
"""Characters of a row's detail that are kept."""

ROWS_A_PAGE = 500
DELETED_AT_ONCE = 1_000
"""Few enough that commands don't have to wait long for the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which rows are read; what is empty or None matches all.

    Attributes:
        rule: A rule that decided, or an action.
        before: Only rows older than the one with this id, for the next page.
    """

    user: str = ""
    number: str = ""
    rule: str = ""
    action: AuditAction | None = None
    verdict: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


ALL_ROWS = AuditFilter()


class Audit:
    """The table `audit_rows`; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def add(self, row: AuditRow) -> None:
        """Add a row of its own; use `insert_audit` where it belongs to another change."""
        await self._writer.run(lambda c: insert_audit(c, row))

    async def read(
        self,
        where: WorkspaceId,
        wanted: AuditFilter = ALL_ROWS,
        most: int = ROWS_A_PAGE,
    ) -> list[AuditRow]:
        """Return up to *most* rows of a workspace, the newest first."""
        query = (
            select(audit_rows)
            .where(AR.enterprise == where.enterprise, AR.team == where.team)
            .where(*_conditions(wanted))
            .order_by(AR.id.desc())
            .limit(most)
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return [row_of(row) for row in rows]


def insert_audit(connection: Connection, row: AuditRow) -> None:
    """Add a row in the transaction of what it tells of."""
    connection.execute(INSERT_AUDIT, audit_values(row))


def audit_values(row: AuditRow) -> dict[str, Any]:
    """Return the columns of *row*."""
    return {
        "at": row.at,
        "enterprise": row.where.enterprise,
        "team": row.where.team,
        "user": row.user,
        "entrance": row.entrance,
        "action": row.action,
        "number": row.number,
        "rule": row.rule,
        "verdict": row.verdict,
        "call": row.call,
        "detail": row.detail[:LONGEST_WORDS],
    }


def erase_audited_number(connection: Connection, number: str, *, dry: bool) -> int:
    """Empty *number* (E.164) in all rows; return in how many. *dry* only counts."""
    theirs = or_(AR.number == number, AR.number == number.removeprefix("+"))
    if dry:
        return len(connection.execute(select(AR.id).where(theirs)).all())
    return connection.execute(
        update(audit_rows).where(theirs).values(number="")
    ).rowcount


def delete_audit_before(connection: Connection, before: datetime) -> int:
    """Delete some of the rows from before a time; return how many, 0 if none is left."""
    old = select(AR.id).where(AR.at < before).limit(DELETED_AT_ONCE)
    ids = list(connection.scalars(old))
    connection.execute(delete(audit_rows).where(AR.id.in_(ids)))
    return len(ids)


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    same = {
        AR.user: wanted.user,
        AR.number: wanted.number,
        AR.action: wanted.action,
        AR.verdict: wanted.verdict,
    }
    found = [column == value for column, value in same.items() if value]
    if wanted.rule:
        found.append(or_(AR.rule == wanted.rule, AR.action == wanted.rule))
    if wanted.since is not None:
        found.append(AR.at >= wanted.since)
    if wanted.until is not None:
        found.append(AR.at < wanted.until)
    if wanted.before is not None:
        found.append(AR.id < wanted.before)
    return found


def row_of(row: Row[Any]) -> AuditRow:
    """Return the row as a value."""
    return AuditRow(
        id=row.id,
        at=row.at,
        where=WorkspaceId(row.enterprise, row.team),
        user=row.user,
        entrance=row.entrance,
        action=AuditAction(row.action),
        number=row.number,
        rule=row.rule,
        verdict=row.verdict,
        call=row.call,
        detail=row.detail,
    )
