"""Whose turn it is to be looked up in Slack: each connected person, once a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from bot.calls.people.person import Person
from bot.storage.database.person_rows import of_person
from bot.storage.database.writer import Writer
from bot.storage.people.tables import connections

LOOK_UP_EVERY = timedelta(days=1)
LOOK_UP_AGAIN = timedelta(hours=1)
"""After a look-up that Slack did not answer, or whose process died."""


class LookUps:
    """The column ``look_up_at`` of `connections`; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def lease_due(self, now: datetime, most: int) -> list[Person]:
        """Return up to *most* people who are due; no other process gets them meanwhile."""

        def work(connection: Connection) -> list[Person]:
            due = (
                select(connections)
                .where(connections.c.look_up_at <= now)
                .order_by(connections.c.look_up_at)
                .limit(most)
                .with_for_update(skip_locked=True)
            )
            rows = connection.execute(due).all()
            leased = connections.c.id.in_([row.id for row in rows])
            later = update(connections).where(leased)
            connection.execute(later.values(look_up_at=now + LOOK_UP_AGAIN))
            return [Person(row.enterprise, row.team, row.user) for row in rows]

        return await self._writer.run(work, "look-ups")

    async def done(self, person: Person, now: datetime) -> None:
        """Note that Slack has answered: the next look-up is in a day."""
        later = update(connections).where(of_person(connections, person))
        later = later.values(look_up_at=now + LOOK_UP_EVERY)
        await self._writer.run(lambda c: c.execute(later))
