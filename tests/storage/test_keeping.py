"""What the database guarantees: one owner, shared budgets, and timely deletion."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import (
    Connection,
    func,
    select,
    text,
)

from bot.calls.call import Call, State
from bot.calls.lag import UNKNOWN, Lag, Sighting
from bot.cli import database
from bot.cluster.budget import CLOCKS_DIFFER_BY, StoredGate, name_of
from bot.errors import NotSent, StoreTaken, StoreUnavailable
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.transport.wire import Rate
from bot.storage.calls import tables as schema
from bot.storage.calls.store import Store
from bot.storage.calls.takeover import USUAL_TAKEOVER
from bot.storage.retention import Retention
from bot.storage.shared.log_lags import LogLag
from bot.storage.shared.processes import Processes
from bot.storage.shared.user_state import UserState
from fakes import FakeClock
from hearts import seen
from intents import CALLEE, NOON, a_call, add_call

HEAVY = Rate("heavy", 10, 9, 60.0)


async def test_one_sqlite_file_has_one_process(tmp_path: Path) -> None:
    """The operating system releases the lock however the process ends."""
    url = f"sqlite:///{tmp_path}/calls.db"
    first, second = Store(url), Store(url)
    await first.open(alone=True)

    with pytest.raises(StoreTaken):
        await second.open(alone=True)
    first.close()
    await second.open(alone=True)

    second.close()


async def test_a_closed_store_says_so(store: Store) -> None:
    """A caller must get an error at once instead of waiting for a closed database."""
    store.close()

    with pytest.raises(StoreUnavailable):
        await store.get("c1")


async def test_two_processes_never_exceed_what_one_user_may(store: Store) -> None:
    """RingCentral's limit is per user, so all processes share one row."""
    clock = FakeClock()
    gates = [
        StoredGate(UserState(store.writer, name_of("u", "c", "j")), clock)
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
    """A request during the penalty would restart it, whichever process sends it."""
    clock = FakeClock()
    one, other = (StoredGate(UserState(store.writer, "x"), clock) for _ in range(2))
    await one.enter(Purpose.PLACE)
    await one.leave(Purpose.PLACE, None, (60.0, "heavy"))

    assert await other.enter(Purpose.LOG) == pytest.approx(
        60, abs=CLOCKS_DIFFER_BY + 0.01
    )
    assert await other.enter(Purpose.STATUS) == 0


async def test_a_process_whose_clock_is_a_little_ahead_waits_a_penalty_out(
    store: Store,
) -> None:
    """Clocks agree only to milliseconds; asking early would restart the penalty."""
    behind, ahead = FakeClock(), FakeClock()
    ahead.pass_by(0.2)
    one, other = (StoredGate(UserState(store.writer, "x"), c) for c in (behind, ahead))
    await one.enter(Purpose.PLACE)
    await one.leave(Purpose.PLACE, None, (2.0, "heavy"))

    ahead.pass_by(1.99)

    assert await other.enter(Purpose.PLACE) > 0
    ahead.pass_by(0.5)
    assert await other.enter(Purpose.PLACE) == 0


async def test_a_process_whose_clock_is_a_little_ahead_waits_a_window_out(
    store: Store,
) -> None:
    """RingCentral still counts a request that a fast clock thinks is a minute old."""
    behind, ahead = FakeClock(), FakeClock()
    ahead.pass_by(0.2)
    one, other = (StoredGate(UserState(store.writer, "x"), c) for c in (behind, ahead))
    await one.enter(Purpose.CANCEL)
    await one.leave(Purpose.CANCEL, replace(HEAVY, limit=1, remaining=0), None)

    ahead.pass_by(HEAVY.window - 0.1)

    assert await other.enter(Purpose.CANCEL) > 0
    ahead.pass_by(0.2)
    assert await other.enter(Purpose.CANCEL) == 0


async def test_without_a_database_nothing_is_sent(store: Store) -> None:
    """Without the shared budget a request might exceed RingCentral's limit."""
    gate = StoredGate(UserState(store.writer, "x"), FakeClock())
    store.close()

    with pytest.raises(NotSent):
        await gate.enter(Purpose.PLACE)
    await gate.leave(Purpose.PLACE, HEAVY, None)


async def test_a_penalty_outlives_an_outage_of_the_database(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests stay blocked even if the penalty could not be stored when it began."""
    clock = FakeClock()
    gate = StoredGate(UserState(store.writer, "x"), clock)
    await gate.enter(Purpose.PLACE)
    with monkeypatch.context() as outage:
        outage.setattr(store.writer, "_closed", True)
        await gate.leave(Purpose.PLACE, None, (60.0, "heavy"))
    clock.pass_by(10)

    assert await gate.enter(Purpose.PLACE) == pytest.approx(
        50, abs=CLOCKS_DIFFER_BY + 0.01
    )
    other = StoredGate(UserState(store.writer, "x"), clock)
    assert await other.enter(Purpose.LOG) == pytest.approx(
        50, abs=CLOCKS_DIFFER_BY + 0.01
    )


async def test_the_call_log_is_read_by_one_at_a_time(store: Store) -> None:
    """One read serves all waiting calls; a second would use up what new calls need."""
    turns = [UserState(store.writer, "x") for _ in range(4)]
    until = NOON + timedelta(seconds=15)

    taken = await asyncio.gather(*(each.log_turn(NOON, until) for each in turns))

    assert sum(taken) == 1
    assert await turns[0].log_turn(until, until + timedelta(seconds=15))
    await turns[1].no_log_before(until + timedelta(minutes=1))
    assert not await turns[2].log_turn(until + timedelta(seconds=30), until)


async def test_a_lag_is_kept_over_restarts_and_forgotten_in_time(store: Store) -> None:
    """The first call after a deploy is told as soon as the last one before it."""
    older, newer = Sighting(5.0, 7.5), Sighting(0.0, 6.0)
    await LogLag(store.writer, "x").learn([older], NOON)
    await LogLag(store.writer, "x").learn([newer], NOON)

    kept = LogLag(store.writer, "x")
    assert await kept.get() == Lag((newer, older))
    assert await LogLag(store.writer, "y").get() == UNKNOWN
    await Retention(store.writer).purge(NOON)
    assert await kept.get() != UNKNOWN
    await Retention(store.writer).purge(NOON + timedelta(seconds=1))
    assert await kept.get() == UNKNOWN


async def test_a_silent_process_s_calls_are_freed_but_for_what_may_be_under_way(
    store: Store,
) -> None:
    """A poll may be repeated; a post or a RingOut is left alone until it has landed."""
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
        call = a_call(id=name, key=name, held_by="dead", next_at=late, **values)
        await add_call(store, call, most=99, again=True)

    await seen(store, "dead", USUAL_TAKEOVER.dead * 2)
    beat = await alive.beat()
    freed = {name: await store.get(name) for name in kinds}
    again = await dead.beat()

    assert (beat.released, beat.alive) == (5, 1)
    assert again.declared_dead
    assert all(
        call and call.held_by == "" and call.attempt == 2 for call in freed.values()
    )
    landed = beat.at + USUAL_TAKEOVER.post_in_flight
    due = {name: call.next_at for name, call in freed.items() if call}
    assert due == {"a": beat.at, "b": late, "c": landed, "d": landed, "e": beat.at}


async def test_a_post_that_is_due_to_be_looked_for_is_not_put_off(store: Store) -> None:
    """Its dead process had already waited; the person must not wait a second time."""
    dead, alive = Processes(store.writer, "dead"), Processes(store.writer, "alive")
    await dead.beat()
    soon = await alive.now() + timedelta(seconds=2)
    posted = {"state": State.REQUESTED, "card_tried": True, "next_at": soon}
    await add_call(store, a_call(held_by="dead", **posted), most=9)

    await seen(store, "dead", USUAL_TAKEOVER.dead * 2)
    await alive.beat()

    freed = await store.get("c1")
    assert freed is not None
    assert (freed.held_by, freed.next_at) == ("", soon)


async def test_a_process_that_leaves_gives_its_calls_to_the_others(
    store: Store,
) -> None:
    """Others may send what it did not send yet; it keeps what is in flight."""
    leaving, other = Processes(store.writer, "me"), Processes(store.writer, "other")
    await leaving.beat()
    assert not await leaving.hand_over()
    await other.beat()
    for name in ("busy", "idle"):
        call = a_call(id=name, key=name, taken_by="me", held_by="me")
        await add_call(store, call, most=99, again=True)

    assert await leaving.hand_over({"busy"})
    busy, idle = await store.get("busy"), await store.get("idle")
    await leaving.leave()
    left = await store.get("busy")

    assert busy is not None
    assert idle is not None
    assert left is not None
    assert (busy.held_by, busy.taken_by) == ("me", "me")
    assert (idle.held_by, idle.taken_by) == ("", "")
    assert (left.held_by, left.taken_by) == ("", "me")
    assert (await other.beat()).alive == 1


async def count(store: Store) -> list[int]:
    """Return the rows of each table that knows of calls."""
    tables = (schema.calls, schema.call_records, schema.call_events)

    def work(connection: Connection) -> list[int]:
        counts = [select(func.count()).select_from(table) for table in tables]
        return [connection.scalar(each) or 0 for each in counts]

    return await store.writer.run(work)


async def keep(store: Store, name: str, **values: object) -> Call:
    """Store a call with its record."""
    await add_call(store, a_call(id=name, key=name), most=99, again=True)

    def finish(call: Call) -> Call:
        return replace(call, records=(f"r-{name}",), **values)  # type: ignore[arg-type]

    changed = await store.change(name, finish, NOON)
    assert changed is not None
    return changed


async def test_finished_calls_are_forgotten_in_every_table(store: Store) -> None:
    """The database must not grow forever; open calls must never be deleted."""
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
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Whoever asks to be erased is; the operator sees a count first."""
    url = f"sqlite:///{tmp_path}/other.db"
    store = Store(url)
    await store.open()
    await keep(store, "a", state=State.DONE)
    await keep(store, "b", state=State.DONE, callee=a_call().caller)
    await keep(store, "c", state=State.FOLLOWING)

    bad = await database.erase(url, "nobody", region="US", dry=True)
    dry = await database.erase(url, CALLEE.e164, region="US", dry=True)
    kept = await count(store)
    done = await database.erase(url, CALLEE.e164, region="US", dry=False)
    said = capsys.readouterr().out

    assert (bad, dry, done) == (2, 1, 1)  # one is open, its reply still to come
    assert kept[0] == 3
    assert (await count(store))[:2] == [2, 2]
    assert "would be erased: 1 calls, 1 call-log records" in said
    assert "left: 1 calls that are still open" in said
    assert CALLEE.e164 not in said
    store.close()


async def test_one_bad_job_fails_alone(store: Store) -> None:
    """A statement that the database refuses must not undo others in the same commit."""
    results = await asyncio.gather(
        store.writer.run(
            lambda connection: connection.execute(text("SELECT nonsense"))
        ),
        add_call(store, a_call(), most=9),
        store.writer.run(lambda connection: connection.scalar(text("SELECT 1"))),
        return_exceptions=True,
    )

    assert isinstance(results[0], StoreUnavailable)
    assert results[2] == 1
    assert await store.get("c1") is not None
