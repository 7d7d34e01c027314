"""Fixtures that several files share."""

from __future__ import annotations

from quick import (  # before anything else
    pytest_collection,
    pytest_configure,
    pytest_runtest_makereport,
)

# isort: split

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.storage.calls.store import Store
from bot.storage.database import migrate
from bot.storage.database.engine import engine_for
from compiled import share
from desk import Desk
from fleet import fleet
from office import Office, a_double, an_office
from pooler import Pooler, is_without_pooler, pooler
from postgres import Server, is_missing, server
from process import Process
from scene import Scene, a_scene
from town import Town, a_town

__all__ = [
    "fleet",
    "pytest_collection",
    "pytest_configure",
    "pytest_runtest_makereport",
]

pytest_plugins = ["selection", "measured"]

Process.forked = True
share()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start one PostgreSQL for all tests of this process that need one."""
    if is_missing() and os.environ.get("CI") != "true":
        pytest.skip("no PostgreSQL: apt-get install postgresql")
    mine = tmp_path_factory.getbasetemp()
    whole_run = mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine
    with server(pattern=whole_run / "postgresql") as running:
        yield running


@pytest.fixture(params=["session", "transaction"])
def pool(request: pytest.FixtureRequest, postgres: Server) -> Iterator[Pooler]:
    """Start a PgBouncer in front of the tests' PostgreSQL, in either mode."""
    if is_without_pooler() and os.environ.get("CI") != "true":
        pytest.skip("no PgBouncer: apt-get install pgbouncer")
    with pooler(postgres, request.param) as running:
        yield running


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the SQLite template with all tables, which other tests copy."""
    path = tmp_path_factory.mktemp("migrated") / "calls.db"
    engine = engine_for(f"sqlite:///{path}")
    with engine.begin() as connection:
        migrate.upgrade(connection)
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a database of either kind, with tables and nothing in them."""
    yield from a_database(request, request.param, tmp_path)


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a PostgreSQL database, with tables and nothing in them."""
    yield from a_database(request, "postgresql", tmp_path)


def a_database(
    request: pytest.FixtureRequest, kind: str, folder: Path
) -> Iterator[str]:
    """Yield the address of a database of that kind, with nothing in its tables."""
    if kind == "sqlite":
        shutil.copyfile(request.getfixturevalue("migrated"), folder / "calls.db")
        yield f"sqlite:///{folder}/calls.db"
        return
    running: Server = request.getfixturevalue("postgres")
    made = running.fresh_database(migrated=True)
    yield made
    running.drop(made)


@pytest.fixture
async def double() -> AsyncIterator[RingCentralDouble]:
    """Give a RingCentral where Ann and Bob are."""
    async with a_double() as running:
        yield running


@pytest.fixture
async def office(double: RingCentralDouble, database_url: str) -> AsyncIterator[Office]:
    """Give one process and its accounts, on either kind of database."""
    async with an_office(double, database_url) as made:
        yield made


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """Give each test a store with nothing in it, on either kind."""
    made = Store(database_url, "me")
    await made.migrate()
    await made.open()
    yield made
    made.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a marked test once on each kind of database."""
    marked = metafunc.definition.get_closest_marker("on_both")
    if marked and "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> str:
    """Return the kind of database of a test; SQLite by default."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def calls_url(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """Give the address of a database that a bot can start on."""
    yield from a_database(request, kind, tmp_path)


@pytest.fixture
async def town(tmp_path: Path, calls_url: str) -> AsyncIterator[Town]:
    """Build a town with a running bot; check the town's rules at the end."""
    async with a_town(tmp_path, DATABASE_URL=calls_url) as built:
        await built.open()
        yield built
        await built.close()
        built.check()


@pytest.fixture
async def closed_town(tmp_path: Path, calls_url: str) -> AsyncIterator[Town]:
    """Build a town whose bot each test starts by itself."""
    async with a_town(tmp_path, DATABASE_URL=calls_url) as built:
        yield built
        await built.close()
        built.check()


@pytest.fixture
async def scene(closed_town: Town) -> AsyncIterator[Scene]:
    """Build a town whose bot each test starts as a process, and ends."""
    async with a_scene(closed_town) as built:
        yield built


@pytest.fixture
async def desk(calls_url: str) -> AsyncIterator[Desk]:
    """Give a follower at work."""
    made = Desk(calls_url)
    await made.store.open()
    yield made
    made.store.close()
