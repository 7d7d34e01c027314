"""Events are told at least once, in order, under one id; a dead receiver costs no more."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from bot.hooks.deliveries import SENT_AT_ONCE
from bot.hooks.schedule import KEPT_FOR
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls
from bot.storage.hooks.outbox import HOOK_LEASE, Outbox
from bot.storage.hooks.tables import hook_events
from hooked import FAILS, GONE, TAKEN, Hooked, Scripted


async def test_an_event_is_told_once_and_then_no_longer_waits(store: Store) -> None:
    """A receiver that works is told of each call once."""
    hooked = Hooked(store)
    await hooked.ended("a")
    await hooked.ended("b")

    await hooked.look(times=2)

    assert sorted(call for _, call in hooked.receiver.sent) == ["a", "b"]
    assert (await hooked.outbox.waiting()).count == 0
    assert hooked.counted("delivered") == 2
    assert await hooked.deliveries.look() == hooked.look_within


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.lists(st.integers(1, 3), min_size=1, max_size=2),
    fails=st.lists(st.booleans(), max_size=5),
)
def test_whatever_fails_each_call_is_told_in_order(
    migrated: Path, events: list[int], fails: list[bool]
) -> None:
    """What became of a call must not arrive before that it has ended."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(migrated, Path(folder) / "calls.db")
        asyncio.run(_told_in_order(f"sqlite:///{folder}/calls.db", events, fails))


async def _told_in_order(url: str, events: list[int], fails: list[bool]) -> None:
    store = Store(url)
    left = list(fails)
    hooked = Hooked(store, Scripted(lambda _: FAILS if left and left.pop() else TAKEN))
    for number, count in enumerate(events):
        await hooked.ended(f"c{number}", count)

    await hooked.until_told()

    store.close()
    receiver = hooked.receiver
    assert len(receiver.taken) == len(set(receiver.taken)) == sum(events)
    tried = defaultdict(list)
    for message, call in receiver.sent:
        tried[call].append(message)
    for messages in tried.values():
        firsts = list(dict.fromkeys(messages))
        assert messages == sorted(messages, key=firsts.index)


# A process that dies

STEPS = ("before the try", "during it", "before the event is deleted")


