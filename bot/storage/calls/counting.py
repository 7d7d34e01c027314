"""Reads of calls only what reports count, page by page: the memory does not grow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, func, or_, select

from bot.calls.aftermath import UNCLAIMED, Aftermath
from bot.calls.call import End
from bot.calls.figures import NO_TIME, CountedCall
from bot.calls.people.person import Shows
from bot.storage.calls.tables import IS_PRIVATE, calls, outcome_from
from bot.storage.database.writer import Writer

C = calls.c

COUNTED_A_PAGE = 500
"""Few enough that commands don't have to wait long for the database."""

COUNTED_COLUMNS = (
    C.id,
    C.user,
    C.asked_at,
    C.shows,
    C.channel,
    C.end,
    C.connected,
    C.outcome,
    C.aftermath,
)


@dataclass(frozen=True, slots=True)
class CallsOf:
    """Whose calls are counted: one workspace's, or one *user*'s in it.

    Attributes:
        enterprises: The organization's id, and an empty one for calls from before the
            workspace joined it.
        team: Empty for all workspaces of the organization.
    """

    enterprises: tuple[str, ...]
    team: str
    user: str = ""

    @property
    def workspace(self) -> ColumnElement[bool]:
        """The condition for calls of all people there."""
        return self.rows_of(calls)

    def rows_of(self, table: Table) -> ColumnElement[bool]:
        """Return the condition for the workspace's rows in a table with its columns."""
        there = table.c.enterprise.in_(self.enterprises)
        is_whole_organization = not self.team and "" not in self.enterprises
        return (
            there if is_whole_organization else and_(there, table.c.team == self.team)
        )

    @property
    def placed(self) -> ColumnElement[bool]:
        """The condition for calls that they have placed."""
        return (
            and_(self.workspace, C.user == self.user) if self.user else self.workspace
        )


class Counting:
    """Reads what is counted; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer, page: int = COUNTED_A_PAGE) -> None:
        self._writer = writer
        self._page = page

    async def pages(
        self, whose: CallsOf, since: datetime, until: datetime
    ) -> AsyncIterator[list[CountedCall]]:
        """Yield the calls that were asked for *since* then and before *until*."""
        query = (
            select(*COUNTED_COLUMNS)
            .where(whose.placed, C.asked_at >= since, C.asked_at < until)
            .order_by(C.asked_at, C.id)
            .limit(self._page)
        )
        rest = query
        while True:
            rows = await self._writer.run(lambda c, q=rest: c.execute(q).all())  # type: ignore[misc]
            yield [_counted(row) for row in rows]
            if len(rows) < self._page:
                return
            at, identity = rows[-1].asked_at, rows[-1].id
            later = or_(C.asked_at > at, C.id > identity)
            rest = query.where(C.asked_at >= at, later)

    async def to_call_back(self, whose: CallsOf, *, with_private: bool) -> int:
        """Return how many calls somebody has to call back, of any time.

        Of one person: those that they have taken on, and their own that nobody has.
        *with_private*: also those that their person keeps to themselves.
        """
        left = and_(whose.workspace, C.follow_up != "")
        if whose.user:
            mine = and_(C.follow_up == UNCLAIMED, C.user == whose.user)
            left = and_(left, or_(C.follow_up == whose.user, mine))
        if not with_private:
            left = and_(left, ~IS_PRIVATE)
        query = select(func.count()).select_from(calls).where(left)
        return await self._writer.run(lambda c: c.scalar(query) or 0)


def _counted(row: Row[Any]) -> CountedCall:
    """Return what is counted of a row; of one by a newer program only that it is there."""
    is_private = row.shows != Shows.CHANNEL or row.channel.startswith("D")
    try:
        said = Aftermath.load(row.aftermath)
        chosen = said.disposition if said else None
        found = outcome_from(row.outcome)
        return CountedCall(
            row.user,
            row.asked_at,
            is_private,
            End(row.end) if row.end else None,
            found.callee.ending if found else None,
            row.connected,
            (found.talked if found else None) or NO_TIME,
            chosen.text if chosen else "",
        )
    except (ValueError, TypeError, LookupError, AttributeError):
        return CountedCall(row.user, row.asked_at, is_private, End.UNCONFIRMED)
