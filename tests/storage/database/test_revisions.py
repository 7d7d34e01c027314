"""Revisions: one for 0.1.0, later ones only add, and older databases are refused."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Inspector, insert, inspect, text

from bot.calls.call import State
from bot.errors import DevelopmentDatabase, RevisionUnknown, SchemaBehind
from bot.storage.calls import tables
from bot.storage.calls.store import Store
from bot.storage.database import migrate
from bot.storage.database.migrate import DEVELOPMENT, OURS, Revisions
from every_table import METADATA
from intents import a_call, add_call
from postgres import Server

RELEASED = {
    "v010_1": "901dc21cd954e9d64e9c22c95600ec8164287617f94a01e0e1c234ee54a64db3",
    "v020_1": "837e7e5bff94bfc2de85e94f9c93200c11ce07060ee65abf63d67bdff290b84b",
    "v020_2": "b90262a1534d75b14cf29a4764bfbccdaa630d1b6ab4ecc956978bbc32ae13da",
    "v020_3": "f192bd844746f8f871628741a7ec6c18d1d12d80f5b1f02157cdfad206cc5f49",
    "v020_4": "919ee2c29d5b5e4a6a09c2b2c4ab397d76aeb1b00e56359c1f293bf3be59c81c",
    "v020_5": "e03037a383bb4d152ed7941fc9ac4d18532d68455aabd27f935eaed057a32f59",
    "v020_6": "904480ba3ebd9ffb14ee90092b22327658199bdcb9e34bce6c52ceb7aad0ea49",
    "v020_7": "52b2f6897a9fa489bfd226265962d061dddf34745949c6835ca14faaab7832f1",
    "v020_8": "3ca4f23ed6047f313c4beb52329ef71110a8e9fb6520b34c0ad1f64b88469567",
    "v020_9": "e753ba46fbad40a5132c0a76ae28667ab124362ef5a24fbdc5da260d2b8ca9bc",
    "v020_10": "2af5b322d8e2a5c621f75566df230dbbfe9560a6cb33fa6713eaae116ad75800",
    "v020_11": "a20a2a1af2c05fcc2b88b0b1214fd743e315d641feab93a3965d058a507deae1",
    "v020_12": "455323b45b1a03d5d490ca19babbfe307cd895c97cdd705aa88eccf772b7e45f",
    "v020_13": "564808d39a2a041916c534f1424407392756b380ef11a333abbc682113ad0d55",
    "v020_14": "4bdb8de7728bcf24d0e6a688b46c2c1c98ab276ce782d79db16e3f6eed71a3f5",
    "v020_15": "68f4eb8fd8243b27453b3dec68223af792de380bbdaf9b2f74e49839cbe4c6bc",
    "v020_16": "dd3243810fd29cbf0b43060dea2b5a67b86151edfda89adc74d30055cf1fba5d",
    "v020_17": "df0a9a6c823298801b0b249794f664f4b23cbd199933aa8aa404fd17081b1ae4",
    "v020_18": "72b97ff4da9259620c9f2e238fef79cd9acbf7eb8428dd5205b8a7f01608ad16",
    "v020_19": "9112294f1f11d04174159f7d264c2dff4d82fc6f4baacfa77bfc12593886d7b4",
    "v020_20": "cb7795dba0514b41968e4d642087e7ff0bda0e8b1c37e4d6dc3716d2ee6fd161",
    "v020_21": "165e71bfc8a14fc31517da50db891cc1a02c89283f0c39477be452d5618dbc78",
    "v020_22": "b10b063c44f76fdf4a496e2d5f988feacfac23d29f11ca833b205c9c7bdd7ad7",
    "v020_23": "1d86aa9c470003b1136163a2d165a912dc1ecc99cbcf901c5181f5b6f97fe8a8",
    "v020_24": "ef5ac5153aac1611b5aec3a444e32753b69ad311f8e4640bdc4845e7d7283930",
    "v020_25": "dd0b72d04181c52bee9df66f595f782e5b8ce004fc23e0a52eae9fdfa4d6ab12",
    "v020_26": "eee3b23fdba27302a046a16e7e50b59f855013fdd5fbb6fba98a35ac25e3ddc5",
    "v020_27": "8c4399b8798dec7f64ed9a47a917f45e96e594c1412a65744b146e89858a9eaf",
    "v020_28": "0d0c25482237c7e2935dcb55e6223a5311d4b8a31b0012678117de7784645d2f",
    "v020_29": "d494d08b54541a7de91f82558e47a30ef37d0a5903d740fdc687115cf724b93e",
    "v020_30": "5d1110e48f94c969d67614fd2f6c964b3271ad73dd9c69733cc2e55a27749158",
    "v020_31": "1dd31b27e1fa5ce0c957d113f9e636f09cf52336a2d0523b8d23671142f9f39d",
}
"""The digest of each revision's SQL.

