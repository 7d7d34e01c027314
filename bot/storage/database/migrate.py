"""Bring a database to the schema that this program needs, or refuse it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table

from bot.errors import DevelopmentDatabase, RevisionUnknown, SchemaBehind
from bot.storage.database.migrations import REVISIONS
from bot.storage.database.watched import unhurried

DEVELOPMENT = frozenset(f"000{number}" for number in range(1, 8))
"""Revisions from before 0.1.0."""

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
_VERSIONS = "SELECT version_num FROM alembic_version"

MIGRATION_LOCK = 0x52494E47
"""Key of PostgreSQL's advisory lock: one process migrates at a time."""


@dataclass(frozen=True, slots=True)
class Revisions:
    """Alembic's *scripts*, and the *ids* of their revisions, the oldest first."""

    scripts: Path
    ids: tuple[str, ...]

    @property
    def newest(self) -> str:
        """The revision that the program needs."""
        return self.ids[-1]

    def are_missing_at(self, found: str) -> bool:
        """Whether a database at revision *found* lacks one of them.

        An id that is not ours is a later version's: its schema has all that we need.
        """
        return found == "" or found in self.ids[:-1]


OURS = Revisions(Path(__file__).parent / "migrations", REVISIONS)


def revision(connection: Connection) -> str:
    """Return the database's revision; empty if it has no tables yet.

    Raises:
        DevelopmentDatabase: It is from before 0.1.0.
        RevisionUnknown: A revision is stored, and empty.
    """
    names = set(inspect(connection).get_table_names())
    rows: Sequence[str] = ()
    if "alembic_version" in names:
        versions = sql_table("alembic_version", sql_column("version_num"))
        rows = connection.scalars(select(versions.c.version_num)).all()
    return _found_in(rows, names)


def _found_in(rows: Sequence[str], names: Collection[str]) -> str:
    """Return the revision of a database from its *rows* and the *names* of its tables."""
    found = next((each for each in rows if each in DEVELOPMENT), None)
    found = found or next(iter(rows), None)
    if found is not None and not found.strip():
        raise RevisionUnknown
    if found is None and "calls" in names:  # before revisions were counted
        raise DevelopmentDatabase("none")
    if found in DEVELOPMENT:
        raise DevelopmentDatabase(found)
    return found or ""


def refuse_development(file: Path) -> None:
    """Refuse a SQLite *file* from before 0.1.0 without writing a byte of it.

    An ordinary connection would move the WAL into the file as it closes. Without a WAL,
    SQLite is told that nobody writes, or it would leave an empty one.

    Raises:
        DevelopmentDatabase: See there.
    """
    if not file.is_file():
        return
    file = file.resolve()  # SQLite follows links too: its WAL is beside the real file
    has_wal = file.with_name(f"{file.name}-wal").exists()
    address = f"{file.as_uri()}?mode=ro{'' if has_wal else '&immutable=1'}"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            names = {name for (name,) in connection.execute(_TABLES)}
            found = connection.execute(_VERSIONS) if "alembic_version" in names else ()
            rows = [row for (row,) in found]
    except sqlite3.Error:  # whoever opens it for writing says what is wrong
        return
    _found_in(rows, names)


def upgrade(connection: Connection, to: Revisions = OURS) -> tuple[str, str]:
    """Run the revisions that are missing; return the revision before and after.

    In the caller's transaction: all are run, or none. A database of a later version is
    left as it is.

    Raises:
        DevelopmentDatabase: It is from before 0.1.0; nothing was changed.
    """
    with unhurried(connection):
        return _upgraded(connection, to)


def _upgraded(connection: Connection, to: Revisions) -> tuple[str, str]:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        lock = text("SELECT pg_advisory_xact_lock(:key)")
        connection.execute(lock, {"key": MIGRATION_LOCK})
    before = revision(connection)
    if not to.are_missing_at(before):
        return before, before
    # Alembic takes 0.1 s to import, and most starts do not need it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(to.scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to.newest)
    return before, revision(connection)


def check(connection: Connection, needed: Revisions = OURS) -> None:
    """Check that the database has all that this program needs.

    Raises:
        DevelopmentDatabase: It is from before 0.1.0.
        SchemaBehind: Revisions are missing.
    """
    found = revision(connection)
    if needed.are_missing_at(found):
        raise SchemaBehind(found, needed.newest)
