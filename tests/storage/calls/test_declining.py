"""A question whether to call is settled once: by its call, or by "Not now"."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from bot.policy.added import Verdict
from bot.storage.calls.declining import DeclinedQuestions
from bot.storage.calls.store import Store
from intents import ANN, NOON, a_call, add_call


async def decline(store: Store, key: str) -> bool:
    """Press ``Not now``."""
    return await DeclinedQuestions(store.writer).decline(key, ANN.person, NOON)


async def test_a_declined_question_places_no_call_in_any_process(
    store: Store, database_url: str
) -> None:
    """Nor after a restart, nor though the person wants a second call to that number."""
    assert await decline(store, "k1")
    assert await decline(store, "k1")
    store.close()
    later = Store(database_url, "another process")
    await later.open()

    added = await add_call(later, a_call(key="k1"), most=10, again=True)
    other = await add_call(later, a_call(id="c2", key="k2"), most=10)

    assert added.verdict is Verdict.DECLINED
    assert await later.get("c1") is None
    assert other.verdict is Verdict.NEW
    later.close()


async def test_a_question_whose_call_was_placed_is_not_declined(store: Store) -> None:
    """Whatever has become of the call since."""
    await add_call(store, a_call(key="k1"), most=10)

    assert not await decline(store, "k1")
    assert (await add_call(store, a_call(id="c2", key="k1"), most=10)).call.id == "c1"


@pytest.mark.parametrize("declines_first", [True, False])
async def test_of_two_presses_at_the_same_moment_one_counts(
    store: Store, database_url: str, *, declines_first: bool
) -> None:
    """On two devices, by two processes; SQLite has one."""
    is_shared = database_url.startswith("postgresql")
    other = Store(database_url, "other") if is_shared else store
    declining = partial(decline, store, "k1")
    placing = partial(add_call, other, a_call(key="k1"), most=10)

    if declines_first:
        declined, added = await asyncio.gather(declining(), placing())
    else:
        added, declined = await asyncio.gather(placing(), declining())

    assert added.verdict is (Verdict.DECLINED if declined else Verdict.NEW)
    assert (await store.get("c1") is None) == declined
    if is_shared:
        other.close()
