"""Which rows belong to a person or a workspace, in any table with `COLUMNS`.

All three columns are compared: a user id may be another person's in another workspace.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, and_, bindparam, or_

from bot.calls.people.person import Person

COLUMNS = ("enterprise", "team", "user")


def of_person(table: Table, person: Person) -> ColumnElement[bool]:
    """Return the condition for a person's rows."""
    return and_(
        table.c.enterprise == person.enterprise,
        table.c.team == person.team,
        table.c.user == person.user,
    )


def of_workspace(
    table: Table, enterprise: str, team: str, user: str = ""
) -> ColumnElement[bool]:
    """Return the condition for a workspace's rows, or for those of one *user* in it.

    Without *team*, the rows of all workspaces of the organization.
    """
    found = table.c.enterprise == enterprise
    if team or not enterprise:
        found = and_(found, table.c.team == team)
    return and_(found, table.c.user == user) if user else found


def of_space(table: Table, person: Person) -> ColumnElement[bool]:
    """Return the condition for the rows of all places in which *person* may act.

    In an organization they have one id, and act also on what belongs to another of its
    workspaces, or to none in particular.
    """
    here = table.c.team == person.team
    if not person.enterprise:
        return here
    in_none = and_(table.c.enterprise == "", here)
    return or_(table.c.enterprise == person.enterprise, in_none)


def of_bound_person(table: Table) -> ColumnElement[bool]:
    """Return the condition of `of_person` for a statement that is made only once.

    It is executed with `bound`.
    """
    return and_(*(table.c[name] == bindparam(f"{name}_") for name in COLUMNS))


def bound(person: Person) -> dict[str, str]:
    """Return the values that `of_bound_person` needs."""
    return {f"{name}_": value for name, value in columns(person).items()}


def columns(person: Person) -> dict[str, str]:
    """Return the three columns of a new row."""
    return {
        "enterprise": person.enterprise,
        "team": person.team,
        "user": person.user,
    }
