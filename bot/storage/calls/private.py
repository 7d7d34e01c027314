"""The calls that people keep to themselves, so that no list shows them to others."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, func, or_, select

from bot.calls.call import Call
from bot.calls.person import Shows
from bot.storage.calls.store import Store
from bot.storage.calls.tables import call_records, calls

KEPT = or_(calls.c.shows != Shows.CHANNEL, calls.c.channel.like("D%"))
"""Ids of DMs begin with D; see `bot.calls.work_list.is_kept_from`."""

RECORDS = (
    select(func.count())
    .where(call_records.c.call == calls.c.id)
    .correlate(calls)
    .scalar_subquery()
)


class PrivateCalls:
    """Reads them from the database of *store*."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def without_both_records(
        self, since: datetime, near: tuple[datetime, datetime]
    ) -> list[Call]:
        """Return those that were sent since then, and whose record is not known.

        With them, those sent *near* these two moments that have one record: RingCentral
        may log a call as two.
        """
        is_near = calls.c.sent_at.between(*near)
        lacks = or_(RECORDS == 0, and_(RECORDS == 1, is_near))
        query = select(calls).where(calls.c.sent_at >= since, KEPT, lacks)
        unreadable = self._store.unreadable
        return await self._store.writer.run(
            lambda connection: unreadable.calls_in(connection.execute(query))
        )
