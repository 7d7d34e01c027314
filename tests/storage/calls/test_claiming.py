"""Calls that are made due because events of theirs may have been lost."""

from __future__ import annotations

from datetime import timedelta

from bot.calls.call import State
from bot.storage.calls.store import Store
from intents import NOON, a_call, add_call

SOON = NOON + timedelta(seconds=30)


async def test_after_a_gap_the_status_of_that_accounts_calls_is_due(
    store: Store,
) -> None:
    """While events flow status is asked for every 30 s: after a loss that is too late."""
    following = {"state": State.FOLLOWING, "next_at": SOON, "ringout_id": "s-1"}
    for identity, changes in {
        "waits": following | {"account": "a"},
        "shown": following | {"account": "a", "next_at": NOON, "poll_at": SOON},
        "due": following | {"account": "a", "next_at": NOON},
        "other": following | {"account": "b"},
        "over": following | {"account": "a", "state": State.RECORDING},
    }.items():
        await add_call(
            store, a_call(id=identity, key=identity, **changes), most=100, again=True
        )

    made = await store.make_due("a", NOON)

    found = {}
    for identity in ("waits", "shown", "due", "other", "over"):
        call = await store.get(identity)
        assert call is not None
        found[identity] = (call.next_at, call.poll_at)
    assert made == 2
    assert found == {
        "waits": (NOON, None),
        "shown": (NOON, None),
        "due": (NOON, None),
        "other": (SOON, None),
        "over": (SOON, None),
    }
