"""SQLAlchemy's engine for either kind of database, and how each of them is connected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from bot.settings import database_address
from bot.storage.database.watched import ANSWERS_WITHIN, WatchedConnection

BUSY_MS = 5000

BEGIN_POSTGRES = (
    "BEGIN; SET LOCAL statement_timeout = 10000;"
    " SET LOCAL idle_in_transaction_session_timeout = 5000;"
    " SET LOCAL jit = off"
)
"""A statement that hangs is given up after ten seconds. A process that is paused during a
transaction loses it and its locks after five, so that the others can go on. Compiling a
statement (``jit``) took 200 ms where running it takes 20: it pays for reports alone.

A connection pooler refuses these as parameters of a connection (``options``), and a plain
SET would stay with a server connection that others use next. In one message with BEGIN
they cost no round trip of their own (PgBouncer docs, "SQL feature map for pooling modes").
"""

WAITS: dict[str, Any] = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
}
"""Seconds, but milliseconds for ``tcp_user_timeout``."""

PREPARED_AFTER = 5
"""How often a statement is executed before it is prepared, which saves a quarter of a
command's time. Never behind a pooler: the next transaction may have another session."""

SESSION_NAME = "ringout-bot "
"""The beginning of the name of a process's sessions; the process's id follows (PostgreSQL
docs, "The Cumulative Statistics System", ``pg_stat_activity``)."""


def name_of(process: str) -> str:
    """Return the ``application_name`` of the sessions of *process*; at most 63 bytes."""
    return f"{SESSION_NAME}{process}".rstrip()


def is_postgres(url: str) -> bool:
    """Return whether *url* is PostgreSQL's."""
    return database_address.address(url).get_backend_name() == "postgresql"


def may_move(url: str) -> bool:
    """Return whether *url* names several hosts, of which one may take over from another."""
    return is_postgres(url) and _has_several(postgres_arguments(url))


def _has_several(given: Mapping[str, Any]) -> bool:
    """Return whether libpq is *given* several servers, by name or by address."""
    return any("," in str(given.get(name, "")) for name in ("host", "hostaddr"))


def postgres_arguments(url: str, process: str = "") -> dict[str, Any]:
    """Return the arguments to connect *process* by psycopg 3.

    A server that no longer answers is given up after ten seconds; also while nothing is
    sent to it, or a commit would wait for hours for a machine without power. One that
    hangs, but keeps its connection, is given up by `WatchedConnection`. Of several
    hosts, one that does not accept writing is left for the next, unless *url* says
    otherwise.
    """
    given = conninfo_to_dict(database_address.conninfo(database_address.address(url)))
    usual = WAITS
    if _has_several(given):
        usual = WAITS | {"connect_timeout": 2, "target_session_attrs": "read-write"}
    ours = {
        "application_name": name_of(process),
        "autocommit": True,
        "prepare_threshold": None,
    }
    return usual | given | ours


def engine_for(
    url: str, process: str = "", answers_within: float = ANSWERS_WITHIN
) -> Engine:
    """Return the engine for a plain ``sqlite:///…`` or ``postgresql://…`` address.

    SQLite runs in WAL with ``synchronous=FULL``: with NORMAL a power loss may lose the last
    intent, and a phone could ring twice. PostgreSQL's sessions are named after *process*.
    """
    if is_postgres(url):
        return _postgres(postgres_arguments(url, process), answers_within)
    return _sqlite(database_address.address(url))


def _postgres(arguments: dict[str, Any], answers_within: float) -> Engine:
    engine = create_engine(
        "postgresql+psycopg://",
        poolclass=NullPool,
        hide_parameters=True,
        connect_args=arguments,
    )

    @event.listens_for(engine, "do_connect")
    def _do_connect(
        _dialect: Any, _record: Any, args: tuple[Any, ...], given: dict[str, Any]
    ) -> psycopg.Connection:
        made = WatchedConnection.connect(*args, **given)
        made.answers_within = answers_within
        return made

    @event.listens_for(engine, "connect")
    def _on_connect(connection: psycopg.Connection, _record: Any) -> None:
        if _is_direct(connection):
            connection.prepare_threshold = PREPARED_AFTER

    # psycopg is told to begin no transactions by itself.
    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(BEGIN_POSTGRES)

    return engine


def _is_direct(connection: psycopg.Connection) -> bool:
    """Return whether *connection* goes to the server itself, not to a pooler.

    At the connection a pooler tells an id that is not the server's process.
    """
    connection.execute(BEGIN_POSTGRES)
    found = connection.execute("SELECT pg_backend_pid()").fetchone()
    connection.execute("COMMIT")
    return found == (connection.info.backend_pid,)


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"timeout": BUSY_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # SQLAlchemy's recipe for pysqlite: it must not begin transactions by itself,
        # or savepoints do not hold (SQLAlchemy docs, SQLite, "Serializable isolation").
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