A released revision must never change, because databases have been made with it. Add a
new revision instead.
"""

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "v999_1"
down_revision = "{before}"
branch_labels = depends_on = None


def upgrade():
    op.create_table("notes", sa.Column("id", sa.Integer, primary_key=True))
    op.add_column(
        "calls", sa.Column("mood", sa.Text, nullable=False, server_default="good")
    )
    op.create_index("calls_by_mood", "calls", ["mood"])
"""
"""A revision as a later version would add it."""


def sql_of(upgrade: Callable[[], None], dialect: str) -> list[str]:
    """Return the SQL statements of a revision."""
    written = io.StringIO()
    options = {"as_sql": True, "output_buffer": written}
    context = MigrationContext.configure(dialect_name=dialect, opts=options)
    with Operations.context(context):
        upgrade()
    found = (" ".join(each.split()) for each in written.getvalue().split(";"))
    return [each for each in found if each]


def not_additive(statements: list[str]) -> list[str]:
    """Return the statements that would break the previous version."""
    created = set(re.findall(r"CREATE TABLE (\w+)", " ".join(statements)))
    index = re.compile(r"CREATE (UNIQUE )?INDEX \w+ ON (\w+) ")

    def adds(statement: str) -> bool:
        if statement.startswith("CREATE TABLE "):
            return True
        if "ADD COLUMN" in statement and statement.startswith("ALTER TABLE "):
            return "NOT NULL" not in statement or "DEFAULT" in statement
        found = index.match(statement)
        return found is not None and (not found[1] or found[2] in created)

    return [each for each in statements if not adds(each)]


@pytest.fixture
def later(tmp_path: Path) -> Revisions:
    """Return the revisions of a later version: ours and one more."""
    scripts = tmp_path / "migrations"
    shutil.copytree(OURS.scripts, scripts)
    text_of_it = NEXT.format(before=OURS.newest)
    (scripts / "versions" / "v999_1.py").write_text(text_of_it, encoding="utf-8")
    return Revisions(scripts, (*OURS.ids, "v999_1"))


# What a revision may contain


def test_the_program_needs_the_newest_revision() -> None:
    """A column of a revision that is not run is missing when a call needs it."""
    scripts = ScriptDirectory(str(OURS.scripts))

    ids = [each.revision for each in scripts.walk_revisions()]

    assert tuple(reversed(ids)) == OURS.ids
    files = {each.stem for each in OURS.scripts.glob("versions/[!_]*.py")}
    assert files == set(OURS.ids)


def test_a_released_revision_never_changes() -> None:
    """Databases made with it would lack whatever is added to it later."""
    scripts = ScriptDirectory(str(OURS.scripts))
    found = {
        each.revision: hashlib.sha256(
            "\n".join(
                line
                for dialect in ("sqlite", "postgresql")
                for line in sorted(sql_of(each.module.upgrade, dialect))
            ).encode()
        ).hexdigest()
        for each in scripts.walk_revisions()
    }

    assert found == RELEASED


def test_a_later_revision_only_adds() -> None:
    """In a rolling upgrade the previous version still runs on the new tables."""
    scripts = ScriptDirectory(str(OURS.scripts))
    later = [each for each in scripts.walk_revisions() if each.down_revision]

    bad = {
        each.revision: not_additive(sql_of(each.module.upgrade, "postgresql"))
        for each in later
    }

    assert not any(bad.values()), bad


@pytest.mark.parametrize(
    "change",
    [
        lambda: op.drop_column("calls", "why"),
        lambda: op.drop_table("calls"),
        lambda: op.alter_column("calls", "why", new_column_name="reason"),
        lambda: op.create_index("calls_once", "calls", ["why"], unique=True),
        lambda: op.execute("UPDATE calls SET why = ''"),
        lambda: op.execute("ALTER TABLE calls ADD COLUMN mood TEXT NOT NULL"),
    ],
)
def test_what_breaks_the_program_before_is_seen(change: Callable[[], None]) -> None:
    """This proves that the check above works, even while there is only one revision."""
    assert not_additive(sql_of(change, "postgresql"))


def test_what_only_adds_is_let_pass(later: Revisions) -> None:
    """A check that refused every revision would be switched off."""
    scripts = ScriptDirectory(str(later.scripts))
    newest = scripts.get_revision("v999_1")
    assert newest is not None

    assert not_additive(sql_of(newest.module.upgrade, "postgresql")) == []
    assert len(sql_of(newest.module.upgrade, "postgresql")) == 3


