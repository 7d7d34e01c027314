"""What the database keeps: its shape, one budget for all, and what is forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Connection,
    create_engine,
    func,
    insert,
    inspect,
    select,
    text,
)

from bot.calls.call import Call, State
from bot.calls.person import Shows
from bot.cli import database
from bot.cluster.budget import APART, Shared, name_of
from bot.errors import NotSent, SchemaBehind, StoreTaken, StoreUnavailable
from bot.ringcentral.budget import Purpose
from bot.ringcentral.transport.wire import Rate
from bot.storage.calls import tables as schema
from bot.storage.calls.statements import UNDER_WAY
from bot.storage.calls.store import Store
from bot.storage.database import migrate
from bot.storage.retention import Retention
from bot.storage.shared.processes import DEAD_AFTER, Processes
from bot.storage.shared.user_state import Credentials
from fakes import FakeClock
from hearts import seen
from intents import CALLEE, NOON, a_call
from postgres import Server
from town import Town

HEAVY = Rate("heavy", 10, 9, 60.0)


def test_the_program_needs_the_newest_revision() -> None:
    """A revision that nobody runs is a column that is not there."""
    scripts = ScriptDirectory(str(migrate.SCRIPTS))

    assert scripts.get_current_head() == schema.HEAD


async def test_two_that_migrate_at_once_wait_for_one_another(postgres: Server) -> None:
    """Two bots of one deployment may be told to: one does it, one finds it done."""
    url = postgres.fresh_database()
    stores = [Store(url, name) for name in ("a", "b")]
    try:
        done = await asyncio.gather(*(store.migrate() for store in stores))
    finally:
        for store in stores:
            store.close()
        postgres.drop(url)

    assert sorted(done) == [("", schema.HEAD), (schema.HEAD, schema.HEAD)]


async def test_the_revisions_make_the_tables_that_the_program_uses(
    store: Store,
) -> None:
    """The two are written twice; a column that only one has breaks at the first use."""

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection)
        return list(compare_metadata(context, schema.metadata))

    assert await store.writer.run(differences) == []


def at_revision(url: str, revision: str) -> None:
    """Make a database as the program of *revision* had it, with a call in flight."""
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        put(connection, "c1")
        if revision == migrate.FIRST:  # nobody counted revisions then
            connection.execute(text("DROP TABLE alembic_version"))
    engine.dispose()


def put(connection: Connection, name: str, *unknown: str) -> None:
    """Insert a call as a program would that does not know the columns *unknown*."""
    there = {each["name"] for each in inspect(connection).get_columns("calls")}
    call = replace(a_call(state=State.FOLLOWING), id=name, key=name)
    row = {k: v for k, v in schema.to_row(call).items() if k in there - set(unknown)}
    connection.execute(insert(schema.calls).values(row))


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
async def test_an_older_database_is_brought_up_with_its_calls(
    tmp_path: Path, revision: str
) -> None:
    """An upgrade happens with calls in flight; the last version's must go on."""
    url = f"sqlite:///{tmp_path}/calls.db"
    await asyncio.to_thread(at_revision, url, revision)

    store = Store(url)
    await store.open(alone=True)
    kept = await store.get("c1")

    assert kept == replace(a_call(state=State.FOLLOWING), key="c1")
    assert await store.writer.run(migrate.revision) == schema.HEAD
    store.close()


async def test_the_program_before_goes_on_with_the_new_tables(store: Store) -> None:
    """Processes are replaced one by one; an old one must be able to store an intent."""
    added = (
        "holder", "account", "in_name_of", "caller_id", "prompt", "shows", "faults",
        "failing_since", "silent_since",
    )  # fmt: skip

    await store.writer.run(lambda connection: put(connection, "c7", *added))

    kept = await store.get("c7")
    assert kept is not None
    assert (kept.account, kept.prompt, kept.shows) == ("", False, Shows.CHANNEL)
    assert (kept.faults, kept.silent_since) == (0, None)


