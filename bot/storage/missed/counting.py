"""Counts the missed calls that a workspace's channels were told of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, case, distinct, func, select

from bot.calls.digest import MissedSums
from bot.storage.calls.counting import CallsOf
from bot.storage.database.writer import Writer
from bot.storage.missed.tables import missed_cards, missed_tellings

_CARDS = missed_cards.c

IS_UNTAKEN = and_(
    _CARDS.taken_by == "", _CARDS.is_over.is_(False), _CARDS.is_rest.is_(False)
)


class MissedCounting:
    """Reads the tables of missed-call cards. Raises `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def of(self, whose: CallsOf, since: datetime, until: datetime) -> MissedSums:
        """Return the sums of the calls that were told *since* then and before *until*.

        Those in people's DMs are theirs, and left out. A card counts as untaken in each
        time in which it has told of calls.
        """
        at = func.coalesce(missed_tellings.c.at, _CARDS.told_at)
        told = func.coalesce(missed_tellings.c.calls, _CARDS.calls)
        query = (
            select(
                func.coalesce(func.sum(told), 0),
                func.count(distinct(case((IS_UNTAKEN, _CARDS.id)))),
            )
            .select_from(missed_cards.outerjoin(missed_tellings))
            .where(
                whose.rows_of(missed_cards), _CARDS.user == "", at >= since, at < until
            )
        )
        row = await self._writer.run(lambda c: c.execute(query).one())
        return MissedSums(int(row[0]), int(row[1]))
