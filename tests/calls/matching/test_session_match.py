"""Whose session it is: beyond doubt, or nobody's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import Call
from bot.calls.matching.session_match import (
    is_session_of,
    roles_in,
    session_owner,
)
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.sessions.session import PartyRole, SessionParty, TelephonySession
from intents import CALLEE, CALLER, NOON, a_call

RINGOUT = "s-a0d7f2c41b9e3z1a1f9e98222z1547720000"
OTHER_FORM = "s-0123456789abcdef0123456789abcdef"
"""A session's id that says nothing about which RingOut it is of."""

STRANGER = PhoneNumber("+13125550177")
SHOWN = "+16505550190"
"""The caller ID."""

SECOND = timedelta(seconds=1)
INITIATOR = SessionParty(
    id="p-1", code="Answered", caller=CALLEE.e164, callee=CALLER.e164, extension="62"
)
TARGET = SessionParty(id="p-2", code="Proceeding", caller=SHOWN, callee=CALLEE.e164)


def placed(**changes: object) -> Call:
    """Return a call that RingCentral has accepted."""
    values = {"ringout_id": RINGOUT, "placed_at": NOON, "sent_at": NOON}
    return a_call(**(values | changes))


def session(
    *parties: SessionParty,
    identity: str = RINGOUT,
    origin: str = "RingOut",
    after: float = 1.0,
) -> TelephonySession:
    """Return a session that was seen *after* so many seconds."""
    return TelephonySession(
        id=identity,
        origin=origin,
        at=NOON + after * SECOND,
        parties=parties or (INITIATOR, TARGET),
    )


def party(caller: str = "", callee: str = "") -> SessionParty:
    """Return a party that nothing else is known of."""
    return SessionParty(id="p-9", caller=caller, callee=callee)


@pytest.mark.parametrize(
    ("seen", "is_ours"),
    [
        (session(), True),
        (session(INITIATOR), True),
        (session(TARGET), True),
        (session(party(CALLEE.e164, "")), True),
        (session(party("", "4155550142")), True),
        (session(origin="Call"), False),
        (session(origin=""), False),
        (session(party(SHOWN, STRANGER.e164)), False),
        (session(party()), False),
        (session(identity=RINGOUT[:-1] + "9"), False),
        (session(identity=OTHER_FORM), True),
        (session(INITIATOR, identity=OTHER_FORM), True),
        (session(TARGET, identity=OTHER_FORM), False),
        (
            session(TARGET, party(CALLEE.e164, STRANGER.e164), identity=OTHER_FORM),
            False,
        ),
        (session(identity=OTHER_FORM, origin="Call"), False),
        (session(identity=OTHER_FORM, after=-4), True),
        (session(identity=OTHER_FORM, after=-6), False),
        (session(identity=OTHER_FORM, after=3600 * 13), False),
    ],
)
def test_a_session_is_ours_by_origin_numbers_and_time(
    seen: TelephonySession, *, is_ours: bool
) -> None:
    """Hanging up a session that only looks like ours would end somebody's other call."""
    assert is_session_of(seen, placed()) is is_ours


@pytest.mark.parametrize(
    "changes",
    [{"ringout_id": ""}, {"callee": STRANGER}, {"session_id": OTHER_FORM}],
)
def test_a_call_that_is_not_this_one(changes: dict[str, object]) -> None:
    """Not placed yet, to another number, or known to have another session."""
    assert not is_session_of(session(), placed(**changes))


@pytest.mark.parametrize("changes", [{"placed_at": None}, {"caller": None}])
def test_without_its_id_nothing_may_be_missing(changes: dict[str, object]) -> None:
    """A guess would show one person's call on the card of another."""
    assert not is_session_of(session(identity=OTHER_FORM), placed(**changes))
    assert is_session_of(session(), placed(**changes))


def test_an_id_that_was_learned_is_enough() -> None:
    """A later event may show only a party that was added to the call."""
    known = placed(session_id=OTHER_FORM)
    later = session(party(STRANGER.e164, SHOWN), identity=OTHER_FORM, origin="")

    assert is_session_of(later, known)


def test_two_calls_that_it_fits_get_none() -> None:
    """Two people on one account may call one number from one phone."""
    calls = [placed(id="one"), placed(id="two", ringout_id=RINGOUT + "1")]

    assert session_owner(session(identity=OTHER_FORM), calls) is None
    assert session_owner(session(), calls) == calls[0]


@pytest.mark.parametrize(
    ("identity", "other", "sure"),
    [
        (OTHER_FORM, None, True),
        (OTHER_FORM, {"ringout_id": RINGOUT + "1"}, False),
        (OTHER_FORM, {"ringout_id": RINGOUT + "1", "session_id": OTHER_FORM}, False),
        (OTHER_FORM, {"ringout_id": OTHER_FORM}, False),
        (OTHER_FORM, {"ringout_id": RINGOUT + "1", "callee": STRANGER}, True),
        (OTHER_FORM, {"ringout_id": ""}, False),
        (OTHER_FORM, {"ringout_id": "", "callee": STRANGER}, True),
        (RINGOUT, {"ringout_id": RINGOUT + "1"}, True),
        (RINGOUT, {"ringout_id": ""}, True),
        (RINGOUT, {"ringout_id": RINGOUT + "1", "session_id": RINGOUT}, False),
    ],
    ids=str,
)
def test_a_session_that_another_call_may_have_is_not_this_ones(
    identity: str, other: dict[str, object] | None, *, sure: bool
) -> None:
    """Two calls to one number: one may be over while its button is still there."""
    ours = placed(id="ours")
    calls = [ours] if other is None else [ours, placed(id="other", **other)]

    for known in (calls, calls[::-1]):
        owner = session_owner(session(identity=identity), known)
        assert (owner is ours) is sure


def test_a_late_event_of_the_call_before_is_not_the_next_ones() -> None:
    """Who presses `Call again` calls the same number from the same phone."""
    before = placed(id="one", session_id=OTHER_FORM)
    after = placed(id="two", placed_at=NOON + 3 * SECOND, ringout_id=RINGOUT + "1")

    assert session_owner(session(identity=OTHER_FORM), [after, before]) == before


@given(st.permutations(["id", "learned", "numbers"]))
def test_the_surest_sign_wins_whatever_the_order(order: list[str]) -> None:
    """The order in which the database lists calls must not decide."""
    signs = {
        "id": placed(id="id", ringout_id=OTHER_FORM),
        "learned": placed(id="learned", session_id=OTHER_FORM),
        "numbers": placed(id="numbers"),
    }
    calls = [signs[each] for each in order]

    assert session_owner(session(identity=OTHER_FORM), calls) == signs["learned"]
    assert session_owner(session(identity=OTHER_FORM), calls[:0]) is None


@pytest.mark.parametrize(
    ("shown", "role"),
    [
        (INITIATOR, PartyRole.INITIATOR),
        (TARGET, PartyRole.TARGET),
        (party(CALLEE.e164, STRANGER.e164), PartyRole.NEITHER),
        (SessionParty(id="p-9", role=PartyRole.TARGET), PartyRole.TARGET),
        (
            SessionParty(id="p-9", role=PartyRole.INITIATOR, callee=CALLEE.e164),
            PartyRole.TARGET,
        ),
    ],
)
def test_a_party_is_a_side_by_its_own_number(
    shown: SessionParty, role: PartyRole
) -> None:
    """Neither the last digit of its id nor its direction tells which side it is."""
    assert roles_in(session(shown), placed()) == {shown.id: role}
