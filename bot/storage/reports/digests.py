"""Stores how far digests are. ``next_at`` is one's timer, and the lease of who posts it.

Which digest is about to be posted is stored before anything is posted. Whoever leases the
row after that looks in Slack first, so it is posted once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from bot.errors import RowRefused
from bot.storage.database.person_rows import of_workspace
from bot.storage.database.writer import Writer
from bot.storage.reports.tables import digests

DG = digests.c

DIGEST_LEASE = timedelta(seconds=120)
"""Longer than looking for a digest, counting and posting it take, and than a post whose
answer was lost may still need to show up."""


@dataclass(frozen=True, slots=True)
class LeasedDigest:
    """A digest that this process works on.

    Attributes:
        told_until: When the last one that was posted ended: this one begins there.
        tried_for: When the one was due that may have been posted since; None if none was.
        leased_until: Until when no other process works on it.
    """

    id: str
    told_until: datetime
    tried_for: datetime | None
    leased_until: datetime


class DigestRows:
    """The table `digests`; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def begin(
        self, digest_id: str, space: tuple[str, str], since: datetime, next_at: datetime
    ) -> None:
        """Store a digest unless it is known; its first one counts calls *since* then."""
        known = select(DG.id).where(DG.id == digest_id)
        row = {
            "id": digest_id,
            "enterprise": space[0],
            "team": space[1],
            "told_until": since,
            "next_at": next_at,
        }

        def work(connection: Connection) -> None:
            if connection.scalar(known) is None:
                connection.execute(insert(digests).values(row))

        try:
            await self._writer.run(work)
        except RowRefused:  # another process has just stored it
            return

    async def known(self, ids: Collection[str]) -> set[str]:
        """Return those *ids* that are stored."""
        query = select(DG.id).where(DG.id.in_(ids))
        return await self._writer.run(lambda c: set(c.scalars(query)))

    async def first_due(self, ids: Collection[str]) -> datetime | None:
        """Return when the next of these digests is due; None if none is stored."""
        query = select(func.min(DG.next_at)).where(DG.id.in_(ids))
        return await self._writer.run(lambda c: c.scalar(query))

    async def lease_due(
        self, ids: Collection[str], now: datetime
    ) -> list[LeasedDigest]:
        """Return those of these digests that are due; no other process gets them."""
        due = (
            select(digests)
            .where(DG.id.in_(ids), DG.next_at <= now)
            .with_for_update(skip_locked=True)
        )
        until = now + DIGEST_LEASE

        def work(connection: Connection) -> list[LeasedDigest]:
            rows = connection.execute(due).all()
            mine = update(digests).where(DG.id.in_([row.id for row in rows]))
            connection.execute(mine.values(next_at=until))
            return [LeasedDigest(r.id, r.told_until, r.due_at, until) for r in rows]

        return await self._writer.run(work, "digests due")

    async def will_post(self, leased: LeasedDigest, due_at: datetime) -> bool:
        """Store that the one of *due_at* is about to be posted; False if the lease is lost."""
        aimed = update(digests).where(_leased(leased)).values(due_at=due_at)
        return bool(await self._writer.run(lambda c: c.execute(aimed).rowcount))

    async def posted(
        self, leased: LeasedDigest, due_at: datetime, next_at: datetime
    ) -> None:
        """Store that the one of *due_at* was posted; the next one begins there."""
        told = update(digests).where(_leased(leased))
        told = told.values(told_until=due_at, due_at=None, next_at=next_at)
        await self._writer.run(lambda c: c.execute(told))

    async def later(
        self, leased: LeasedDigest, next_at: datetime, tried_for: datetime | None
    ) -> None:
        """Make it due again; *tried_for*: which one may have been posted all the same."""
        put_off = update(digests).where(_leased(leased))
        put_off = put_off.values(due_at=tried_for, next_at=next_at)
        await self._writer.run(lambda c: c.execute(put_off))


def delete_digests(connection: Connection, enterprise: str, team: str) -> None:
    """Delete those of a workspace that has left, or of all of an organization's."""
    theirs = of_workspace(digests, enterprise, team)
    connection.execute(delete(digests).where(theirs))


def delete_unused_since(connection: Connection, before: datetime) -> None:
    """Delete those that nobody has posted since then: the operator has taken them out."""
    connection.execute(delete(digests).where(DG.next_at < before))


def _leased(leased: LeasedDigest) -> ColumnElement[bool]:
    return and_(DG.id == leased.id, DG.next_at == leased.leased_until)