async def test_the_revisions_make_the_tables_that_the_program_uses(
    store: Store,
) -> None:
    """Tables are defined twice; a column missing from one breaks at its first use."""

    def differences(connection: Connection) -> list[object]:
        # Alembic reports SQLite's default '' as different from our identical one.
        defaults = connection.dialect.name == "postgresql"
        options = {"compare_server_default": defaults}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, METADATA))

    assert await store.writer.run(differences) == []


# Running the revisions


async def test_two_that_migrate_at_once_wait_for_one_another(postgres: Server) -> None:
    """Two processes may start the migration at once: one runs it, the other waits."""
    url = postgres.fresh_database()
    stores = [Store(url, name) for name in ("a", "b")]
    try:
        done = await asyncio.gather(*(store.migrate() for store in stores))
    finally:
        for store in stores:
            store.close()
        postgres.drop(url)

    assert sorted(done) == [("", OURS.newest), (OURS.newest, OURS.newest)]


async def test_an_older_database_is_brought_up_with_its_calls(
    store: Store, later: Revisions
) -> None:
    """People may be on the phone during an upgrade; their calls must go on."""
    call = a_call(state=State.FOLLOWING)
    await add_call(store, call, most=9)

    with pytest.raises(SchemaBehind, match="ringout-bot migrate"):
        await store.writer.run(lambda c: migrate.check(c, later))
    done = await store.writer.run(lambda c: migrate.upgrade(c, later))
    again = await store.writer.run(lambda c: migrate.upgrade(c, later))

    assert done == (OURS.newest, "v999_1")
    assert again == ("v999_1", "v999_1")
    await store.writer.run(lambda c: migrate.check(c, later))
    assert await store.get(call.id) == call


async def test_the_program_before_goes_on_with_the_new_tables(
    store: Store, later: Revisions
) -> None:
    """In a rolling upgrade the previous version must still store new calls."""
    await store.writer.run(lambda c: migrate.upgrade(c, later))

    assert await store.migrate() == ("v999_1", "v999_1")
    await store.open()
    call = a_call(state=State.FOLLOWING)
    await add_call(store, call, most=9)
    moved = await store.change(call.id, lambda c: replace(c, tries=3), call.asked_at)

    assert moved == await store.get(call.id) == replace(call, tries=3)


async def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    store: Store, later: Revisions
) -> None:
    """Neither version could run on half a schema."""
    (newest,) = later.scripts.glob("versions/v999_1.py")
    newest.write_text(newest.read_text() + "    op.drop_table('nothing')\n")

    with pytest.raises(Exception, match="nothing"):
        await store.writer.run(lambda c: migrate.upgrade(c, later))

    def shape(connection: Connection) -> tuple[str, set[str]]:
        found: Inspector = inspect(connection)
        return migrate.revision(connection), set(found.get_table_names())

    revision, names = await store.writer.run(shape)
    assert revision == OURS.newest
    assert names == {*METADATA.tables, "alembic_version"}


# Databases from before 0.1.0


@pytest.mark.parametrize("revision", [*sorted(DEVELOPMENT), None])
async def test_a_database_from_before_the_release_is_refused(
    store: Store, revision: str | None
) -> None:
    """Its columns have other names: queries would fail in the middle of a call."""

    def age(connection: Connection) -> None:
        connection.execute(insert(tables.calls).values(tables.to_row(a_call())))
        connection.execute(text("DELETE FROM alembic_version"))
        if revision is not None:
            statement = text("INSERT INTO alembic_version VALUES (:it)")
            connection.execute(statement, {"it": revision})

    await store.writer.run(age)

    for refuse in (store.open, store.migrate):
        with pytest.raises(DevelopmentDatabase, match=revision or "none"):
            await refuse()


async def test_a_database_of_a_later_version_is_left_as_it_is(store: Store) -> None:
    """In a rolling upgrade the old version meets an unknown revision and must go on."""
    statement = text("UPDATE alembic_version SET version_num = 'v999_1'")
    await store.writer.run(lambda connection: connection.execute(statement))

    assert await store.migrate() == ("v999_1", "v999_1")
    await store.open()


@pytest.mark.parametrize("text_", ["", "  "])
async def test_an_empty_revision_is_one_sentence(store: Store, text_: str) -> None:
    """Alembic ends with a traceback there, and says nothing about what to do."""
    change = text("UPDATE alembic_version SET version_num = :it")
    await store.writer.run(lambda connection: connection.execute(change, {"it": text_}))

    for refuse in (store.open, store.migrate):
        with pytest.raises(RevisionUnknown, match="restore a backup"):
            await refuse()
