"""Each command refuses a database from before 0.1.0, and leaves it untouched."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from bot.errors import DevelopmentDatabase
from bot.storage.database.migrate import refuse_development
from bot.vault import new_key
from command_lines import HOOK_ENV, OPENS_DATABASE
from postgres import Server
from process import Process
from town import Town

pytestmark = pytest.mark.unmeasured

OLD = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
    "INSERT INTO alembic_version VALUES ('0007')",
    "CREATE TABLE calls (id VARCHAR(32) PRIMARY KEY, callee VARCHAR(20), state TEXT)",
    "INSERT INTO calls VALUES ('c1', '+14155550142', 'following')",
    "CREATE TABLE farewells (n INTEGER PRIMARY KEY, token TEXT)",
    "INSERT INTO farewells VALUES (1, 'a secret')",
)
"""The rows by which the bot recognizes such a database, and data to be left alone."""


def digests(folder: Path) -> dict[str, str]:
    """Return a digest of each database file in *folder*."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.glob("calls.db*")
        if not path.name.endswith("-shm")  # SQLite's own index of the WAL
    }


def dumped(server: Server, url: str) -> str:
    """Return the whole content of a PostgreSQL database."""
    program = server.binaries / "pg_dump"
    done = subprocess.run([program, url], check=True, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    return "\n".join(line for line in lines if "restrict" not in line)  # a random word


async def refused(town: Town, url: str, command: str) -> None:
    """Run a command on the database at *url*, and check that it refuses."""
    env = town.environment(DATABASE_URL=url, RINGOUT_SECRET_KEY=new_key())
    process = Process(town.folder, env | HOOK_ENV)
    await process.start(*OPENS_DATABASE[command])
    code, said = await process.ended()

    (sentence,) = process.log.splitlines()
    assert code == 2
    assert "before 0.1.0 (database revision 0007)" in sentence
    assert "export what you need" in sentence
    assert "Traceback" not in said


@pytest.mark.parametrize("command", OPENS_DATABASE)
@pytest.mark.parametrize("is_closed", [True, False], ids=["closed", "killed"])
async def test_a_file_is_refused_and_keeps_every_byte(
    closed_town: Town, command: str, *, is_closed: bool
) -> None:
    """The operator still wants to export it with the version that made it.

    If that version was killed, the newest rows are in the WAL, which must stay too.
    """
    folder = closed_town.folder / "old"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "calls.db")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        for statement in OLD:
            connection.execute(statement)
        connection.commit()
        if not is_closed:
            found = {path: path.read_bytes() for path in folder.glob("calls.db*")}
    if not is_closed:
        for path, content in found.items():
            path.write_bytes(content)
    before = digests(folder)
    assert ("calls.db-wal" in before) is not is_closed

    await refused(closed_town, f"sqlite:///{folder}/calls.db", command)

    assert digests(folder) == before


@pytest.mark.parametrize("rows", [("0007",), ("v010_1", "0007"), ("0007", "v010_1")])
def test_a_file_behind_a_link_keeps_every_byte(
    tmp_path: Path, rows: tuple[str, ...]
) -> None:
    """SQLite has its WAL beside the real file, not beside the link."""
    real = tmp_path / "real"
    real.mkdir()
    with closing(sqlite3.connect(real / "calls.db")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(OLD[0])
        for each in rows:
            connection.execute("INSERT INTO alembic_version VALUES (?)", (each,))
        connection.commit()
        found = {path: path.read_bytes() for path in real.glob("calls.db*")}
    for path, content in found.items():
        path.write_bytes(content)
    link = tmp_path / "link.db"
    link.symlink_to(real / "calls.db")
    before = digests(real)
    assert "calls.db-wal" in before

    with pytest.raises(DevelopmentDatabase):
        refuse_development(link)

    assert digests(real) == before


@pytest.mark.parametrize("command", OPENS_DATABASE)
async def test_a_postgresql_database_is_refused_and_dumps_the_same(
    closed_town: Town, postgres: Server, command: str
) -> None:
    """The operator of a server must find every row unchanged, too."""
    url = await asyncio.to_thread(postgres.fresh_database)
    async with await psycopg.AsyncConnection.connect(url) as connection:
        for statement in OLD:
            await connection.execute(statement.encode())
    before = await asyncio.to_thread(dumped, postgres, url)
    assert "a secret" in before

    await refused(closed_town, url, command)

    assert await asyncio.to_thread(dumped, postgres, url) == before
    await asyncio.to_thread(postgres.drop, url)
