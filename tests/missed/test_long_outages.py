"""More missed calls than one look at the log returns: none is lost, and few are posted."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import Place
from bot.calls.log.leg import Party
from bot.calls.missed_card import (
    MOST_CARDS_AT_ONCE,
    NOT_IN_LOG_YET,
    Missed,
    MissedCard,
    told,
)
from bot.calls.numbers.phone import PhoneNumber
from bot.errors import RateLimited
from bot.missed.reading import OLDER_FOR
from bot.missed.syncing import LOOK_FOR_OLDER
from bot.storage.calls.store import Store
from intents import NOON
from missed import MissedDesk, a_desk

PAGE, CALLS = 30, 100


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[MissedDesk]:
    """Give a bot that was away for hours, in which 100 people called."""
    async with a_desk(store) as made:
        made.missed("before", caller=Party("+14155559999"))
        await made.later()
        made.clock.pass_by(timedelta(hours=5).total_seconds())
        made.log.page, made.log.stale = PAGE, True
        for number in range(CALLS):
            ago, caller = 60 + 120 * number, Party(f"+1415555{number:04}")
            made.missed(f"{number}", ago=ago, caller=caller)
        yield made


def counted(desk: MissedDesk) -> int:
    """Return how many calls the cards tell of, without the one before the outage."""
    texts = [each.text for each in desk.told()[1:]]
    more = [re.match(r"([0-9]+) more missed calls?", each) for each in texts]
    return sum(int(each[1]) if each else 1 for each in more)


async def read(desk: MissedDesk, looks: int) -> None:
    """Look so often, as soon as the bot does."""
    for _ in range(looks):
        await desk.later(seconds=LOOK_FOR_OLDER.total_seconds())


async def test_no_call_of_a_long_outage_is_lost(desk: MissedDesk) -> None:
    """The newest have their cards, and one more card counts all others."""
    await read(desk, 1)
    assert counted(desk) == PAGE
    await read(desk, 5)

    assert counted(desk) == CALLS
    assert len(desk.told()) == 1 + MOST_CARDS_AT_ONCE + 1
    assert desk.log.asked[-4:] == ["all", "older", "older", "older"]
    await desk.later()
    assert desk.log.asked[-1] == "new"


@pytest.mark.parametrize("what", ["token", "process", "limit", "call"])
async def test_what_happens_meanwhile_loses_none(desk: MissedDesk, what: str) -> None:
    """It takes minutes, in which a process may die, and somebody else may call."""
    await read(desk, 2)
    extra = 0
    if what == "token":
        desk.log.stale = True
    elif what == "process":
        desk.open(desk.syncing._places)
    elif what == "limit":
        desk.log.trouble = RateLimited(70)
        await read(desk, 1)
        desk.log.trouble = None
    else:
        desk.missed("new", ago=5, caller=Party("+14155558888"))
        extra = 1
    await read(desk, 9)

    assert counted(desk) == CALLS + extra
    assert len(desk.told()) == 1 + MOST_CARDS_AT_ONCE + 1 + extra
    assert (await desk.cards.first_due()) is None


async def test_what_is_older_than_the_switch_on_is_not_looked_for(
    store: Store,
) -> None:
    """The log is full of it, and nobody asked."""
    async with a_desk(store) as desk:
        desk.log.page = 2
        for number in range(9):
            desk.missed(f"{number}", ago=3_600 + number)
        await read(desk, 4)

        assert desk.told() == []
        assert "older" not in desk.log.asked


async def test_a_log_without_an_end_is_not_read_for_ever(
    desk: MissedDesk, caplog: pytest.LogCaptureFixture
) -> None:
    """If RingCentral went on saying that there is more; the operator is told."""
    desk.log.page = 1
    await read(desk, OLDER_FOR // LOOK_FOR_OLDER + 5)

    assert "a call log is too long" in caplog.text
    await read(desk, 1)
    asked = desk.log.asked.count("older")
    await desk.later()
    assert desk.log.asked[-1] == "new"
    assert desk.log.asked.count("older") == asked


PLACES = (Place("T1", "C1", ""), Place("T1", "", "U1"))
BEGAN = NOON + timedelta(hours=9)


@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 9 * 60), st.integers(0, 40), st.integers(0, 1)),
            max_size=40,
        ),
        max_size=4,
    )
)
def test_however_far_back_a_log_is_read_each_call_is_on_one_card(
    pages: list[list[tuple[int, int, int]]],
) -> None:
    """And what came in long before the outage ended adds one card to a place at most."""
    cards: dict[str, MissedCard] = {}
    ids, keys = count(), count()
    for number, page in enumerate(pages):
        calls = [
            Missed(
                keys=frozenset({f"k{next(keys)}"}),
                place=PLACES[where],
                at=NOON + timedelta(minutes=minute),
                caller=PhoneNumber(f"+1415555{who:04}"),
            )
            for minute, who, where in page
        ]
        began = BEGAN if number else None
        found = told(
            calls, list(cards.values()), "a", BEGAN, lambda: f"m{next(ids)}", began
        )
        new = [each for each in found if each.id not in cards]
        if began:
            old = [e for e in new if e.last_at < began - NOT_IN_LOG_YET]
            assert all(each.is_rest for each in old)
        cards |= {each.id: each for each in found}

    assert sum(each.count for each in cards.values()) == sum(map(len, pages))
    rests = [each.place for each in cards.values() if each.is_rest]
    assert len(rests) == len(set(rests))
