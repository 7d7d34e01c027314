"""The outbox in the database: written with the call's end, and deleted with the call."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, func, select

from bot.after.remarks import Remarks
from bot.app.hook import Hook
from bot.calls.aftermath import Dispositions
from bot.calls.call import Call, End, Place, State, Why
from bot.calls.following import ended
from bot.calls.people.person import Person
from bot.errors import StoreUnavailable
from bot.settings import reading
from bot.storage.calls.store import Store
from bot.storage.hooks.outbox import Outbox
from bot.storage.hooks.tables import hook_events, hook_receivers
from bot.storage.people.connections import Connections
from bot.storage.retention import Retention
from bot.switchboard.policy import Policy
from bot.telemetry.measures import Measures
from bot.vault import Vault, new_key
from enough import ENOUGH
from fakes import FakeClock
from hook_receiver import HOOK_SECRET
from hooked import ADDRESS, Hooked
from intents import CALLEE, NOON, a_call, add_call

ON = {"RINGOUT_HOOK_URL": ADDRESS, "RINGOUT_HOOK_SECRET": HOOK_SECRET}


def hook(**env: str) -> Hook:
    """Return the bot's hook with these settings."""
    return Hook(reading.read(ENOUGH | env), FakeClock(), Measures())


async def waiting(store: Store) -> list[tuple[str, str]]:
    """Return each event's kind and call."""
    query = select(hook_events).order_by(hook_events.c.id)
    rows = await store.writer.run(lambda c: c.execute(query).all())
    return [(row.kind, row.call) for row in rows]


def not_placed(call: Call) -> Call:
    """End a call."""
    return ended(call, End.NOT_PLACED, NOON, Why.LATE)


def done(call: Call) -> Call:
    """Be done with a call."""
    return replace(call, state=State.DONE)


@pytest.mark.parametrize("env", [{}, ON], ids=["off", "on"])
async def test_a_call_that_ends_is_told_of_once(
    store: Store, env: dict[str, str]
) -> None:
    """Its end is stored once; all that follows changes nothing. Off, nothing is stored."""
    telling = Store(store.url, "me", teller=hook(**env))
    await add_call(telling, a_call(), most=9)

    for decide in (not_placed, not_placed, done):
        await telling.change("c1", decide, NOON)

    telling.close()
    assert await waiting(store) == ([("call.ended", "c1")] if env else [])


async def test_the_outbox_holds_no_address_no_secret_and_no_number(
    store: Store,
) -> None:
    """The receiver's address may hold a password, and what waits is read with its call."""
    telling = Store(store.url, "me", teller=hook(**ON))
    await add_call(telling, a_call(), most=9)
    await telling.change("c1", not_placed, NOON)
    telling.close()
    await Outbox(store.writer, ADDRESS, store.unreadable).stop(NOON)

    queries = [select(each) for each in (hook_events, hook_receivers)]
    found = [
        await store.writer.run(lambda c, q=each: c.execute(q).all())  # type: ignore[misc]
        for each in queries
    ]

    assert [len(rows) for rows in found] == [1, 1]
    for told in (ADDRESS, "hook.example", HOOK_SECRET, CALLEE.e164[1:]):
        assert told not in str(found)


async def test_the_event_and_the_end_are_stored_together_or_not_at_all(
    store: Store,
) -> None:
    """A crash between the two would lose the event, or tell of an end that never was."""

    class Failing:
        def store(
            self, connection: Connection, old: Call, new: Call, now: datetime
        ) -> bool:
            assert hook(**ON).store(connection, old, new, now)
            raise StoreUnavailable("full")

        def wake(self) -> None:
            raise AssertionError("nothing is to be told")

    telling = Store(store.url, "me", teller=Failing())
    await add_call(telling, a_call(), most=9)

    with pytest.raises(StoreUnavailable):
        await telling.change("c1", not_placed, NOON)

    telling.close()
    assert await waiting(store) == []
    found = await store.get("c1")
    assert found is not None
    assert found.state is State.REQUESTED


@pytest.mark.parametrize("env", [{}, ON], ids=["off", "on"])
async def test_what_people_say_of_a_call_is_told_of_each_time(
    store: Store, env: dict[str, str]
) -> None:
    """Set, changed, removed: a receiver that misses one shows it wrong for good."""
    telling = Store(store.url, "me", teller=hook(**env))
    place = Place("T1", "C1", "U1")
    await add_call(telling, a_call(state=State.DONE, end=End.RECORDED), most=9)
    remarks = Remarks(
        telling, Policy(), Dispositions(("Spoke", "Call back")), FakeClock()
    )

    for word in ("Spoke", "Spoke", "Call back", ""):
        await remarks.choose(place, "c1", word)
    call = await remarks.note(place, "c1", "at five", None)
    assert call.aftermath is not None
    assert call.aftermath.note is not None
    await remarks.note(place, "c1", "", call.aftermath.note.at)

    telling.close()
    kinds = 3 * ["call.outcome"] + 2 * ["call.note"]
    assert await waiting(store) == ([(each, "c1") for each in kinds] if env else [])


async def test_what_waits_goes_with_its_call_and_with_its_workspace(
    store: Store,
) -> None:
    """Nobody is told of a call that was erased, nor of one whose workspace has left."""
    hooked = Hooked(store)
    for name, team, user in (
        ("a", "T1", "U1"),
        ("b", "T1", "U2"),
        ("c", "T2", "U1"),
        ("d", "T3", "U1"),
    ):
        call = a_call(id=name, key=name, place=Place(team, "C1", user))
        await add_call(store, replace(call, callee=CALLEE), most=9, again=True)
        await store.change(name, done, NOON)
        await hooked.ended(name)
    left = Connections(store.writer, Vault([new_key()]))

    await Retention(store.writer).erase_calls_of(
        Person("", "T1", "U1"), NOON, dry=False
    )
    assert await waiting(store) == [("call.ended", each) for each in "bcd"]
    await left.erase_within("", "T2", "U1", NOON)
    assert await waiting(store) == [("call.ended", each) for each in "bcd"]
    await left.erase_within("", "T2", "", NOON)
    assert await waiting(store) == [("call.ended", each) for each in "bd"]
    await Retention(store.writer).erase(CALLEE.e164, dry=False)
    assert await waiting(store) == []


async def test_old_calls_take_their_events_with_them(store: Store) -> None:
    """With the hook switched off, what waited would otherwise stay for good."""
    hooked = Hooked(store)
    await hooked.ended("a")
    await store.change("a", done, NOON)
    await hooked.outbox.stop(NOON)

    await Retention(store.writer).purge(NOON + timedelta(days=1))

    count = select(func.count()).select_from(hook_events)
    assert await store.writer.run(lambda c: c.scalar(count)) == 0
    assert (await hooked.outbox.state()).stopped_at is None
