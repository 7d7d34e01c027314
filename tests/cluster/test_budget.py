"""Several processes share one rate budget, even at the same moment or in an outage."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.cluster.budget import CLOCKS_DIFFER_BY, LoneGate, StoredGate
from bot.errors import StoreUnavailable
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.transport.wire import Rate
from bot.storage.calls.store import Store
from bot.storage.shared.user_state import UserState
from fakes import FakeClock

LIGHT = Rate("light", 50, 49, 60.0)


async def test_answers_that_land_together_are_counted_once_each(store: Store) -> None:
    """Twenty polls answered at once must not use up the minute's two hundred."""
    gate = StoredGate(UserState(store.writer, "x"), FakeClock())
    assert await gate.enter(Purpose.STATUS) == 0
    await gate.leave(Purpose.STATUS, LIGHT, None)
    waits = [await gate.enter(Purpose.STATUS) for _ in range(20)]

    await asyncio.gather(
        *(
            gate.leave(Purpose.STATUS, Rate("light", 50, 48 - n, 60.0), None)
            for n in range(20)
        )
    )

    assert waits == [0] * 20
    assert gate.left()["light"] == (21, 50)
    assert await gate.enter(Purpose.ACCOUNT) == 0


async def test_a_penalty_goes_with_what_is_asked_while_it_is_written_down(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Storing it may fail, but the next request must respect it anyway."""
    user_state = UserState(store.writer, "x")
    gate = StoredGate(user_state, FakeClock())
    await gate.enter(Purpose.PLACE)
    exchange, failing = user_state.exchange, [True]

    async def slow_to_fail(*given: Any, **more: Any) -> object:
        if failing and failing.pop():
            await asyncio.sleep(0.05)
            raise StoreUnavailable("away")
        return await exchange(*given, **more)

    monkeypatch.setattr(user_state, "exchange", slow_to_fail)

    _, wait = await asyncio.gather(
        gate.leave(Purpose.PLACE, None, (60.0, "heavy")), gate.enter(Purpose.LOG)
    )

    assert wait == pytest.approx(60, abs=CLOCKS_DIFFER_BY + 0.01)
    assert await gate.enter(Purpose.STATUS) == 0
    assert gate.left()["heavy"] == (1, 0)


async def test_a_lone_process_finds_its_log_ins_after_a_restart(store: Store) -> None:
    """In a crash loop it must wait a penalty out; only log-ins are stored for that."""
    clock = FakeClock()
    killed, restarted = (
        LoneGate(UserState(store.writer, "x"), clock) for _ in range(2)
    )
    await killed.enter(Purpose.SIGN_IN)
    await killed.leave(Purpose.SIGN_IN, None, (60.0, "auth"))
    await killed.enter(Purpose.STATUS)
    await killed.leave(Purpose.STATUS, LIGHT, None)

    wait = await restarted.enter(Purpose.SIGN_IN)
    clock.pass_by(60 + CLOCKS_DIFFER_BY)

    assert wait == pytest.approx(60, abs=CLOCKS_DIFFER_BY + 0.01)
    assert await restarted.enter(Purpose.SIGN_IN) == 0
    assert set(killed.left()) == {"auth", "light"}
    assert set(restarted.left()) == {"auth"}
