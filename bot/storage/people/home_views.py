"""Who has lately opened their Home, for all processes, and what it shows there.

Slack tells one process of an opening, and a person's calls may be another's; so it is
kept here, where a restart does not lose it either.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.calls.person import Person
from bot.storage.calls.tables import calls
from bot.storage.database.person_rows import columns, of_person
from bot.storage.database.writer import Writer
from bot.storage.people.tables import home_views

LATELY = timedelta(hours=1)
"""So long an opened Home is kept up to date: Slack does not tell who leaves it."""


class HomeViews:
    """The table `home_views`; all raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def note(self, person: Person, now: datetime) -> None:
        """Remember that *person* has opened it; what it shows is not known."""
        values = {"opened_at": now, "shown": ""}

        def work(connection: Connection) -> None:
            again = (
                update(home_views).where(of_person(home_views, person)).values(values)
            )
            if not connection.execute(again).rowcount:
                row = columns(person) | values
                connection.execute(insert(home_views).values(row))

        try:
            await self._writer.run(work, _lock_of(person))
        except IntegrityError:  # another process was told of an opening just now
            await self._writer.run(work, _lock_of(person))

    async def lately(self, enterprise: str, team: str, now: datetime) -> set[Person]:
        """Return who of a workspace may be looking at it."""
        query = select(home_views.c.user).where(
            home_views.c.enterprise == enterprise,
            home_views.c.team == team,
            home_views.c.opened_at > now - LATELY,
        )
        users = await self._writer.run(lambda c: list(c.scalars(query)))
        return {Person(enterprise, team, user) for user in users}

    async def interrupted(self, now: datetime) -> set[Person]:
        """Return those of whose calls somebody who is gone may not have shown the end."""
        theirs = (calls.c[each.name] == each for each in home_views.primary_key.columns)
        late = exists().where(*theirs, calls.c.next_at > now - LATELY)
        query = select(*home_views.primary_key.columns).where(
            home_views.c.opened_at > now - LATELY, late
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return {Person(*row) for row in rows}

    async def shown(self, person: Person) -> str:
        """Return the digest of what it shows; empty where that is not known."""
        query = select(home_views.c.shown).where(of_person(home_views, person))
        return await self._writer.run(lambda c: c.scalar(query)) or ""

    async def show(self, person: Person, digest: str) -> None:
        """Remember what it shows."""
        change = (
            update(home_views).where(of_person(home_views, person)).values(shown=digest)
        )
        await self._writer.run(lambda c: c.execute(change), _lock_of(person))


def _lock_of(person: Person) -> str:
    return f"opening {person.team} {person.user}"
