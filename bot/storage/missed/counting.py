"""Counts the missed calls that a workspace's channels were told of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, case, func, select

from bot.calls.digest import MissedSums
from bot.storage.calls.counting import CallsOf
from bot.storage.database.writer import Writer
from bot.storage.missed.tables import missed_cards

_CARDS = missed_cards.c

IS_UNTAKEN = and_(
    _CARDS.taken_by == "", _CARDS.is_over.is_(False), _CARDS.is_rest.is_(False)
)


class MissedCounting:
    """Reads the table `missed_cards`. Raises `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def of(self, whose: CallsOf, since: datetime, until: datetime) -> MissedSums:
        """Return the sums of the cards that were stored *since* then and before *until*.

        Those in people's DMs are theirs, and left out. A call that has joined an earlier
        card since is not counted.
        """
        query = select(
            func.coalesce(func.sum(_CARDS.calls), 0),
            func.coalesce(func.sum(case((IS_UNTAKEN, 1), else_=0)), 0),
        ).where(
            whose.rows_of(missed_cards),
            _CARDS.user == "",
            _CARDS.told_at >= since,
            _CARDS.told_at < until,
        )
        row = await self._writer.run(lambda c: c.execute(query).one())
        return MissedSums(int(row[0]), int(row[1]))
