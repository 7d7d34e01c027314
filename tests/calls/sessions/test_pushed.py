"""Events in any order, doubled or lost, never tell more than the truth."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.sessions.pushed import (
    MOST_PARTIES,
    MOST_UUIDS,
    NOTHING_PUSHED,
    Pushed,
    after_event,
    drops,
)
from bot.calls.sessions.session import PartyRole, SessionEvent, SessionParty
from intents import NOON

INITIATOR, TARGET = PartyRole.INITIATOR, PartyRole.TARGET
ROLES = {"p-1": INITIATOR, "p-2": TARGET}
LIFE = [
    ("p-1", "Setup"),
    ("p-1", "Proceeding"),
    ("p-1", "Answered"),
    ("p-2", "Proceeding"),
    ("p-2", "Answered"),
    ("p-2", "Disconnected"),
    ("p-1", "Disconnected"),
]
"""What RingCentral says of a call that is answered, in its order."""

RANK = {"Setup": 0, "Proceeding": 1, "Answered": 2, "Disconnected": 3}


def event(sequence: int, *shown: tuple[str, str], uuid: str = "") -> SessionEvent:
    """Return an event of the session that shows parties by id and code."""
    return SessionEvent(
        uuid=uuid or f"u-{sequence}",
        session_id="s-1",
        sequence=sequence,
        at=NOON,
        origin="RingOut",
        parties=tuple(SessionParty(id=party, code=code) for party, code in shown),
    )


EVENTS = [event(number, each, uuid=f"u-{number}") for number, each in enumerate(LIFE)]


def told(events: list[SessionEvent], pushed: Pushed = NOTHING_PUSHED) -> Pushed:
    """Return what is known after *events*, heard a second apart."""
    for number, each in enumerate(events):
        pushed = after_event(pushed, each, ROLES, NOON + timedelta(seconds=number))
    return pushed


@given(st.lists(st.sampled_from(EVENTS), max_size=20))
def test_any_events_tell_the_newest_of_them_for_each_party(
    heard: list[SessionEvent],
) -> None:
    """Whatever was lost, doubled or late, a card never shows more than what happened."""
    pushed = told(heard)

    for name, role in ROLES.items():
        shown = [
            (each.sequence, each.parties[0].code)
            for each in heard
            if each.parties[0].id == name
        ]
        party = pushed.of(role)
        assert (party is None) == (not shown)
        if party is not None:
            assert (party.sequence, party.code) == max(shown)
            assert RANK[party.code] <= RANK["Disconnected"]


@given(st.permutations(EVENTS), st.lists(st.sampled_from(EVENTS), max_size=5))
def test_the_order_and_doubles_do_not_matter(
    heard: list[SessionEvent], again: list[SessionEvent]
) -> None:
    """RingCentral delivers late and twice: the card must end where it would have."""
    in_order, mixed = told(EVENTS), told([*heard, *again])

    assert {(each.id, each.code, each.sequence) for each in mixed.parties} == {
        (each.id, each.code, each.sequence) for each in in_order.parties
    }


@given(st.lists(st.sampled_from(EVENTS), max_size=20))
def test_what_is_stored_comes_back(heard: list[SessionEvent]) -> None:
    """Another process goes on with it."""
    pushed = told(heard)

    assert Pushed.load(pushed.dump()) == pushed


def test_an_event_that_tells_nothing_is_dropped() -> None:
    """It must cost no write: a person may be in a hundred calls."""
    pushed = told([EVENTS[2]])

    assert drops(pushed, EVENTS[2])
    assert drops(pushed, EVENTS[1])
    assert drops(pushed, event(9, ("p-1", "Disconnected"), uuid="u-2"))
    assert drops(pushed, event(9))
    assert not drops(pushed, EVENTS[3])
    assert not drops(pushed, event(9, ("p-1", "Answered"), ("p-2", "Proceeding")))


def test_an_event_of_several_parties_tells_only_what_is_new() -> None:
    """One of them may have had a later event of its own."""
    pushed = told([event(5, ("p-2", "Answered")), event(4, *LIFE[2:4])])

    assert {each.id: each.code for each in pushed.parties} == {
        "p-1": "Answered",
        "p-2": "Answered",
    }


def test_a_party_is_in_its_state_since_it_was_first_heard_so() -> None:
    """The card says since when people talk: the end of a hold is said as ``Answered``."""
    first, again = event(5, ("p-2", "Answered")), event(8, ("p-2", "Answered"))

    party = told([first, again]).of(TARGET)

    assert party is not None
    assert party.at == NOON
    assert party.sequence == 8


def test_a_role_that_was_told_stays() -> None:
    """RingCentral leaves it out of some events."""
    pushed = told([event(1, ("p-1", "Proceeding"))])

    later = after_event(pushed, event(2, ("p-1", "Answered")), {}, NOON)

    assert later.of(INITIATOR) is not None


def test_of_two_parties_with_one_role_the_later_counts() -> None:
    """A callee who was transferred has a party of their own."""
    first = after_event(NOTHING_PUSHED, event(1, ("p-2", "Answered")), ROLES, NOON)
    both = after_event(first, event(2, ("p-3", "Proceeding")), {"p-3": TARGET}, NOON)

    newest = both.of(TARGET)

    assert newest is not None
    assert newest.id == "p-3"


def test_a_flood_of_parties_and_events_is_not_kept() -> None:
    """Somebody who can forge events must not fill the database."""
    pushed = told([event(n, (f"p-{n}", "Answered")) for n in range(100)])

    assert len(pushed.parties) == MOST_PARTIES
    assert len(pushed.uuids) == MOST_UUIDS


@pytest.mark.parametrize(
    ("code", "is_up", "is_down"),
    [
        ("Setup", False, False),
        ("Proceeding", False, False),
        ("Answered", True, False),
        ("Hold", True, False),
        ("VoiceMail", True, False),
        ("Parked", False, False),
        ("Disconnected", False, True),
        ("Gone", False, True),
        ("", False, False),
        ("NewWord", False, False),
    ],
)
def test_what_a_code_says(code: str, is_up: bool, is_down: bool) -> None:  # noqa: FBT001
    """A word that RingCentral adds later says nothing."""
    party = told([event(1, ("p-2", code))]).of(TARGET)

    assert party is not None
    assert (party.is_up, party.is_down) == (is_up, is_down)
