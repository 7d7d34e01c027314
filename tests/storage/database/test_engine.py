"""How PostgreSQL is connected, with one host or several."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import text

from bot.storage.database import engine
from bot.storage.database.engine import (
    PREPARED_AFTER,
    engine_for,
    may_move,
    postgres_arguments,
)
from bot.storage.database.watched import WatchedConnection
from bot.storage.database.writer import Writer

BOTH = {"host": "h1,h2", "port": "5432,5433"}
SERVERS = ("host", "hostaddr")
WRITABLE = {"target_session_attrs": "read-write"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://h:5432/db", {"host": "h", "port": "5432"}),
        ("postgresql://h1:5432,h2:5433/db", BOTH | WRITABLE),
        ("postgresql:///db?host=h1:5432&host=h2:5433", BOTH | WRITABLE),
        ("postgresql:///db?host=h1,h2&port=5432,5433", BOTH | WRITABLE),
        ("postgresql://h1,h2/db", {"host": "h1,h2"} | WRITABLE),
        ("postgresql://h1,[::1]:5433/db", {"host": "h1,::1", "port": ",5433"}),
        (
            "postgresql:///db?hostaddr=10.0.0.1,10.0.0.2&user=x",
            {"hostaddr": "10.0.0.1,10.0.0.2"} | WRITABLE,
        ),
        (
            "postgresql://h1,h2/db?hostaddr=10.0.0.1,10.0.0.2",
            {"host": "h1,h2", "hostaddr": "10.0.0.1,10.0.0.2"} | WRITABLE,
        ),
        ("postgresql:///db?hostaddr=10.0.0.1", {"hostaddr": "10.0.0.1"}),
        (
            "postgresql://h1,h2/db?target_session_attrs=primary",
            {"host": "h1,h2", "target_session_attrs": "primary"},
        ),
        ("postgresql://h/db", {"keepalives_idle": 5, "tcp_user_timeout": 10_000}),
        ("postgresql://h/db?connect_timeout=3", {"connect_timeout": "3"}),
    ],
)
def test_every_way_to_name_hosts_connects_to_one_that_is_written(
    url: str, expected: dict[str, Any]
) -> None:
    """One of them ended in a traceback, another one broke the signals forever."""
    found = postgres_arguments(url)

    assert found.items() >= expected.items()
    assert may_move(url) == any("," in found.get(each, "") for each in SERVERS)
    assert ("target_session_attrs" in found) == may_move(url)


def test_a_pooler_is_asked_for_nothing_that_it_refuses_or_forgets() -> None:
    """``options`` end the connection; prepared statements stay with another one."""
    found = postgres_arguments("postgresql://u:secret-7@h/db", "me")

    assert "options" not in found
    assert found["prepare_threshold"] is None
    assert found["application_name"] == "ringout-bot me"
    assert "secret-7" not in repr(engine_for("postgresql://u:secret-7@h/db"))


async def test_without_a_pooler_statements_are_prepared(postgres_url: str) -> None:
    """Parsing and planning them anew took a quarter of a command's time."""
    prepared = text("SELECT count(*) FROM pg_prepared_statements")
    writer = Writer(postgres_url)
    try:
        found = [
            await writer.run(lambda connection: connection.scalar(prepared))
            for _ in range(2 * PREPARED_AFTER)
        ]
    finally:
        writer.close()

    assert found[0] == 0
    assert found[-1] == 1


async def test_no_statement_is_compiled(postgres_url: str) -> None:
    """What a new call is judged by would take ten times as long where many are kept."""
    writer = Writer(postgres_url)
    try:
        found = await writer.run(lambda c: c.scalar(text("SHOW jit")))
    finally:
        writer.close()

    assert found == "off"


def test_whether_there_is_a_pooler_is_asked_within_the_bound_of_statements() -> None:
    """A server that hangs just then would hold the one thread of the database."""
    asked: list[str] = []

    class Session:
        info = SimpleNamespace(backend_pid=7)

        def execute(self, statement: str) -> Session:
            asked.append(statement)
            return self

        def fetchone(self) -> tuple[int]:
            return (7,)

    assert engine._is_direct(cast("Any", Session()))
    assert asked == [engine.BEGIN_POSTGRES, "SELECT pg_backend_pid()", "COMMIT"]


def test_a_server_that_hangs_is_given_up_after_fifteen_seconds() -> None:
    """The threat model names it; the server itself gives a statement up after ten."""
    assert WatchedConnection.answers_within == 15.0


def test_a_file_does_not_move() -> None:
    """A file that can't be opened is refused at once."""
    assert not may_move("sqlite:///x.db")
