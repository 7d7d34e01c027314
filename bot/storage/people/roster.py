"""Who is known, for the operator: connected people, and what is stored about somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, func, select

from bot.calls.people.person import Person
from bot.storage.after.tables import reminders
from bot.storage.calls.tables import calls, declined_questions
from bot.storage.database.person_rows import of_person
from bot.storage.database.writer import Writer
from bot.storage.missed.tables import missed_cards
from bot.storage.people import linked
from bot.storage.people.linked import Linked
from bot.storage.people.tables import (
    connections,
    home_views,
    installations,
    pending_sign_ins,
    preferences,
    user_group_members,
)
from bot.storage.policy.tables import admin_alerts, admin_requests
from bot.storage.steps.tables import workflow_steps
from bot.vault import Undecryptable, Vault

ABOUT_A_PERSON = (
    connections,
    preferences,
    pending_sign_ins,
    home_views,
    workflow_steps,
    reminders,
    missed_cards,
    declined_questions,
    user_group_members,
    admin_alerts,
    admin_requests,
    calls,
)
"""All tables out of which people are erased; a test compares them with the schema."""


@dataclass(frozen=True, slots=True)
class ConnectedPerson:
    """A row of the list of connected people; no secret is in it.

    Attributes:
        used_at: When they asked for the newest call through it that is still kept.
        is_readable: Whether one of our keys decrypts the tokens; None without a key.
    """

    linked: Linked
    connected_at: datetime
    used_at: datetime | None
    is_readable: bool | None


class Roster:
    """Reads the tables about people; all methods raise `StoreUnavailable`."""

    def __init__(self, writer: Writer, vault: Vault) -> None:
        self._writer = writer
        self._vault = vault

    async def connected(self) -> list[ConnectedPerson]:
        """Return who is connected, by workspace and id."""
        used = (
            select(calls.c.account, func.max(calls.c.asked_at).label("used_at"))
            .group_by(calls.c.account)
            .subquery()
        )
        query = (
            select(connections, used.c.used_at)
            .outerjoin(used, used.c.account == connections.c.id)
            .order_by(connections.c.enterprise, connections.c.team, connections.c.user)
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        return [self._read(row) for row in rows]

    async def known_as(
        self, user: str, tables: tuple[Table, ...] = ABOUT_A_PERSON
    ) -> list[Person]:
        """Return everybody with this Slack id of whom *tables* have a row."""

        def work(connection: Connection) -> set[Person]:
            found: set[Person] = set()
            for table in tables:
                query = select(table.c.enterprise, table.c.team).distinct()
                rows = connection.execute(query.where(table.c.user == user))
                found |= {Person(row.enterprise, row.team, user) for row in rows}
            return found

        found = await self._writer.run(work)
        return sorted(found, key=lambda each: (each.enterprise, each.team))

    async def installed_by(self, user: str) -> list[Person]:
        """Return the same for whoever has installed the app."""
        query = select(installations.c.enterprise, installations.c.team)
        theirs = query.where(installations.c.installed_by == user)
        rows = await self._writer.run(lambda c: c.execute(theirs).all())
        return [Person(row.enterprise, row.team, user) for row in rows]

    async def counted(self, person: Person) -> dict[str, int]:
        """Return how many rows about a person each table has."""

        def work(connection: Connection) -> dict[str, int]:
            return {
                table.name: connection.scalar(
                    select(func.count())
                    .select_from(table)
                    .where(of_person(table, person))
                )
                or 0
                for table in ABOUT_A_PERSON
            }

        return await self._writer.run(work)

    def _read(self, row: Row[Any]) -> ConnectedPerson:
        is_readable = None
        if self._vault.has_key:
            try:
                is_readable = bool(self._vault.decrypt(row.tokens))
            except Undecryptable:
                is_readable = False
        return ConnectedPerson(
            linked.from_row(row), row.connected_at, row.used_at, is_readable
        )