async def test_a_database_that_is_behind_is_named_and_left_alone(store: Store) -> None:
    """An operator decides when a shared database changes."""
    await store.writer.run(
        lambda connection: connection.execute(
            text("UPDATE alembic_version SET version_num = '0001'")
        )
    )

    with pytest.raises(SchemaBehind, match="ringout-bot migrate"):
        await store.writer.run(migrate.check)


async def test_a_newer_database_is_left_as_it_is(store: Store) -> None:
    """While processes are replaced one by one, old ones run on the new shape."""
    await store.writer.run(
        lambda connection: connection.execute(
            text("UPDATE alembic_version SET version_num = '9999'")
        )
    )

    assert await store.migrate() == ("9999", "9999")


async def test_one_sqlite_file_has_one_process(tmp_path: Path) -> None:
    """The lock goes with its holder, however that ends."""
    url = f"sqlite:///{tmp_path}/calls.db"
    first, second = Store(url), Store(url)
    await first.open(alone=True)

    with pytest.raises(StoreTaken):
        await second.open(alone=True)
    first.close()
    await second.open(alone=True)

    second.close()


async def test_a_closed_store_says_so(store: Store) -> None:
    """Nobody should wait for a database that was put away."""
    store.close()

    with pytest.raises(StoreUnavailable):
        await store.get("c1")


async def test_two_processes_never_exceed_what_one_user_may(store: Store) -> None:
    """Each asks the same row; the limit is the user's, not the process's."""
    clock = FakeClock()
    gates = [
        Shared(Credentials(store.writer, name_of("u", "c", "j")), clock)
        for _ in range(3)
    ]
    assert await gates[0].enter(Purpose.CANCEL) == 0
    assert await gates[1].enter(Purpose.CANCEL) > 0  # its limit is not known yet
    await gates[0].leave(Purpose.CANCEL, HEAVY, None)

    waits = [await gates[n % 3].enter(Purpose.CANCEL) for n in range(20)]

    assert sum(wait == 0 for wait in waits) == 9
    clock.pass_by(61)  # none of the nine was answered: their process is dead
    assert await gates[2].enter(Purpose.CANCEL) == 0
    assert await gates[1].enter(Purpose.CANCEL) > 0


async def test_a_penalty_is_every_process_s(store: Store) -> None:
    """A request inside it would start it anew, whoever sends it."""
    clock = FakeClock()
    one, other = (Shared(Credentials(store.writer, "x"), clock) for _ in range(2))
    await one.enter(Purpose.PLACE)
    await one.leave(Purpose.PLACE, None, (60.0, "heavy"))

    assert await other.enter(Purpose.LOG) == pytest.approx(60, abs=APART + 0.01)
    assert await other.enter(Purpose.STATUS) == 0


async def test_a_process_whose_clock_is_a_little_ahead_waits_a_penalty_out(
    store: Store,
) -> None:
    """All follow the database's clock, but not to the millisecond: seen in a storm."""
    behind, ahead = FakeClock(), FakeClock()
    ahead.pass_by(0.2)
    one, other = (Shared(Credentials(store.writer, "x"), c) for c in (behind, ahead))
    await one.enter(Purpose.PLACE)
    await one.leave(Purpose.PLACE, None, (2.0, "heavy"))

    ahead.pass_by(1.99)

    assert await other.enter(Purpose.PLACE) > 0
    ahead.pass_by(0.5)
    assert await other.enter(Purpose.PLACE) == 0


async def test_a_process_whose_clock_is_a_little_ahead_waits_a_window_out(
    store: Store,
) -> None:
    """What it counts as a minute ago is no minute ago at RingCentral."""
    behind, ahead = FakeClock(), FakeClock()
    ahead.pass_by(0.2)
    one, other = (Shared(Credentials(store.writer, "x"), c) for c in (behind, ahead))
    await one.enter(Purpose.CANCEL)
    await one.leave(Purpose.CANCEL, replace(HEAVY, limit=1, remaining=0), None)

    ahead.pass_by(HEAVY.window - 0.1)

    assert await other.enter(Purpose.CANCEL) > 0
    ahead.pass_by(0.2)
    assert await other.enter(Purpose.CANCEL) == 0


