"""Stores whom nobody of a workspace may call: numbers, and beginnings of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select

from bot.errors import RowRefused
from bot.policy.wish import DoNotCall
from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.storage.database.writer import Writer
from bot.storage.policy.audit import insert_audit
from bot.storage.policy.tables import do_not_call

DNC = do_not_call.c

SHORTEST_PREFIX = 2
"""Characters of the shortest beginning: a plus and a digit."""

ENTRIES_A_PAGE = 100


class DoNotCallList:
    """The table `do_not_call`; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def add(
        self, where: WorkspaceId, entry: DoNotCall, now: datetime, by: str
    ) -> bool:
        """Put a number on the list; return False if it was there already."""
        try:
            return await self._writer.run(
                lambda c: put_entry(c, where, entry, now, by), _order(where)
            )
        except RowRefused:  # another process has just added the same one
            return False

    async def remove(
        self, where: WorkspaceId, entry: DoNotCall, now: datetime, by: str
    ) -> bool:
        """Take a number off the list; return False if it was not on it."""
        same = delete(do_not_call).where(_is_in(where), *_same(entry))
        row = _audit(where, entry, now, by, "removed")

        def work(connection: Connection) -> bool:
            if not connection.execute(same).rowcount:
                return False
            insert_audit(connection, row)
            return True

        return await self._writer.run(work, _order(where))

    async def search(
        self, where: WorkspaceId, text: str = "", most: int = ENTRIES_A_PAGE
    ) -> list[DoNotCall]:
        """Return up to *most* entries whose digits or reason have *text*, the newest first."""
        query = (
            select(do_not_call)
            .where(_is_in(where))
            .order_by(DNC.added_at.desc(), DNC.digits)
            .limit(most)
        )
        if text:
            as_typed = (
                each.contains(text, autoescape=True)
                for each in (DNC.digits, DNC.reason)
            )
            in_lower = func.lower(DNC.reason).contains(text.lower(), autoescape=True)
            query = query.where(or_(*as_typed, in_lower))  # SQLite lowers ASCII alone
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return [_entry(row) for row in rows]

    async def covering(self, where: WorkspaceId, e164: str) -> DoNotCall | None:
        """Return the entry that covers a number, the most exact one."""
        return await self._writer.run(lambda c: covering_entry(c, where, e164))


def put_entry(
    connection: Connection,
    where: WorkspaceId,
    entry: DoNotCall,
    now: datetime,
    by: str,
    call: str = "",
) -> bool:
    """Put a number on the list, and in the audit; return False if it was there already.

    *call* is the call whose outcome it is, if it is one's.
    """
    there = select(DNC.digits).where(_is_in(where), *_same(entry))
    if connection.scalar(there) is not None:
        return False
    values = {
        "enterprise": where.enterprise,
        "team": where.team,
        "digits": entry.digits,
        "is_prefix": entry.is_prefix,
        "reason": entry.reason[:500],
        "added_at": now,
        "added_by": by,
    }
    connection.execute(insert(do_not_call).values(values))
    insert_audit(connection, _audit(where, entry, now, by, "added", call))
    return True


def covering_entry(
    connection: Connection, where: WorkspaceId, e164: str
) -> DoNotCall | None:
    """Return the entry that covers a number: itself, else its longest beginning."""
    query = (
        select(do_not_call)
        .where(_is_in(where), DNC.digits.in_(beginnings(e164)))
        .where(or_(DNC.is_prefix, DNC.digits == e164))
        .order_by(func.length(DNC.digits).desc(), DNC.is_prefix)
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else _entry(row)


def erase_listed_number(connection: Connection, number: str, *, dry: bool) -> int:
    """Take *number* (E.164) off every workspace's list; return off how many.

    Beginnings that cover it stay. *dry* only counts.
    """
    theirs = and_(DNC.digits == number, DNC.is_prefix.is_(False))
    if dry:
        count = select(func.count()).select_from(do_not_call).where(theirs)
        return connection.scalar(count) or 0
    return connection.execute(delete(do_not_call).where(theirs)).rowcount


def beginnings(e164: str) -> Sequence[str]:
    """Return all beginnings of a number that may be on the list, itself too."""
    return [e164[:end] for end in range(SHORTEST_PREFIX, len(e164) + 1)]


def _order(where: WorkspaceId) -> str:
    return f"do not call {where.enterprise} {where.team}"


def _is_in(where: WorkspaceId) -> Any:
    return (DNC.enterprise == where.enterprise) & (DNC.team == where.team)


def _same(entry: DoNotCall) -> tuple[Any, Any]:
    return DNC.digits == entry.digits, DNC.is_prefix == entry.is_prefix


def _audit(
    where: WorkspaceId,
    entry: DoNotCall,
    now: datetime,
    by: str,
    detail: str,
    call: str = "",
) -> AuditRow:
    return AuditRow(
        at=now,
        where=where,
        user=by,
        action=AuditAction.DO_NOT_CALL,
        number=entry.digits,
        detail=": ".join(each for each in (detail, entry.reason) if each),
        call=call,
    )


def _entry(row: Row[Any]) -> DoNotCall:
    return DoNotCall(
        digits=row.digits,
        is_prefix=row.is_prefix,
        reason=row.reason,
        by=row.added_by,
        added_at=row.added_at,
    )