@pytest.mark.parametrize("step", STEPS)
async def test_a_process_that_dies_leaves_its_event_to_be_told_again_under_its_id(
    store: Store, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kill -9 loses no event, and the receiver knows one that comes twice."""
    dying = Hooked(store)
    await dying.ended("a", events=2)
    reached = asyncio.Event()

    async def hang(*_: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    if step == STEPS[0]:
        dying.receiver.send = hang  # type: ignore[assignment, method-assign]
    elif step == STEPS[1]:
        dying.receiver.open.clear()
        reached = dying.receiver.came
    else:
        monkeypatch.setattr(dying.outbox, "told", hang)
    task = asyncio.create_task(dying.deliveries.look())
    await reached.wait()
    task.cancel()  # nothing of it runs on, as after kill -9

    other = Hooked(store, clock=dying.clock)
    await other.look()
    assert other.receiver.sent == []  # it may be under way yet
    other.clock.pass_by(HOOK_LEASE.total_seconds())
    await other.until_told()

    told = [message for message, _ in other.receiver.sent]
    assert len(told) == len(set(told)) == 2
    assert dying.receiver.sent == [] or dying.receiver.sent[0][0] == told[0]
    assert len(dying.receiver.sent) == (0 if step == STEPS[0] else 1)


async def test_several_processes_tell_each_event_once(store: Store) -> None:
    """They share the outbox, and none waits for another."""
    second = Store(store.url, "other")
    one, other = Hooked(store), Hooked(second)
    for number in range(12):
        await one.ended(f"c{number}")

    while (await one.outbox.waiting()).count:
        await asyncio.gather(one.look(), other.look())

    second.close()
    told = [message for each in (one, other) for message, _ in each.receiver.sent]
    assert len(told) == len(set(told)) == 12


async def test_a_paused_process_leaves_its_event_to_who_took_it_over(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Woken after its lease it would only repeat what another process has told."""
    paused = Hooked(store)
    await paused.ended("a")
    real = Outbox.lease_due

    async def slow(*args: object) -> object:
        found = await real(*args)  # type: ignore[arg-type]
        paused.clock.pass_by(HOOK_LEASE.total_seconds())
        return found

    monkeypatch.setattr(Outbox, "lease_due", slow)
    await paused.look()

    assert paused.receiver.sent == []


# A receiver that does not take them


async def test_a_dead_receiver_is_tried_for_three_days_and_then_the_event_is_dropped(
    store: Store,
) -> None:
    """What nobody takes must not fill the database, and is counted."""
    hooked = Hooked(store, Scripted(lambda _: FAILS))
    await hooked.ended("a")
    begun = hooked.clock.now()

    await hooked.until_told()

    assert hooked.clock.now() - begun >= KEPT_FOR
    assert len({message for message, _ in hooked.receiver.sent}) == 1
    state = await hooked.outbox.state()
    assert (state.dropped, state.trouble) == (1, "HTTP 500")
    assert hooked.counted("dropped") == 1
    assert hooked.counted("failed") == len(hooked.receiver.sent)


async def test_events_behind_one_that_waits_are_not_looked_for_all_the_time(
    store: Store,
) -> None:
    """A process whose receiver is down must idle between two tries."""
    hooked = Hooked(store, Scripted(lambda _: FAILS))
    await hooked.ended("a", events=3)

    pauses = [await hooked.deliveries.look() for _ in range(3)]

    assert len(hooked.receiver.sent) == 1
    assert min(pauses[1:]) > 1


async def test_a_receiver_that_hangs_is_sent_a_few_events_at_a_time(
    store: Store,
) -> None:
    """Its connections and memory are bounded, however many calls have ended."""
    hooked = Hooked(store)
    for number in range(SENT_AT_ONCE + 2):
        await hooked.ended(f"c{number}")
    hooked.receiver.open.clear()

    looking = asyncio.create_task(hooked.deliveries.look())
    while len(hooked.receiver.sent) < SENT_AT_ONCE:
        await asyncio.sleep(0.001)
    hooked.receiver.open.set()
    await looking
    await hooked.until_told()

    assert hooked.receiver.most == SENT_AT_ONCE
    assert len(hooked.receiver.taken) == SENT_AT_ONCE + 2


async def test_gone_stops_the_hook_until_a_test_event_is_taken(store: Store) -> None:
    """410 says that nobody wants these events: to go on would be a nuisance."""
    hooked = Hooked(store, Scripted(lambda _: GONE))
    await hooked.ended("a", events=2)
    await hooked.look()
    await hooked.ended("b")
    hooked.receiver.answer = lambda _: TAKEN

    await hooked.look()

    state = await hooked.outbox.state()
    assert (state.stopped_at is not None, state.dropped) == (True, 3)
    assert hooked.counted("dropped") == 3
    assert len(hooked.receiver.sent) == 1
    await hooked.outbox.resume(hooked.clock.now())  # as `ringout-bot hook test` does
    await hooked.ended("c")
    await hooked.look()
    assert hooked.receiver.sent[-1][1] == "c"
    assert len(hooked.receiver.taken) == 1


async def test_another_address_is_another_receiver(store: Store) -> None:
    """Who corrects a wrong address should not have to start the hook by hand."""
    await Hooked(store).outbox.stop(Hooked(store).clock.now())

    other = Outbox(store.writer, "https://other.example/", store.unreadable)

    assert (await Hooked(store).outbox.state()).stopped_at is not None
    assert (await other.state()).stopped_at is None


async def test_a_call_that_this_version_cannot_read_is_left_for_one_that_can(
    store: Store,
) -> None:
    """While processes are replaced, an old one meets words that only the new one knows."""
    hooked = Hooked(store)
    await hooked.ended("a")
    await hooked.ended("b")
    novel = update(calls).where(calls.c.id == "a")
    await store.writer.run(lambda c: c.execute(novel.values(shows="novel")))

    await hooked.look()

    assert [call for _, call in hooked.receiver.sent] == ["b"]
    assert (await hooked.outbox.waiting()).count == 1
    await store.writer.run(lambda c: c.execute(novel.values(shows="channel")))
    hooked.clock.pass_by(timedelta(hours=1).total_seconds())
    await hooked.until_told()
    assert [call for _, call in hooked.receiver.sent] == ["b", "a"]


async def test_a_kind_that_this_version_does_not_know_is_left_for_one_that_does(
    store: Store,
) -> None:
    """An old process would leave out what is new about it; what is behind it waits, too."""
    hooked = Hooked(store)
    await hooked.ended("a", events=2)
    await hooked.ended("b")
    first = select(func.min(hook_events.c.id)).scalar_subquery()
    novel = update(hook_events).where(hook_events.c.id == first)
    await store.writer.run(lambda c: c.execute(novel.values(kind="call.praised")))

    await hooked.look(times=3)

    assert [call for _, call in hooked.receiver.sent] == ["b"]
    assert (await hooked.outbox.waiting()).count == 2


async def test_the_task_goes_on_after_a_fault_and_is_woken_by_a_new_event(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody restarts it, and nobody waits for the next look."""
    hooked = Hooked(store)
    faults = [RuntimeError("a fault")]
    real = Outbox.waiting

    async def faulty(self: Outbox) -> object:
        if faults:
            raise faults.pop()
        return await real(self)

    monkeypatch.setattr(Outbox, "waiting", faulty)
    task = asyncio.create_task(hooked.deliveries.run())
    while faults:
        await asyncio.sleep(0)
    await hooked.ended("a")
    hooked.deliveries.wake()

    await hooked.receiver.came.wait()

    task.cancel()
