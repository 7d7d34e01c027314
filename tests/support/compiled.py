"""Compiles each SQL statement once for all databases of a run.

SQLAlchemy keeps what it has compiled for one engine, and most tests open an engine of
their own: a tenth of a story's processor time went into compiling the same statements.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

_COMPILED: dict[Any, Any] = {}


class _Alike:
    """Is equal to another dialect for the same version of a database."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and _version(other) == _version(self)

    def __hash__(self) -> int:
        return hash(type(self))


def _version(dialect: object) -> tuple[int, ...] | None:
    """Return the server's version; None before its engine has connected."""
    return getattr(dialect, "server_version_info", None)


class SQLite(_Alike, SQLiteDialect_pysqlite):
    """SQLite's dialect."""

    supports_statement_cache = True


class PostgreSQL(_Alike, PGDialect_psycopg):
    """PostgreSQL's dialect."""

    supports_statement_cache = True


def share() -> None:
    """Share what is compiled among all engines that are made from now on."""
    registry.register("sqlite", __name__, SQLite.__name__)
    registry.register("postgresql.psycopg", __name__, PostgreSQL.__name__)

    @event.listens_for(Engine, "engine_connect")
    def _on_connect(connection: Connection) -> None:
        connection.execution_options(compiled_cache=_COMPILED)
