"""Any log, read in any way: each missed call is on exactly one card."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.calls.call import Place
from bot.calls.log.leg import Party
from bot.calls.missed_card import (
    JOINS_WITHIN,
    MOST_CARDS_AT_ONCE,
    Missed,
    MissedCard,
    told,
)
from bot.calls.missed_places import MissedPlaces
from bot.calls.numbers.phone import PhoneNumber
from bot.errors import Unreachable
from bot.missed.syncing import MissedSyncing
from bot.storage.calls.store import Store
from bot.storage.missed.syncs import MissedSyncs
from bot.storage.missed.tables import missed_cards
from bot.storage.people.missed_wishes import MissedWishes
from fakes import FakeClock
from intents import NOON
from missed import EVERY, KEPT, WrittenLog, a_record

PLACES = (Place("T1", "C1", ""), Place("T1", "", "U1"))

CALLS = st.lists(
    st.builds(
        lambda n, minute, who, where: Missed(
            keys=frozenset({f"k{n}"}),
            place=PLACES[where],
            at=NOON + timedelta(minutes=minute),
            caller=PhoneNumber(f"+1415555014{who}") if who else None,
        ),
        st.integers(0, 10_000),
        st.integers(0, 200),
        st.integers(0, 3),
        st.integers(0, 1),
    ),
    max_size=60,
)


def tell(
    batches: list[list[Missed]],
) -> tuple[dict[str, MissedCard], list[int]]:
    """Return the cards after several reads, and how many each read has made."""
    cards: dict[str, MissedCard] = {}
    made, ids = [], count()
    for batch in batches:
        found = told(batch, list(cards.values()), "a", NOON, lambda: f"m{next(ids)}")
        made.append(len([each for each in found if each.id not in cards]))
        cards |= {each.id: each for each in found}
    return cards, made


@given(st.lists(CALLS, max_size=4))
def test_each_call_is_on_exactly_one_card(batches: list[list[Missed]]) -> None:
    """A call that is on none is never called back; one on two is called back twice."""
    cards, made = tell(batches)

    assert sum(each.count for each in cards.values()) == sum(map(len, batches))
    assert max(made, default=0) <= len(PLACES) * (MOST_CARDS_AT_ONCE + 1)


@given(CALLS)
def test_a_card_has_one_caller_within_an_hour(calls: list[Missed]) -> None:
    """Two callers on one card, and one of them is never called back."""
    cards, _ = tell([calls])

    for card in cards.values():
        assert card.is_rest or card.last_at - card.first_at < JOINS_WITHIN
        assert card.caller is not None or card.count == 1 or card.is_rest
    places = {each.place for each in calls}
    assert {each.place for each in cards.values()} == places


READS = st.lists(
    st.tuples(
        st.lists(st.integers(0, 9), max_size=4), st.sampled_from(["new", "stale", "x"])
    ),
    max_size=5,
)
"""Each read: which calls' records have come since, and whether the token is good then, is
forgotten, or the read fails."""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(READS, st.randoms(use_true_random=False))
def test_however_a_log_is_read_each_call_is_told_once(
    migrated: Path, reads: list[tuple[list[int], str]], dice: Any
) -> None:
    """RingCentral sends records again, in any order, and forgets its tokens."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(migrated, Path(folder) / "calls.db")
        asyncio.run(_told_once(f"sqlite:///{folder}/calls.db", reads, dice))


async def _told_once(
    url: str, reads: Sequence[tuple[list[int], str]], dice: Any
) -> None:
    store, clock, log = Store(url), FakeClock(), WrittenLog()
    await store.open()
    accounts: Any = SimpleNamespace(
        clients=SimpleNamespace(key=lambda _: "a"),
        telephony=lambda _: SimpleNamespace(call_log_sync=log, clock_ahead=lambda: 0.0),
    )
    syncing = MissedSyncing(
        MissedSyncs(store.writer),
        MissedWishes(store.writer),
        accounts,
        clock,
        MissedPlaces({"101": "C1"}),
        region="US",
        kept_for=KEPT,
        workspace=_here,
        tell=lambda *_: None,
        told=lambda: None,
        count=lambda _: None,
        every=EVERY,
    )
    await syncing.look()
    first: dict[int, datetime] = {}
    for came, how in (*reads, ([], "new")):
        clock.pass_by(EVERY.total_seconds())
        again = dice.sample(log.records, len(log.records) // 2)
        for each in came:
            first.setdefault(each, clock.now() - timedelta(seconds=30))
        new = [
            a_record(f"{n}", first[n], caller=Party(f"+1415555014{n}")) for n in came
        ]
        log.records += new + again
        log.stale = how == "stale"
        log.trouble = Unreachable("down") if how == "x" else None
        await syncing.look()
    wanted = {each.id for each in log.records}
    query = select(func.coalesce(func.sum(missed_cards.c.calls), 0))
    told_calls = await store.writer.run(lambda c: c.scalar(query))
    store.close()
    assert told_calls == len(wanted)


async def _here(_name: str) -> tuple[str, str]:
    return "", "T1"
