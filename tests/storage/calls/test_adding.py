"""New calls that share a commit: judged by one query, each as if it were alone."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from bot.calls.call import Call, Place
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Person, Preferences
from bot.errors import MayBeStored, StoreUnavailable
from bot.policy.added import Verdict
from bot.storage.calls.before_adding import GIVEN, Counted, select_before_insert
from bot.storage.calls.store import Store
from bot.storage.database.given_rows import dumped
from bot.storage.people.connections import Connections
from bot.vault import Vault
from intents import NOON, a_call, add_call

PEOPLE = 30


def intent(user: int, key: str, **given: Any) -> Call:
    """Return the intent of one of many people."""
    return a_call(id=f"i{key}", key=key, place=Place("T1", "C1", f"U{user}"), **given)


@contextmanager
def selects(store: Store) -> Iterator[list[str]]:
    """Collect the SELECTs of the database thread until the block ends."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(store.writer.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store.writer.engine, "before_cursor_execute", note)


def lose_the_next_commit(store: Store, patch: pytest.MonkeyPatch) -> None:
    """Let the server commit once more, and go away before it answers."""
    dialect: Any = store.writer.engine.dialect
    commit = dialect.do_commit

    def lost(connection: Any) -> None:
        commit(connection)
        patch.setattr(dialect, "do_commit", commit)
        raise dialect.loaded_dbapi.OperationalError("server closed the connection")

    patch.setattr(dialect, "do_commit", lost)
    patch.setattr(dialect, "is_disconnect", lambda *_: True)


async def all_at_once(store: Store, *works: Any) -> list[Any]:
    """Return what *works* return, which share one commit."""
    begun, go = threading.Event(), threading.Event()

    def hold(_: Connection) -> None:
        begun.set()
        go.wait()

    holding = asyncio.ensure_future(store.writer.run(hold))
    await asyncio.to_thread(begun.wait)  # or the holder's commit may take some along
    waiting = [asyncio.ensure_future(work) for work in works]
    await asyncio.sleep(0)  # each has put its job into the queue
    go.set()
    await holding
    return await asyncio.gather(*waiting)


async def test_many_commands_that_arrive_together_share_a_query(store: Store) -> None:
    """A query for each of them would be most of what a burst of acks costs."""
    calls = [intent(each, f"{each}") for each in range(PEOPLE)]

    with selects(store) as seen:
        added = await all_at_once(
            store, *(add_call(store, each, most=9) for each in calls)
        )

    assert {each.verdict for each in added} == {Verdict.NEW}
    assert len(seen) <= 2  # with PostgreSQL one locks the people's commands
    assert [await store.get(each.id) for each in calls] == calls


async def test_who_shares_a_query_gets_their_own_answer(store: Store) -> None:
    """Nobody may be refused for what somebody else has done."""
    other = PhoneNumber("+14155550188")
    for earlier in (intent(0, "a"), intent(1, "b"), intent(2, "c"), intent(3, "d")):
        await add_call(store, earlier, most=9)

    added = await all_at_once(
        store,
        add_call(store, intent(0, "a"), most=9),
        add_call(store, intent(1, "b2"), most=9),
        add_call(store, intent(2, "c2", callee=other), most=1),
        add_call(store, intent(3, "d2", callee=other), most=2),
        add_call(
            store,
            intent(4, "e", asked_at=NOON + timedelta(seconds=90), callee=other),
            most=1,
        ),
        add_call(store, intent(5, "f"), most=1),
        add_call(store, intent(5, "f2", callee=other), most=1),
    )

    assert [each.verdict.name for each in added] == [
        "REPEATED",
        "ALREADY_OPEN",
        "TOO_MANY",
        "NEW",
        "NEW",
        "NEW",
        "TOO_MANY",
    ]
    assert [each.call.id for each in added[:2]] == ["ia", "ib"]


async def test_people_who_command_together_are_read_by_one_query(
    store: Store,
) -> None:
    """Each ack reads whose account it uses: thirty of them cost one query."""
    people = Connections(store.writer, Vault([]))
    asked = [
        Person("E1" if each % 2 else "", "T1", f"U{each % 20}")
        for each in range(PEOPLE)
    ]
    for n, person in enumerate(asked[:20]):
        await people.prefer(person, Preferences(first=f"+1415555{n:04d}"))

    with selects(store) as seen:
        found = await all_at_once(store, *(people.of(person) for person in asked))

    assert len(seen) == 1
    assert [chosen.first for _, chosen in found] == [
        f"+1415555{each % 20:04d}" for each in range(PEOPLE)
    ]


async def test_a_call_whose_commit_was_not_answered_goes_on_if_it_is_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It will be dialed: who is told that it was not would call again."""
    call = intent(1, "a")
    lose_the_next_commit(store, monkeypatch)

    added = await add_call(store, call, most=9)

    assert added.verdict is Verdict.NEW
    assert await store.get(call.id) == call


async def test_nobody_is_told_that_a_call_which_may_be_stored_is_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While no server can be asked, it is not known whether the call is there."""

    async def gone(_: str) -> Call | None:
        raise StoreUnavailable

    monkeypatch.setattr(store, "get", gone)
    lose_the_next_commit(store, monkeypatch)

    with pytest.raises(MayBeStored):
        await add_call(store, intent(1, "a"), most=9)


async def test_what_fails_before_the_commit_is_not_stored(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the person may safely be told so, also after commits that went well."""
    await add_call(store, intent(1, "a"), most=9)

    def broken(*_: object) -> None:
        raise OperationalError("", {}, Exception(), connection_invalidated=True)

    monkeypatch.setattr(store.writer, "_connect", broken)
    with pytest.raises(StoreUnavailable) as caught:
        await add_call(store, intent(2, "b"), most=9)

    assert not isinstance(caught.value, MayBeStored)


async def test_no_index_leads_through_all_calls_of_a_person_or_workspace(
    store: Store,
) -> None:
    """Those to the number, and those of the last minute, are all that is read of them."""
    postgres = store.writer.is_postgres
    query = select_before_insert(postgres=postgres, counted=Counted.EARLIER)
    asked = dumped([("0",) * len(GIVEN)])

    def plan(connection: Connection) -> str:
        if postgres:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        explain = "EXPLAIN " if postgres else "EXPLAIN QUERY PLAN "
        seen: list[Any] = []
        event.listen(
            connection, "before_cursor_execute", lambda *its: seen.append(its[2:4])
        )
        connection.execute(query, asked)
        rows = connection.exec_driver_sql(explain + seen[0][0], seen[0][1])
        return "\n".join(str(row[-1]) for row in rows)

    used = re.findall(
        r"(?:INDEX|using) (calls_(?!key)\w+)", await store.writer.run(plan)
    )

    assert sorted(used)[:2] == ["calls_by_callee", "calls_by_callee"]
    assert set(used) <= {"calls_by_callee", "calls_by_user", "calls_by_time"}
