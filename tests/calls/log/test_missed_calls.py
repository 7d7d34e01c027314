"""Which calls of the log were missed, by their records and legs in any order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.log.leg import Record
from bot.calls.log.missed_calls import missed_in
from intents import NOON
from missed import a_leg, a_record

ONE = a_record("one", NOON)


def records(**changes: Any) -> list[Record]:
    """Return the one record of a call that came in, with *changes*."""
    return [a_record("one", NOON, **changes)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"result": "Voicemail"},
        {"result": "No Answer"},
        {"result": "Hang Up"},
        {"result": "Busy"},
        {"result": "Rejected"},
        {"result": "IP Phone Offline"},
        {"result": "Missed", "legs": (a_leg("Missed"), a_leg("Stopped"))},
        {"legs": (a_leg("Missed", 20), a_leg("Voicemail", 30))},
        {"finished": None},
    ],
    ids=str,
)
def test_a_call_that_nobody_took_is_missed(changes: dict[str, Any]) -> None:
    """Whatever RingCentral calls it: a phone that stops ringing was not picked up."""
    assert len(missed_in(records(**changes))) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": "Outbound"},
        {"type": "Fax"},
        {"result": "Accepted"},
        {"result": "Call connected"},
        {"result": "Answered Elsewhere"},
        {"result": "Stopped"},
        {"legs": (a_leg("Missed"), a_leg("Accepted"))},
        {"legs": (a_leg("Missed"), a_leg("Answered Elsewhere"))},
        {"result": "Blocked"},
        {"result": "Missed", "reason": "Number Blocked"},
        {"result": "In Progress"},
        {"legs": (a_leg("In Progress"),)},
        {"finished": False},
        {"result": ""},
        {"action": "RingOut Web"},
        {"internal_type": "RingOut"},
    ],
    ids=str,
)
def test_any_other_call_is_not(changes: dict[str, Any]) -> None:
    """Answered, on this phone or another, blocked, not over, or not a call to us."""
    assert missed_in(records(**changes)) == []


def test_the_members_of_a_queue_have_missed_one_call() -> None:
    """Five cards of one customer would bring five call backs."""
    members = [
        a_record(f"{n}", NOON, telephony_session_id="t-same", session_id=f"s-{n}")
        for n in range(5)
    ]

    [missed] = missed_in(members)

    assert missed.keys == {"t:t-same", *(f"s:s-{n}" for n in range(5))}


def test_one_member_who_took_it_is_enough() -> None:
    """The others' records still say that they have missed it."""
    members = [
        a_record(f"{n}", NOON, session_id="s-same", telephony_session_id="")
        for n in range(3)
    ]
    taken = a_record("4", NOON, session_id="s-same", result="Accepted")

    assert missed_in([*members, taken]) == []


def test_one_record_that_says_blocked_is_enough() -> None:
    """Whom the account blocks is not shown, though a queue's other record says missed."""
    rang = a_record("rang", NOON, session_id="s-same")
    blocked = a_record("blocked", NOON, session_id="s-same", result="Blocked")

    assert missed_in([rang, blocked]) == []


def test_a_record_without_sessions_is_a_call_of_its_own() -> None:
    """Every field but the id and the start is optional."""
    bare = [
        a_record(n, NOON, session_id="", telephony_session_id="") for n in ("a", "b")
    ]

    assert [each.keys for each in missed_in(bare)] == [{"r:r-a"}, {"r:r-b"}]


def test_ringing_and_voicemail_are_told_apart() -> None:
    """Twenty seconds of ringing are not fifty with the message."""
    legs = (a_leg("Missed", 20), a_leg("Voicemail", 31))
    length = timedelta(seconds=51)

    [missed] = missed_in(records(result="Voicemail", legs=legs, duration=length))

    assert (missed.rang, missed.has_voicemail) == (timedelta(seconds=20), True)
    [unknown] = missed_in(records(result="Voicemail", duration=length))
    assert unknown.rang is None


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 5), st.booleans()), max_size=8
    ),
    st.randoms(use_true_random=False),
)
def test_order_and_repetition_change_nothing(
    given_records: list[tuple[int, int, bool]], dice: Any
) -> None:
    """RingCentral promises no order, and sends records again."""
    made = [
        a_record(
            f"{n}",
            NOON + timedelta(seconds=n),
            session_id=f"s-{session}",
            telephony_session_id=f"t-{telephony}",
            result="Accepted" if taken else "Missed",
        )
        for n, (session, telephony, taken) in enumerate(given_records)
    ]
    mixed = made + dice.sample(made, len(made) // 2)
    dice.shuffle(mixed)

    found = missed_in(made)

    assert missed_in(mixed) == found
    keys = [key for each in found for key in each.keys]
    assert len(keys) == len(set(keys))
