"""What a list of calls needs of our own calls: whose a record is, which are kept private."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from bot.calls.call import Call, State
from bot.calls.lists.withheld import Withheld
from bot.storage.calls.store import Store
from bot.storage.calls.tables import IS_PRIVATE, call_records, calls, withheld_calls

RECORDS = (
    select(func.count())
    .where(call_records.c.call == calls.c.id)
    .correlate(calls)
    .scalar_subquery()
)

RECORD_AWAITED = (State.PLACING, State.FOLLOWING, State.RECORDING)
RESULT_KNOWN = (State.REPORTING, State.CLOSING)


class ListedCalls:
    """Reads them from the database of *store*."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def beside_log(self, account: str, read_at: datetime) -> list[Call]:
        """Return an account's calls that may be missing from its log as read then.

        They have no record yet, or their record was found since. The oldest comes first.
        """
        found_since = or_(
            calls.c.state.in_(RESULT_KNOWN),
            and_(calls.c.state == State.DONE, calls.c.next_at >= read_at),
        )
        may_lack = or_(
            calls.c.state.in_(RECORD_AWAITED), and_(found_since, RECORDS > 0)
        )
        query = select(calls).where(calls.c.account == account, may_lack)
        return await self._store.writer.run(
            lambda connection: self._store.unreadable.calls_in(
                connection.execute(query.order_by(calls.c.asked_at))
            )
        )

    async def adopters(self, ids: Iterable[str]) -> dict[str, Call]:
        """Return the call of each of those call-log records that belongs to one."""
        pairs = select(call_records.c.id, call_records.c.call).where(
            call_records.c.id.in_(list(ids))
        )
        unreadable = self._store.unreadable

        def work(connection: Connection) -> dict[str, Call]:
            of = {row.id: row.call for row in connection.execute(pairs)}
            query = select(calls).where(calls.c.id.in_(set(of.values())))
            found = unreadable.calls_in(connection.execute(query))
            by_id = {call.id: call for call in found}
            return {record: by_id[call] for record, call in of.items() if call in by_id}

        return await self._store.writer.run(work)

    async def without_both_records(
        self, since: datetime, near: tuple[datetime, datetime]
    ) -> list[Call]:
        """Return the calls that may have a record in a log that is not identified yet.

        These are the private ones that were sent since then and have no record, and all
        those that were sent *near* these two moments and have one record at most:
        RingCentral may log a call as two.
        """
        is_near = calls.c.sent_at.between(*near)
        lacks = or_(and_(IS_PRIVATE, RECORDS == 0), and_(is_near, RECORDS <= 1))
        query = select(calls).where(calls.c.sent_at >= since, lacks)
        unreadable = self._store.unreadable
        return await self._store.writer.run(
            lambda connection: unreadable.calls_in(connection.execute(query))
        )

    async def withheld(self, since: datetime) -> list[Withheld]:
        """Return what is kept of private calls that were sent since then and erased."""
        query = select(withheld_calls).where(withheld_calls.c.sent_at >= since)
        return await self._store.writer.run(
            lambda connection: [
                Withheld(row.id, row.account, row.sent_at, has_record=row.has_record)
                for row in connection.execute(query)
            ]
        )
