"""Who of a workspace has connected an account, with the number on which they are called."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, select

from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people import phones as book
from bot.calls.people.person import Person
from bot.calls.people.phones import direct
from bot.storage.database.person_rows import of_workspace
from bot.storage.database.writer import Writer
from bot.storage.people.tables import connections

MOST_COLLEAGUES = 500
"""People of one workspace who are looked at; each has a list of phones to be read."""


@dataclass(frozen=True, slots=True, repr=False)
class Colleague:
    """Somebody's Slack id, their name at RingCentral and their direct number there."""

    user: str
    name: str
    number: PhoneNumber


class Colleagues:
    """Reads the table `connections`; raises `StoreUnavailable`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def of(self, person: Person) -> list[Colleague]:
        """Return those of this person's workspace who have a direct number, up to a bound.

        They themselves are among them.
        """
        query = (
            select(connections.c.user, connections.c.extension, connections.c.phones)
            .where(of_workspace(connections, person.enterprise, person.team))
            .order_by(connections.c.user)
            .limit(MOST_COLLEAGUES)
        )
        rows = await self._writer.run(lambda c: c.execute(query).all())
        found = ((row, direct(book.load(row.phones))) for row in rows)
        return [
            Colleague(row.user, str(json.loads(row.extension)[3]), number)
            for row, number in found
            if number is not None
        ]


def whose_number(connection: Connection, place: Place, number: PhoneNumber) -> str:
    """Return the Slack id of whose direct number it is, of those connected in a workspace.

    Empty: it is nobody's.
    """
    query = select(connections.c.user, connections.c.phones).where(
        of_workspace(connections, place.enterprise, place.team),
        connections.c.phones.contains(number.e164),
    )
    found = connection.execute(query)
    theirs = (row.user for row in found if direct(book.load(row.phones)) == number)
    return next(theirs, "")
