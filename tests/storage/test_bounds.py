"""A finished call must leave only a few rows in the database, however it went."""

from __future__ import annotations

import asyncio
import os
import string
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text

from bot.calls.call import Call, End, State, Status
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.telling import Shown
from bot.calls.timing import Timing
from bot.errors import ChatUnknown, RateLimited, Refused, Unreachable
from bot.follow.closing import shown
from bot.storage.calls import tables
from bot.storage.calls.store import Store
from desk import Desk
from intents import NOON, a_call, add_call

MOST_EVENTS = 12
"""Rows of history, one per transition: see the diagram in `bot.calls.following`."""

MOST_BYTES = 4_096
"""Bytes of all values in all rows of one call."""

MANY = int(os.environ.get("RINGOUT_MANY_CALLS", "100"))
MOST_ON_DISK = {"sqlite": 4_000, "postgresql": 9_000}
"""Bytes per finished call, including indexes.

In PostgreSQL this includes old row versions that wait for a vacuum. docs/operations.md
states the figure for 1,000 calls.
"""

OUTCOME = Outcome(
    Side(Ending.ANSWERED, "Accepted"),
    Side(Ending.ANSWERED, "Call connected"),
    timedelta(seconds=62),
)


async def rows_of(store: Store, call: str) -> tuple[list[int], int]:
    """Return how many rows each table has of a call, and their size in bytes."""

    def work(connection: Connection) -> tuple[list[int], int]:
        found = []
        for table, column in (
            (tables.calls, tables.calls.c.id),
            (tables.call_events, tables.call_events.c.call),
            (tables.call_records, tables.call_records.c.call),
        ):
            rows = connection.execute(select(table).where(column == call)).all()
            found.append([list(row) for row in rows])
        size = sum(len(str(each)) for rows in found for row in rows for each in row)
        return [len(rows) for rows in found], size

    return await store.writer.run(work)


async def finished(desk: Desk, call: Call) -> Call:
    """Run steps until *call* is done, or nothing changes any more."""
    for _ in range(20):
        if call.state is State.RECORDING:
            desk.clock.pass_by(3600)
            await desk.read_log()
        else:
            await desk.follower._step(call)
        call = await stored(desk, call)
        if call.state in {State.REPORTING, State.CLOSING} and call.reply_ts:
            seen = Shown("f" * 16, last=True)
            await shown(desk.store, desk.clock, Timing(), call, seen)
            call = await stored(desk, call)
        if call.state is State.DONE:
            return call
    raise AssertionError(call.state)


async def stored(desk: Desk, call: Call) -> Call:
    """Return *call* as it is in the database."""
    found = await desk.store.get(call.id)
    assert found is not None
    return found


@pytest.mark.on_both
async def test_polls_edits_and_retries_leave_no_rows(desk: Desk) -> None:
    """Hours of polls through outages must not store more than a minute's call."""
    desk.far.errors = {}
    call = a_call(
        state=State.FOLLOWING,
        ringout_id="s-" + "x" * 60,
        sent_at=NOON,
        placed_at=NOON,
        seen=True,
        card_ts="1",
        card_channel="C1",
        card_tried=True,
    )
    await add_call(desk.store, call, most=9)
    failures: list[Exception | None] = [
        None,
        RateLimited(1),
        Unreachable("reset"),
        Refused(403),
        None,
    ]
    for turn in range(150):
        failure = failures[turn % len(failures)]
        desk.far.errors = {} if failure is None else {"status": failure}
        desk.clock.pass_by(2)
        await desk.follower._step(call)
        await shown(desk.store, desk.clock, Timing(), call, Shown(f"{turn:016x}"))
        call = await stored(desk, call)
    assert call.state is State.FOLLOWING

    desk.far.errors = {"log": Unreachable("reset")}
    await desk.store.change(
        call.id, lambda c: replace(c, state=State.RECORDING, ended_at=NOON), NOON
    )
    for _ in range(100):  # the call log can't be reached
        desk.clock.pass_by(16)
        await desk.read_log()
    desk.far.errors = {"post": ChatUnknown("lost")}
    desk.clock.pass_by(3600)
    await desk.read_log()
    await desk.store.change(
        call.id, lambda c: replace(c, state=State.REPORTING, end=End.UNCONFIRMED), NOON
    )
    for _ in range(100):  # Slack's answers get lost
        desk.clock.pass_by(61)
        await desk.follower._step(await stored(desk, call))
    desk.far.errors = {}
    await finished(desk, await stored(desk, call))

    (calls, events, records), size = await rows_of(desk.store, call.id)
    assert (calls, records) == (1, 0)
    assert events <= MOST_EVENTS
    assert size <= MOST_BYTES


async def lived(store: Store, number: int) -> None:
    """Take a call through all its states, with realistic values."""
    name = "".join(string.ascii_lowercase[int(each)] for each in f"{number:012d}")
    ringout, at = f"s-a0d7f2c41b9e3z1a1f9e98222z{number:012d}", NOON
    call = a_call(
        id=name,
        key=f"1T0SANDBOX/{number:064d}",
        asked_at=at,
        taken_by="0123456789abcdef",
    )
    await add_call(store, call, most=MANY * 2, again=True)
    answered = Status("Success", "Success", "Success")
    steps: list[tuple[str, dict[str, Any]]] = [
        ("", {"card_tried": True, "card_channel": "C0SALES0001"}),
        ("card posted", {"card_ts": "1795633858.339148"}),
        ("", {"state": State.PLACING, "sent_at": at}),
        ("placed", {"state": State.FOLLOWING, "ringout_id": ringout, "placed_at": at}),
        ("", {"status": answered, "seen": True, "connected": True, "changed_at": at}),
        ("", {"card_shown": "0123456789abcdef"}),
        ("", {"state": State.RECORDING, "ended_at": at}),
        (
            "",
            {
                "state": State.REPORTING,
                "end": End.RECORDED,
                "outcome": OUTCOME,
                "records": (f"{ringout}-a", f"{ringout}-b"),
            },
        ),
        ("", {"reply_tried": True}),
        ("reply posted", {"reply_ts": "1795633859.339148"}),
        ("", {"state": State.CLOSING}),
        ("", {"state": State.DONE}),
    ]
    for note, changed in steps:
        await store.change(name, lambda c, v=changed: replace(c, **v), at, note)  # type: ignore[misc]


def on_disk(connection: Connection) -> int:
    """Return the size of the database in bytes, including indexes."""
    if connection.dialect.name == "sqlite":
        pages = connection.scalar(text("PRAGMA page_count")) or 0
        return int(pages) * int(connection.scalar(text("PRAGMA page_size")) or 0)
    query = text("SELECT pg_database_size(current_database())")
    return int(connection.scalar(query) or 0)


async def test_a_finished_call_takes_a_few_kilobytes(store: Store) -> None:
    """Operators size their disks by this figure."""
    before = await store.writer.run(on_disk)

    await asyncio.gather(*(lived(store, number) for number in range(MANY)))

    each = (await store.writer.run(on_disk) - before) / MANY
    print(f"{each:.0f} bytes per finished call")  # noqa: T201 - pytest -rP shows it
    done = select(func.count()).where(tables.calls.c.state == State.DONE)
    assert await store.writer.run(lambda connection: connection.scalar(done)) == MANY
    assert each <= MOST_ON_DISK[store.writer.engine.dialect.name]
