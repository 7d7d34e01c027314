"""A pause: calls that wait to be placed end at once, in whichever process they wait."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.admin.desk import Desk
from bot.calls.call import Call, Place, State
from bot.errors import StoreUnavailable
from bot.policy.workspace import WorkspaceId
from bot.storage.calls.store import Store
from bot.storage.policy.audit import Audit
from bot.storage.policy.do_not_call import DoNotCallList
from bot.storage.policy.states import PolicyStates
from bot.switchboard.policy import Policy
from fakes import FakeClock
from intents import NOON, a_call, add_call

ADMIN = Place("T1", "C1", "U9")
LATER = NOON + timedelta(seconds=60)


def a_desk(store: Store, clock: FakeClock, **given: object) -> Desk:
    """Return a desk whose admin is U9."""
    return Desk(
        PolicyStates(store.writer),
        DoNotCallList(store.writer),
        Audit(store.writer),
        Policy(admins=frozenset({ADMIN.user})),
        clock,
        **given,  # type: ignore[arg-type]
    )


async def test_calls_that_wait_are_looked_at_as_soon_as_calls_are_paused(
    store: Store,
) -> None:
    """Whoever stops a wrong list must not see its calls placed a minute later.

    The call of another process, one that is not limited, one that was sent, and one of
    another workspace: the first alone is looked at beside our own.
    """
    clock = FakeClock()
    seen: list[Call] = []
    store._on_change = seen.append
    waiting = a_call(limited_at=NOON, next_at=LATER, place=Place("T1", "C1", "U1"))
    calls = {
        "waits": waiting,
        "elsewhere": a_call(limited_at=NOON, next_at=LATER, held_by="other"),
        "fresh": a_call(next_at=LATER),
        "sent": a_call(limited_at=NOON, next_at=LATER, state=State.FOLLOWING),
        "theirs": a_call(limited_at=NOON, next_at=LATER, place=Place("T2", "C1", "U1")),
    }
    for name, call in calls.items():
        await add_call(store, replace(call, id=name, key=name), again=True)
    seen.clear()

    await a_desk(store, clock, end_waits=store.end_waits).pause(ADMIN, "a wrong list")

    due = {
        name
        for name in calls
        if (found := await store.get(name)) and found.next_at == clock.now()
    }
    assert due == {"waits", "elsewhere"}
    assert [each.id for each in seen] == ["waits"]


async def test_what_an_admin_does_is_shown_on_the_other_desks_at_once(
    store: Store,
) -> None:
    """Else the next admin decides by what was true a minute ago."""
    shown: list[Place] = []
    desk = a_desk(store, FakeClock(), changed=shown.append)

    counts = []
    for deed in (
        desk.pause(ADMIN, "phones are down"),
        desk.resume(ADMIN),
        desk.add(ADMIN, "415 555 0142"),
        desk.remove(ADMIN, "415 555 0142"),
    ):
        await deed
        counts.append(len(shown))

    assert counts == [1, 2, 3, 4]
    assert set(shown) == {ADMIN}


async def test_a_page_that_is_just_full_has_no_older_one(store: Store) -> None:
    """A button that leads to an empty page reads as if rows were lost."""
    desk = a_desk(store, FakeClock())
    await desk.pause(ADMIN, "")
    await desk.resume(ADMIN)

    pages = [(await desk.audit(ADMIN, "", most))[1] for most in (1, 2, 3)]

    assert [each.has_more for each in pages] == [True, False, False]
    assert [len(each.rows) for each in pages] == [1, 2, 2]


async def test_of_two_who_pause_at_once_one_has_begun_it(store: Store) -> None:
    """The other one is told whose reason people read."""
    desk = a_desk(store, FakeClock())

    paused = await asyncio.gather(*(desk.pause(ADMIN, each) for each in ("a", "b")))

    assert sorted(each.is_new for each in paused) == [False, True]
    assert paused[0].pause == paused[1].pause


async def test_a_pause_holds_though_the_calls_cannot_be_reached(store: Store) -> None:
    """They end when they are next due."""

    async def broken(_: WorkspaceId, __: object) -> None:
        raise StoreUnavailable

    desk = a_desk(store, FakeClock(), end_waits=broken)

    assert (await desk.pause(ADMIN, "")).is_new
