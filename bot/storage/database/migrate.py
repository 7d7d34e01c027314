"""Bringing a database to the shape that this program needs."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table

from bot.errors import SchemaBehind
from bot.storage.calls.tables import HEAD

SCRIPTS = Path(__file__).parent / "migrations"
FIRST = "0001"
ONE_AT_A_TIME = 0x52494E47
"""PostgreSQL's advisory lock of migrations: two of them wait for one another."""


def revision(connection: Connection) -> str:
    """Return the database's revision; empty where there is nothing yet.

    A database from before the revisions were counted is at the first one.
    """
    names = set(inspect(connection).get_table_names())
    if "alembic_version" in names:
        versions = sql_table("alembic_version", sql_column("version_num"))
        found = connection.scalar(select(versions.c.version_num))
        if found:
            return str(found)
    return FIRST if "calls" in names else ""


def upgrade(connection: Connection) -> tuple[str, str]:
    """Run what is missing; return the revision before and after.

    In the caller's transaction: all of it holds, or nothing. A database that is newer
    than this program is left as it is.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        lock = text("SELECT pg_advisory_xact_lock(:key)")
        connection.execute(lock, {"key": ONE_AT_A_TIME})
    before = revision(connection)
    if before >= HEAD:
        return before, before
    # Alembic takes 0.1 s to import, and most starts do not need it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if before == FIRST:
        command.stamp(config, FIRST)
    command.upgrade(config, HEAD)
    return before, revision(connection)


def check(connection: Connection) -> None:
    """Raise `SchemaBehind` where the database is older than this program."""
    before = revision(connection)
    if before < HEAD:
        raise SchemaBehind(before, HEAD)
