"""Every table, also the next one: who leaves is erased from it, and it never only grows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Boolean, Float, Integer, Table, func, insert, select

from bot.calls.call import State
from bot.storage.calls.store import Store
from bot.storage.people.connections import Connections
from bot.storage.retention import Retention
from bot.vault import Vault, new_key
from checkout import ROOT
from every_table import METADATA

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
TABLES = METADATA.sorted_tables
ABOUT_PEOPLE = [table for table in TABLES if "user" in table.columns]

STAYS_WITHOUT_ITS_PERSON = {
    "calls": "the company's record of its calls, until retention deletes it",
    "audit_rows": "who did what, until the audit's own retention deletes it",
}
"""Tables about people that keep their rows when a person leaves, and why."""

STAYS = {
    "installations": "good until the workspace removes the app",
    "policy_states": "a workspace's own rules, which hold until its admins change them",
    "do_not_call": "whom nobody may call, until an admin takes the number off the list",
    "processes": "deleted by the other processes when its heartbeat stops",
}
"""Tables that retention leaves alone, and what deletes their rows."""


def a_row(table: Table, number: int, user: str) -> dict[str, Any]:
    """Return a row of *table* that fits *user* and whose moments are long past."""
    row: dict[str, Any] = {}
    for column in (each for each in table.columns if each.autoincrement is not True):
        kind = column.type
        if column.foreign_keys:
            [key] = column.foreign_keys
            row[column.name] = f"{key.column.table.name}-{number}"
        elif column.name == "team":
            row["team"] = "T1" if "user" in table.columns else f"T{number}"
        elif column.name == "enterprise":
            row["enterprise"] = ""
        elif column.name == "user":
            row["user"] = user
        elif column.name == "state":
            row[column.name] = State.DONE.value
        elif "Moment" in type(kind).__name__:
            row[column.name] = LONG_AGO
        elif isinstance(kind, Boolean):
            row[column.name] = False
        elif isinstance(kind, Integer | Float):
            row[column.name] = number
        else:
            row[column.name] = f"{table.name}-{number}"[: getattr(kind, "length", 0)]
    return row


async def fill(store: Store, users: tuple[str, ...]) -> None:
    """Insert a row of each of *users* into every table."""
    for table in TABLES:
        rows = [a_row(table, number, user) for number, user in enumerate(users, 1)]
        await store.writer.run(lambda c, t=table, r=rows: c.execute(insert(t), r))  # type: ignore[misc]


async def counts(store: Store, user: str = "") -> dict[str, int]:
    """Return how many rows each table has, or those about people have of *user*."""
    found = {}
    for table in ABOUT_PEOPLE if user else TABLES:
        query = select(func.count()).select_from(table)
        if user:
            query = query.where(table.c.user == user)
        found[table.name] = await store.writer.run(lambda c, q=query: c.scalar(q) or 0)  # type: ignore[misc]
    return found


async def test_a_person_who_leaves_is_erased_from_every_table(store: Store) -> None:
    """A new table that is forgotten here would keep people's data for good."""
    await fill(store, ("U1", "U2"))
    connections = Connections(store.writer, Vault([new_key()]))

    await connections.erase_within("", "T1", "U1", NOW)

    left = {name for name, count in (await counts(store, "U1")).items() if count}
    assert left == set(STAYS_WITHOUT_ITS_PERSON)
    assert set((await counts(store, "U2")).values()) == {1}


async def test_retention_empties_every_table(store: Store) -> None:
    """A table whose old rows nobody deletes grows for as long as the bot runs."""
    await fill(store, ("U1",))
    retention = Retention(store.writer)

    await retention.purge_home_views(NOW)
    await retention.purge(NOW)
    await retention.purge_user_state(NOW)
    await retention.purge_names(NOW)
    await retention.purge_requests(NOW)
    await retention.purge_audit(NOW)

    left = {name for name, count in (await counts(store)).items() if count}
    assert left == set(STAYS)


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_the_threat_model_names_every_table(table: str) -> None:
    """An operator must be able to read what the database holds, and for how long."""
    page = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")

    assert f"\n| `{table}` |" in page
