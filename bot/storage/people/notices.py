"""Notices that people are still owed about their sign-ins, each posted by one process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, select, update

from bot.storage.database.writer import Writer
from bot.storage.people.linked import Linked, from_row
from bot.storage.people.tables import connections

CN = connections.c

NOTICE_LEASE = timedelta(minutes=2)
"""Longer than looking for a message and posting it take, with all their time-outs."""


class Notice(StrEnum):
    """The notices about a sign-in; a person gets each once."""

    ENDED = "ended"
    ENDING = "ending"

    def about(self, one: Linked) -> datetime | None:
        """Return the time that the notice is about, which differs for each sign-in."""
        return one.broken_at if self is Notice.ENDED else one.ends_at


ABOUT = {Notice.ENDED: CN.broken_at, Notice.ENDING: CN.ends_at}
TOLD = {Notice.ENDED: CN.told_at, Notice.ENDING: CN.warned_at}


@dataclass(frozen=True, slots=True)
class NoticeTurn:
    """The lease to post a notice; *tried_at*: since when it may have been posted."""

    tried_at: datetime | None


class Notices:
    """The columns of `connections` about notices; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def broken(self, now: datetime) -> list[Linked]:
        """Return the broken connections whose people are to be told now."""
        query = select(connections).where(
            CN.broken_at.is_not(None), CN.told_at.is_(None), CN.notice_due_at <= now
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return [from_row(row) for row in rows]

    async def lease(
        self, one: Linked, notice: Notice, now: datetime
    ) -> NoticeTurn | None:
        """Take the lease to post a notice, and store that it is tried.

        Returns None if it was posted, another process has the lease, or it is not due.
        """
        due = and_(_is_owed(one, notice), CN.notice_due_at <= now)

        def work(connection: Connection) -> NoticeTurn | None:
            query = select(CN.notice_tried_at).where(due).with_for_update()
            row = connection.execute(query).first()
            if row is None:
                return None
            since = row.notice_tried_at
            leased = update(connections).where(CN.id == one.id)
            leased = leased.values(
                notice_due_at=now + NOTICE_LEASE, notice_tried_at=since or now
            )
            connection.execute(leased)
            return NoticeTurn(since)

        return await self._writer.run(work, f"connection {one.id}")

    async def postpone(
        self, one: Linked, notice: Notice, at: datetime, tried_at: datetime | None
    ) -> None:
        """Make a notice due again *at*; *tried_at* as in `NoticeTurn`."""
        await self._change(one, notice, notice_due_at=at, notice_tried_at=tried_at)

    async def done(self, one: Linked, notice: Notice, now: datetime) -> None:
        """Store that a notice was posted."""
        posted = {
            TOLD[notice].name: now,
            "notice_due_at": now,
            "notice_tried_at": None,
        }
        await self._change(one, notice, **posted)

    async def _change(self, one: Linked, notice: Notice, **values: object) -> None:
        change = update(connections).where(_is_owed(one, notice)).values(values)
        await self._writer.run(lambda c: c.execute(change))


def _is_owed(one: Linked, notice: Notice) -> ColumnElement[bool]:
    """Return the condition for the row if the same sign-in still lacks the notice."""
    same = ABOUT[notice] == notice.about(one)
    return and_(CN.id == one.id, same, TOLD[notice].is_(None))
