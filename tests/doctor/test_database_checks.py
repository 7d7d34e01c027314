"""The doctor's checks of a PostgreSQL: a pooler in between, standbys, a wrong address."""

from __future__ import annotations

import pytest

from bot.doctor.check import Finding, found
from bot.doctor.database_checks import DatabaseChecks
from bot.settings import reading
from enough import ENOUGH
from pooler import Pooler
from postgres import Server

NOWHERE = "postgresql://u:secret-7@127.0.0.1:1/x"


async def examined(name: str, **changes: str) -> Finding:
    """Run one check with changed settings."""
    checks = DatabaseChecks(reading.read(ENOUGH | changes)).all()
    return await found(name, checks[name])


def test_what_only_concerns_postgresql_is_not_looked_at_otherwise() -> None:
    """An operator with a file, or with one server, has nothing to read about it."""
    one = ENOUGH | {"DATABASE_URL": "postgresql://h/db"}

    assert list(DatabaseChecks(reading.read(ENOUGH)).all()) == ["database"]
    assert "database standbys" not in DatabaseChecks(reading.read(one)).all()


def test_several_servers_named_by_their_addresses_are_asked_for_standbys() -> None:
    """One may take over from another, however the address names them."""
    url = "postgresql:///db?hostaddr=10.0.0.1,10.0.0.2&user=x"

    checks = DatabaseChecks(reading.read(ENOUGH | {"DATABASE_URL": url})).all()

    assert "database standbys" in checks


async def test_without_a_pooler_all_is_well(postgres_url: str) -> None:
    """Most operators have none."""
    finding = await examined("database signals", DATABASE_URL=postgres_url)

    assert finding.lines.startswith("ok    database signals: processes hear each other")


@pytest.mark.twin
async def test_a_pooler_in_between_is_found_with_what_it_costs(
    postgres_url: str, pool: Pooler
) -> None:
    """Both losses are silent; the setting that mends them is named."""
    pooled = pool.address(postgres_url)
    finding = await examined("database signals", DATABASE_URL=pooled)
    mended = await examined(
        "database signals", DATABASE_URL=pooled, DATABASE_DIRECT_URL=postgres_url
    )
    wrong = await examined(
        "database signals", DATABASE_URL=postgres_url, DATABASE_DIRECT_URL=pooled
    )

    assert finding.lines.startswith(
        "warn  database signals: behind a connection pooler"
    )
    assert "once a second" in finding.what
    assert "missing heartbeats alone" in finding.what
    assert "DATABASE_DIRECT_URL" in finding.then
    assert mended.lines.startswith("ok ")
    assert wrong.lines == finding.lines


async def test_another_database_is_no_direct_address(
    postgres_url: str, postgres: Server
) -> None:
    """Signals stay within a database, so none would ever arrive."""
    other = postgres.address("postgres")

    finding = await examined(
        "database signals", DATABASE_URL=postgres_url, DATABASE_DIRECT_URL=other
    )

    assert finding.is_failure
    assert "DATABASE_DIRECT_URL is another database" in finding.what


async def test_standbys_that_no_commit_waits_for_are_warned_of(
    postgres_url: str,
) -> None:
    """After a failover a call whose placing was stored last could be placed again."""
    several = postgres_url.replace("127.0.0.1", "127.0.0.1:1,127.0.0.1")

    finding = await examined("database standbys", DATABASE_URL=several)

    assert finding.lines.startswith("warn  database standbys: a commit waits for none")
    assert "synchronous_standby_names" in finding.then


@pytest.mark.parametrize("name", ["database signals", "database standbys"])
async def test_a_server_that_is_away_is_a_finding_without_its_password(
    name: str,
) -> None:
    """The doctor goes on with its other checks."""
    several = f"{NOWHERE}?host=127.0.0.1:1&host=127.0.0.1:2"

    finding = await examined(name, DATABASE_URL=several)

    assert finding.is_failure
    assert "DATABASE_URL" in finding.then
    assert "secret-7" not in finding.lines
