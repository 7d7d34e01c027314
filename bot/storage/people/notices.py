"""What people are still to be told of their sign-ins: whose turn, and since when tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, select, update

from bot.storage.database.writer import Writer
from bot.storage.people.linked import Linked, linked
from bot.storage.people.tables import connections

CN = connections.c

NOTICE_LEASE = timedelta(minutes=2)
"""Longer than looking for a message and posting it take with all their time-outs."""


class Notice(StrEnum):
    """What there is to tell; each once, of each sign-in."""

    ENDED = "ended"
    ENDING = "ending"

    def about(self, one: Linked) -> datetime | None:
        """Return the moment that it tells of: with the connection's id, which one it is."""
        return one.broken_at if self is Notice.ENDED else one.ends_at


ABOUT = {Notice.ENDED: CN.broken_at, Notice.ENDING: CN.ends_at}
TOLD = {Notice.ENDED: CN.told_at, Notice.ENDING: CN.warned_at}


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn to tell; *tried_at*: since when it may have been posted already."""

    tried_at: datetime | None


class Notices:
    """The columns of `connections` about telling; all raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def untold(self, now: datetime) -> list[Linked]:
        """Return the connections that broke and whose people are to be told now."""
        query = select(connections).where(
            CN.broken_at.is_not(None), CN.told_at.is_(None), CN.tell_at <= now
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return [linked(row) for row in rows]

    async def begin(self, one: Linked, notice: Notice, now: datetime) -> Turn | None:
        """Take the turn to tell, and note that it is being tried.

        None where it was told, another process is at it, or it is not yet to be tried
        again. A process that dies meanwhile leaves the turn to others after a while.
        """
        free = and_(_still(one, notice), CN.tell_at <= now)

        def work(connection: Connection) -> Turn | None:
            query = select(CN.tried_at).where(free).with_for_update()
            row = connection.execute(query).first()
            if row is None:
                return None
            taken = update(connections).where(CN.id == one.id)
            since = row.tried_at or now
            connection.execute(taken.values(tell_at=now + NOTICE_LEASE, tried_at=since))
            return Turn(row.tried_at)

        return await self._writer.run(work, f"connection {one.id}")

    async def later(
        self, one: Linked, notice: Notice, at: datetime, tried_at: datetime | None
    ) -> None:
        """Give the turn back till *at*; *tried_at* as `Turn` has it."""
        await self._change(one, notice, tell_at=at, tried_at=tried_at)

    async def done(self, one: Linked, notice: Notice, now: datetime) -> None:
        """Note that it was told."""
        told = {TOLD[notice].name: now, "tell_at": now, "tried_at": None}
        await self._change(one, notice, **told)

    async def _change(self, one: Linked, notice: Notice, **values: object) -> None:
        change = update(connections).where(_still(one, notice)).values(values)
        await self._writer.run(lambda c: c.execute(change))


def _still(one: Linked, notice: Notice) -> ColumnElement[bool]:
    """Find the connection if it still is the one to be told of, and not made anew."""
    same = ABOUT[notice] == notice.about(one)
    return and_(CN.id == one.id, same, TOLD[notice].is_(None))
