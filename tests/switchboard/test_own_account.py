"""A person's Home tab: which of their calls it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from bot.accounts.callers import Caller
from bot.calls.call import State
from bot.errors import NotConnected
from bot.storage.calls.store import Store
from bot.switchboard.own_account import LOOKED_AT, OwnAccount
from bot.switchboard.policy import Policy
from intents import ANN, NOON, a_call, add_call


async def test_home_shows_an_open_call_behind_many_that_are_over(store: Store) -> None:
    """Who dials a list of numbers meanwhile must still see the call that goes on."""

    async def of(_: object) -> Caller:
        raise NotConnected(again=False)

    await add_call(store, a_call(state=State.FOLLOWING), most=999)
    for number in range(LOOKED_AT):
        at, name = NOON + (1 + number) * timedelta(seconds=1), f"over-{number}"
        over = replace(a_call(id=name, key=name, asked_at=at), state=State.DONE)
        await add_call(store, over, most=999, again=True)
    anything: Any = SimpleNamespace(of=of)
    own = OwnAccount(
        accounts=anything,
        connections=anything,
        connecting=None,
        disconnecting=anything,
        store=store,
        policy=Policy(),
        client_id="",
    )

    shown = await own.overview(ANN)

    assert [each.id for each in shown.open_calls] == ["c1"]
    assert shown.last_calls[0].id == f"over-{LOOKED_AT - 1}"
