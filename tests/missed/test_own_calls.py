"""A call that the bot placed is not told as one that somebody missed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.calls.call import Call, Place
from bot.calls.log.leg import Party
from bot.calls.missed_card import Missed
from bot.calls.numbers.phone import PhoneNumber
from bot.storage.calls.store import Store
from bot.storage.missed.syncs import MissedSyncs
from fakes import FakeClock
from intents import CALLEE, a_call, add_call
from missed import MissedDesk, a_desk


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[MissedDesk]:
    """Give a bot that tells the channel ``sales``."""
    async with a_desk(store) as made:
        yield made


@pytest.mark.parametrize("ours", [True, False])
async def test_a_call_of_ours_that_nobody_picked_up_is_not_missed(
    desk: MissedDesk,
    store: Store,
    ours: bool,  # noqa: FBT001 - parametrized
) -> None:
    """RingCentral logs a RingOut's first leg as an incoming call from its callee.

    A customer who rings here while another workspace calls them must be told.
    """
    sent = desk.clock.now() + timedelta(minutes=2)
    place = desk.place() if ours else Place("T-OTHER", "C1", "U1")
    await add_call(store, a_call(sent_at=sent, place=place), most=9)
    desk.clock.pass_by(120)
    desk.missed("half", ago=-5, caller=Party(CALLEE.e164))

    await desk.later(minutes=1)

    assert len(desk.told()) == (not ours)


HERE = Place("T1", "C1", "")
THEIRS = Place("T1", "", "U1")
IN_ORG = Place("", "C1", "", "E1")


@pytest.mark.parametrize(
    ("told", "account", "placed", "by", "is_own"),
    [
        (HERE, "key", Place("T1", "C2", "U2"), "", True),
        (HERE, "key", Place("T1", "C1", "U1"), "a1", False),
        (HERE, "key", Place("T2", "C1", "U1"), "", False),
        (THEIRS, "a1", Place("T1", "C2", "U1"), "a1", True),
        (THEIRS, "a1", Place("T1", "C2", "U2"), "a2", False),
        (THEIRS, "a1", Place("T1", "C2", "U2"), "", False),
        (IN_ORG, "key", Place("T1", "C2", "U2", "E1"), "", True),
        (IN_ORG, "key", Place("T1", "C2", "U2", "E2"), "", False),
    ],
)
async def test_whose_calls_are_ours(
    store: Store,
    told: Place,
    account: str,
    placed: Place,
    by: str,
    is_own: bool,  # noqa: FBT001 - a row
) -> None:
    """Those of the account whose log is read, by people of the workspace that is told."""
    now = FakeClock().now()
    call = a_call(sent_at=now, place=placed, account=by)
    assert await is_told(store, call, told, account, now) == (not is_own)


SECOND = timedelta(seconds=1)
TIMES: list[tuple[dict[str, float | None], float, bool]] = [
    # when it was accepted and over, when the call came in, all in seconds; is it own?
    ({"placed_at": 1}, 1, True),
    ({"placed_at": 1}, 5, True),
    ({"placed_at": 1}, 20, False),
    ({"placed_at": 1, "terminal_at": 4}, 2, True),
    ({"placed_at": 1, "terminal_at": 3}, 4, False),
    ({"placed_at": 1, "ended_at": 3}, 4, False),
    ({"placed_at": 1, "ended_at": 9}, 4, True),
    ({}, 20, True),
    ({}, 31, False),
    ({"ended_at": 15}, 20, False),
    ({"ended_at": 25}, 20, True),
]


@pytest.mark.long_table
@pytest.mark.parametrize(("times", "came_in", "is_own"), TIMES)
async def test_who_rings_right_back_is_told(
    store: Store,
    times: dict[str, float],
    came_in: float,
    is_own: bool,  # noqa: FBT001 - a row
) -> None:
    """Our own first leg begins with the call; a customer rings back once it is over."""
    now = FakeClock().now()
    at = {name: now + SECOND * seconds for name, seconds in times.items()}
    call = a_call(sent_at=now, place=HERE, **at)

    told = await is_told(store, call, HERE, "key", now + SECOND * came_in)

    assert told == (not is_own)


async def is_told(
    store: Store, call: Call, told: Place, account: str, at: datetime
) -> bool:
    """Return whether a call that comes in *at* is told, after *call* was placed."""
    now = FakeClock().now()
    await add_call(store, call, most=9)
    syncs = MissedSyncs(store.writer)
    await syncs.keep({account: None}, now, now)
    [sync] = await syncs.lease_due(now)
    missed = Missed(
        keys=frozenset({"t-1"}), place=told, at=at, caller=PhoneNumber(CALLEE.e164)
    )

    tells: Any = lambda *_: None  # noqa: E731
    return bool(await syncs.store(sync, "1", [missed], now, now, lambda: "card", tells))
