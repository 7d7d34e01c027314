"""Who has lately opened their Home tab, and what it shows.

It is in the database because Slack tells only one process that a Home was opened, while
another may hold that person's calls; and so that a restart does not lose it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, insert, select, update

from bot.calls.people.person import Person
from bot.errors import RowRefused
from bot.storage.calls.tables import calls
from bot.storage.database.person_rows import columns, of_person
from bot.storage.database.writer import Writer
from bot.storage.people.tables import home_views

HOME_KEPT_FRESH_FOR = timedelta(hours=1)
"""How long a Home is kept up to date after it was opened: Slack does not say when a person
leaves it."""


class HomeViews:
    """The table `home_views`; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def note(self, person: Person, now: datetime) -> None:
        """Store that *person* has opened their Home, and that its content is unknown."""
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
        except RowRefused:  # another process has just inserted it
            await self._writer.run(work, _lock_of(person))

    async def lately(self, enterprise: str, team: str, now: datetime) -> set[Person]:
        """Return the people of a workspace who may be looking at their Home."""
        query = select(home_views.c.user).where(
            home_views.c.enterprise == enterprise,
            home_views.c.team == team,
            home_views.c.opened_at > now - HOME_KEPT_FRESH_FOR,
        )
        users = await self._writer.run(lambda c: list(c.scalars(query)))
        return {Person(enterprise, team, user) for user in users}

    async def interrupted(self, now: datetime) -> set[Person]:
        """Return the people whose Home may lack the end of a call, after a crash."""
        theirs = (calls.c[each.name] == each for each in home_views.primary_key.columns)
        recent = exists().where(*theirs, calls.c.next_at > now - HOME_KEPT_FRESH_FOR)
        query = select(*home_views.primary_key.columns).where(
            home_views.c.opened_at > now - HOME_KEPT_FRESH_FOR, recent
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return {Person(*row) for row in rows}

    async def shown(self, person: Person) -> str:
        """Return the digest of what a Home shows; empty if that is unknown."""
        query = select(home_views.c.shown).where(of_person(home_views, person))
        return await self._writer.run(lambda c: c.scalar(query)) or ""

    async def show(self, person: Person, digest: str) -> None:
        """Store the digest of what a Home shows."""
        change = (
            update(home_views).where(of_person(home_views, person)).values(shown=digest)
        )
        await self._writer.run(lambda c: c.execute(change), _lock_of(person))


def _lock_of(person: Person) -> str:
    return f"home {person.team} {person.user}"
