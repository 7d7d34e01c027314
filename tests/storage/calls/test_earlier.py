"""Whether a person knows already that the bot is not where they type."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.calls.people.person import Shows
from bot.storage.calls.earlier import has_moved_before
from bot.storage.calls.store import Store
from intents import ANN, NOON, a_call, add_call

MOVED = {"card_channel": "D1", "card_ts": "1.1"}
LATER = a_call(id="c2", key="t2", asked_at=NOON + timedelta(days=3), **MOVED)


@pytest.mark.parametrize(
    ("changes", "is_known"),
    [
        (MOVED, True),
        (MOVED | {"shows": Shows.PRIVATE}, True),
        (MOVED | {"shows": Shows.DM}, False),
        ({"card_channel": ANN.channel, "card_ts": "1.1"}, False),
        ({}, False),
        (MOVED | {"place": replace(ANN, channel="C2")}, False),
        (MOVED | {"place": replace(ANN, user="U2")}, False),
        (MOVED | {"place": replace(ANN, team="T2")}, False),
        (MOVED | {"asked_at": NOON + timedelta(days=4)}, False),
    ],
)
async def test_a_place_is_explained_once_to_each_person(
    store: Store, changes: dict[str, Any], *, is_known: bool
) -> None:
    """Every day forty times the same line would be read by nobody."""
    await add_call(store, a_call(**changes), most=10)
    await add_call(store, LATER, most=10, again=True)

    assert await has_moved_before(store.writer, LATER) is is_known
