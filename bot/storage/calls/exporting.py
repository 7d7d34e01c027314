"""Reads calls for an export, page by page: the memory that it takes does not grow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from bot.calls.call import Call
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls

CALLS_A_PAGE = 1000


@dataclass(frozen=True, slots=True)
class WantedCalls:
    """Which calls are exported; what is empty or None does not matter.

    Attributes:
        since: When the first of them was asked for.
        until: Before when the last of them was.
        team: The id of a workspace or an organization.
    """

    since: datetime | None = None
    until: datetime | None = None
    user: str = ""
    channel: str = ""
    team: str = ""

    @property
    def condition(self) -> ColumnElement[bool]:
        """The condition for their rows."""
        c = calls.c
        wanted = [
            *([c.asked_at >= self.since] if self.since else []),
            *([c.asked_at < self.until] if self.until else []),
            *([c.user == self.user] if self.user else []),
            *([c.channel == self.channel] if self.channel else []),
            *(
                [or_(c.team == self.team, c.enterprise == self.team)]
                if self.team
                else []
            ),
        ]
        return and_(True, *wanted)  # noqa: FBT003 - the condition of all


class ExportedCalls:
    """Reads them from *store*; all methods raise `StoreUnavailable`."""

    def __init__(self, store: Store, page: int = CALLS_A_PAGE) -> None:
        self._store = store
        self._page = page

    async def pages(self, wanted: WantedCalls) -> AsyncIterator[list[Call]]:
        """Yield the calls, the oldest first; those that can't be read are left out."""
        query = select(calls).where(wanted.condition)
        query = query.order_by(calls.c.asked_at, calls.c.id).limit(self._page)
        rest = query
        while True:
            rows = await self._store.writer.run(
                lambda c, q=rest: list(c.execute(q).all())  # type: ignore[misc]
            )
            yield self._store.unreadable.calls_in(rows)
            if len(rows) < self._page:
                return
            at, identity = rows[-1].asked_at, rows[-1].id
            later = or_(calls.c.asked_at > at, calls.c.id > identity)
            rest = query.where(calls.c.asked_at >= at, later)

    async def workspaces(self, wanted: WantedCalls) -> list[tuple[str, str]]:
        """Return the organization and workspace of each that such calls are of."""
        places = select(calls.c.enterprise, calls.c.team).where(wanted.condition)
        query = places.distinct().order_by(calls.c.enterprise, calls.c.team)
        rows = await self._store.writer.run(lambda c: c.execute(query).all())
        return [(row.enterprise, row.team) for row in rows]
