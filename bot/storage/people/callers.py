"""The one query that a command waits for: who calls, by which account, with which choices."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    Table,
    and_,
    cast,
    select,
)

from bot.calls.people.person import Person
from bot.storage.database.given_rows import dumped, given_rows
from bot.storage.database.person_rows import COLUMNS, columns
from bot.storage.people.tables import connections, preferences


def select_callers(*, postgres: bool) -> Select[Any]:
    """Return a query about people, who are given with their number *n* in the list.

    Per person: *n*, their connection, with the id None if there is none, and their choices.
    """
    given = given_rows("n", *COLUMNS, postgres=postgres)

    def of_given(table: Table) -> ColumnElement[bool]:
        return and_(*(table.c[name] == given.c[name] for name in COLUMNS))

    chosen = select(preferences.c.chosen).where(of_given(preferences))
    return select(
        cast(given.c.n, Integer).label("n"),
        connections,
        chosen.scalar_subquery().label("chosen"),
    ).select_from(given.outerjoin(connections, of_given(connections)))


SELECT_CALLERS = {
    "postgresql": select_callers(postgres=True),
    "sqlite": select_callers(postgres=False),
}


def callers(connection: Connection, people: list[Person]) -> list[Row[Any]]:
    """Return a row of `select_callers` for each of *people*, in their order."""
    asked = dumped((n, *columns(person).values()) for n, person in enumerate(people))
    rows = connection.execute(SELECT_CALLERS[connection.dialect.name], asked)
    return sorted(rows, key=lambda row: row.n)
