"""Builds calls for tests, so that a test shows only the values that matter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.calls.call import Call, Place
from bot.calls.numbers.phone import PhoneNumber
from bot.policy.added import Added
from bot.policy.rules import PolicyRules, Rule
from bot.policy.wish import CallEntrance, Wish
from bot.storage.calls.store import Store

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ANN = Place("T1", "C1", "U1")
CALLER = PhoneNumber("+16505550101")
CALLEE = PhoneNumber("+14155550142")


def a_call(**changes: Any) -> Call:
    """Return Ann's newly requested call with *changes*."""
    values: dict[str, Any] = {
        "id": "c1",
        "key": "t1",
        "place": ANN,
        "caller": CALLER,
        "callee": CALLEE,
        "asked_at": NOON,
        "next_at": NOON,
        "taken_by": "me",
        "attempt": 1,
    }
    return Call(**(values | changes))


async def add_call(
    store: Store, call: Call, *, most: int = 99, again: bool = False
) -> Added:
    """Store *call*, by rules that have nothing against it but *most* calls a minute."""
    rules = PolicyRules(countries=None, throttle=(), calls_per_minute=most)
    wish = Wish(
        place=call.place,
        entrance=CallEntrance.COMMAND,
        number=call.callee,
        answered=frozenset({Rule.DOUBT}),
    )
    added = await store.add(call, wish=wish, bounds=rules, again=again)
    assert isinstance(added, Added)
    return added
