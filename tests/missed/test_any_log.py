"""Any log, read in any way: each missed call is on exactly one card."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import Place
from bot.calls.missed_card import (
    JOINS_WITHIN,
    MOST_CARDS_AT_ONCE,
    Missed,
    MissedCard,
    told,
)
from bot.calls.numbers.phone import PhoneNumber
from intents import NOON

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
