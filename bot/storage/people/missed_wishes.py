"""Who wants to be told of their missed calls: people with an account of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, select

from bot.calls.people.person import Person, Preferences
from bot.storage.database.person_rows import COLUMNS
from bot.storage.database.writer import Writer
from bot.storage.people.tables import connections, preferences


@dataclass(frozen=True, slots=True)
class MissedWish:
    """A person who wants it, the id of their account, and since when."""

    person: Person
    account: str
    since: datetime


class MissedWishes:
    """Reads it from people's settings. Raises `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def all(self) -> list[MissedWish]:
        """Return all whose sign-in works, by one query."""
        own = and_(*(preferences.c[e] == connections.c[e] for e in COLUMNS))
        chosen = preferences.c.chosen
        query = (
            select(connections, chosen)
            .select_from(connections.join(preferences, own))
            .where(
                connections.c.broken_at.is_(None),
                chosen.contains('"missed_since"'),
                ~chosen.contains('"missed_since": 0.0'),
            )
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        found = []
        for row in rows:
            since = Preferences.load(row.chosen).missed_since
            if since > 0:
                at = max(datetime.fromtimestamp(since, UTC), row.connected_at)
                person = Person(row.enterprise, row.team, row.user)
                found.append(MissedWish(person, row.id, at))
        return found