async def test_without_a_database_nothing_is_sent(store: Store) -> None:
    """A budget that can't be asked admits nothing."""
    gate = Shared(Credentials(store.writer, "x"), FakeClock())
    store.close()

    with pytest.raises(NotSent):
        await gate.enter(Purpose.PLACE)
    await gate.leave(Purpose.PLACE, HEAVY, None)


async def test_a_penalty_outlives_an_outage_of_the_database(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What RingCentral said while nobody could write it down still holds."""
    clock = FakeClock()
    gate = Shared(Credentials(store.writer, "x"), clock)
    await gate.enter(Purpose.PLACE)
    with monkeypatch.context() as outage:
        outage.setattr(store.writer, "_closed", True)
        await gate.leave(Purpose.PLACE, None, (60.0, "heavy"))
    clock.pass_by(10)

    assert await gate.enter(Purpose.PLACE) == pytest.approx(50, abs=APART + 0.01)
    other = Shared(Credentials(store.writer, "x"), clock)
    assert await other.enter(Purpose.LOG) == pytest.approx(50, abs=APART + 0.01)


async def test_the_call_log_is_read_by_one_at_a_time(store: Store) -> None:
    """One read serves all waiting calls; two would cost what new calls need."""
    turns = [Credentials(store.writer, "x") for _ in range(4)]
    until = NOON + timedelta(seconds=15)

    taken = await asyncio.gather(*(each.log_turn(NOON, until) for each in turns))

    assert sum(taken) == 1
    assert await turns[0].log_turn(until, until + timedelta(seconds=15))
    await turns[1].no_log_before(until + timedelta(minutes=1))
    assert not await turns[2].log_turn(until + timedelta(seconds=30), until)


async def test_a_silent_process_s_calls_are_freed_but_for_what_may_be_under_way(
    store: Store,
) -> None:
    """A poll may be asked twice; what posts or rings is waited for, and no longer."""
    dead, alive = Processes(store.writer, "dead"), Processes(store.writer, "alive")
    await dead.beat()
    await alive.beat()
    late = await alive.now() + timedelta(seconds=30)
    known = {"card_tried": True, "card_ts": "1.1"}
    kinds = {
        "a": {"state": State.FOLLOWING, **known},
        "b": {"state": State.PLACING, **known},
        "c": {"state": State.REPORTING, "reply_tried": True, **known},
        "d": {"state": State.REQUESTED, "card_tried": True},
        "e": {"state": State.REPORTING, **known},
    }
    for name, values in kinds.items():
        call = a_call(id=name, key=name, holder="dead", next_at=late, **values)
        await store.add(call, most=99, again=True)

    await seen(store, "dead", DEAD_AFTER * 2)
    beat = await alive.beat()
    freed = {name: await store.get(name) for name in kinds}
    again = await dead.beat()

    assert (beat.freed, beat.alive) == (5, 1)
    assert again.lost
    assert all(
        call and call.holder == "" and call.attempt == 2 for call in freed.values()
    )
    landed = beat.at + UNDER_WAY
    due = {name: call.next_at for name, call in freed.items() if call}
    assert due == {"a": beat.at, "b": late, "c": landed, "d": landed, "e": beat.at}


async def test_a_post_that_is_due_to_be_looked_for_is_not_put_off(store: Store) -> None:
    """Its process had waited already when it died."""
    dead, alive = Processes(store.writer, "dead"), Processes(store.writer, "alive")
    await dead.beat()
    soon = await alive.now() + timedelta(seconds=2)
    posted = {"state": State.REQUESTED, "card_tried": True, "next_at": soon}
    await store.add(a_call(holder="dead", **posted), most=9)

    await seen(store, "dead", DEAD_AFTER * 2)
    await alive.beat()

    freed = await store.get("c1")
    assert freed is not None
    assert (freed.holder, freed.next_at) == ("", soon)


async def test_a_process_that_leaves_gives_its_calls_to_the_others(
    store: Store,
) -> None:
    """What it did not send yet, another may; what is under way it keeps."""
    leaving, other = Processes(store.writer, "me"), Processes(store.writer, "other")
    await leaving.beat()
    assert not await leaving.hand_over()
    await other.beat()
    for name in ("busy", "idle"):
        call = a_call(id=name, key=name, owner="me", holder="me")
        await store.add(call, most=99, again=True)

    assert await leaving.hand_over({"busy"})
    busy, idle = await store.get("busy"), await store.get("idle")
    await leaving.leave()
    left = await store.get("busy")

    assert busy is not None
    assert idle is not None
    assert left is not None
    assert (busy.holder, busy.owner) == ("me", "me")
    assert (idle.holder, idle.owner) == ("", "")
    assert (left.holder, left.owner) == ("", "me")
    assert (await other.beat()).alive == 1


async def count(store: Store) -> list[int]:
    """Return the rows of each table that knows of calls."""
    tables = (schema.calls, schema.records, schema.events)

    def work(connection: Connection) -> list[int]:
        counts = [select(func.count()).select_from(table) for table in tables]
        return [connection.scalar(each) or 0 for each in counts]

    return await store.writer.run(work)


async def keep(store: Store, name: str, **values: object) -> Call:
    """Store a call with a record of its own."""
    await store.add(a_call(id=name, key=name), most=99, again=True)

    def finish(call: Call) -> Call:
        return replace(call, records=(f"r-{name}",), **values)  # type: ignore[arg-type]

    changed = await store.change(name, finish, NOON)
    assert changed is not None
    return changed


async def test_finished_calls_are_forgotten_in_every_table(store: Store) -> None:
    """What is kept for ever leaks one day; what is open is never forgotten."""
    old, new = NOON - timedelta(days=91), NOON - timedelta(days=89)
    await keep(store, "old", state=State.DONE, next_at=old)
    await keep(store, "new", state=State.DONE, next_at=new)
    await keep(store, "open", state=State.FOLLOWING, next_at=old)

    gone = await Retention(store.writer).purge(NOON - timedelta(days=90))

    assert gone == 1
    assert await store.get("old") is None
    assert await store.get("open") is not None
    assert (await count(store))[:2] == [2, 2]


async def test_a_number_is_erased_from_every_table(
    town: Town, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Whoever asks to be forgotten is, with a count first."""
    url = f"sqlite:///{tmp_path}/other.db"
    store = Store(url)
    await store.open()
    await keep(store, "a", state=State.DONE)
    await keep(store, "b", state=State.DONE, callee=a_call().caller)
    await keep(store, "c", state=State.FOLLOWING)
    settings = town.settings(DATABASE_URL=url)

    bad = await database.erase(settings, "nobody", dry=True)
    dry = await database.erase(settings, CALLEE.e164, dry=True)
    kept = await count(store)
    done = await database.erase(settings, CALLEE.e164, dry=False)
    said = capsys.readouterr().out

    assert (bad, dry, done) == (2, 1, 1)  # one is open, and owes somebody a reply
    assert kept[0] == 3
    assert (await count(store))[:2] == [2, 2]
    assert "would be erased: 1 calls, 1 call-log records" in said
    assert "left: 1 calls that are still open" in said
    assert CALLEE.e164 not in said
    store.close()


async def test_one_bad_job_fails_alone(store: Store) -> None:
    """A statement that the database refuses must not take others' commits with it."""
    results = await asyncio.gather(
        store.writer.run(
            lambda connection: connection.execute(text("SELECT nonsense"))
        ),
        store.add(a_call(), most=9),
        store.writer.run(lambda connection: connection.scalar(text("SELECT 1"))),
        return_exceptions=True,
    )

    assert isinstance(results[0], StoreUnavailable)
    assert results[2] == 1
    assert await store.get("c1") is not None
