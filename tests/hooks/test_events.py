"""What an event says."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product

import pytest

from bot.calls.aftermath import Aftermath, Remark
from bot.calls.call import End, Place, State
from bot.calls.exported import EXPORTED, ShownNumbers
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.people.person import Shows
from bot.hooks.events import ToldOfCalls, body, kinds_of
from bot.storage.hooks.outbox import EventKind
from intents import CALLEE, NOON, a_call

OVER = a_call(
    place=Place("T1", "C1", "U1", "E1"),
    state=State.REPORTING,
    end=End.RECORDED,
    outcome=Outcome(Side(Ending.ANSWERED, "Accepted"), Side(Ending.BUSY, "Busy")),
)


@pytest.mark.parametrize("numbers", ShownNumbers)
def test_an_event_has_its_type_its_time_and_its_call(numbers: ShownNumbers) -> None:
    """The form of Standard Webhooks; the workspace is named where one bot serves many."""
    told = ToldOfCalls(numbers, with_private=False)

    event = json.loads(body(EventKind.CALL_ENDED, NOON, OVER, told))

    assert (event["type"], event["timestamp"]) == ("call.ended", "2026-11-20T12:00:00Z")
    assert tuple(event["data"]) == EXPORTED
    assert (event["data"]["enterprise"], event["data"]["team"]) == ("E1", "T1")
    assert event["data"]["callee_result"] == "busy"
    assert (CALLEE.e164 in str(event)) is (numbers is ShownNumbers.FULL)
    assert ("0142" in str(event)) is (numbers is not ShownNumbers.NONE)


def test_a_private_call_is_told_without_number_name_and_result() -> None:
    """Unless the operator says otherwise, its person alone reads them."""
    call = replace(OVER, shows=Shows.PRIVATE)

    kept, whole = (
        json.loads(
            body(
                EventKind.CALL_ENDED,
                NOON,
                call,
                ToldOfCalls(ShownNumbers.FULL, with_private=w),
            )
        )["data"]
        for w in (False, True)
    )

    assert (kept["callee"], kept["callee_name"], kept["callee_result"]) == 3 * (None,)
    assert (kept["call"], kept["private"]) == ("c1", True)
    assert whole["callee"] == CALLEE.e164


SPOKE, BUSY = Remark("Spoke", "U1", NOON), Remark("Busy", "U2", NOON)
NOTE = Remark("ask for Bo: +1 415 555 0199", "U2", NOON)
TAKEN = Remark("taken", "U2", NOON)
REMARKS = [
    Aftermath(*each)
    for each in product((None, SPOKE, BUSY), (None, NOTE), (None, TAKEN))
]


@pytest.mark.parametrize("was", REMARKS)
@pytest.mark.parametrize("said", REMARKS)
def test_every_change_of_an_outcome_or_a_note_is_told_and_nothing_else(
    was: Aftermath, said: Aftermath
) -> None:
    """A CRM that misses a removal shows a false outcome for good."""
    old, new = replace(OVER, aftermath=was), replace(OVER, aftermath=said)

    kinds = kinds_of(old, new, with_private=False)

    assert ("call.outcome" in kinds) is (was.disposition != said.disposition)
    assert ("call.note" in kinds) is (was.note != said.note)
    assert "call.ended" not in kinds


@pytest.mark.parametrize("shows", [Shows.DM, Shows.PRIVATE])
@pytest.mark.parametrize("with_private", [False, True])
def test_that_a_private_call_has_a_note_is_told_only_if_the_operator_says_so(
    *, shows: Shows, with_private: bool
) -> None:
    """An event of its own would say that there is an outcome or a note, and when."""
    going_on = replace(OVER, shows=shows, state=State.FOLLOWING)
    over = replace(OVER, shows=shows)
    said = replace(over, aftermath=Aftermath(SPOKE, NOTE))

    ended = kinds_of(going_on, over, with_private=with_private)
    added = kinds_of(over, said, with_private=with_private)
    removed = kinds_of(said, over, with_private=with_private)

    assert ended == ["call.ended"]
    both = ["call.outcome", "call.note"] if with_private else []
    assert added == removed == both


def test_a_note_is_told_only_if_the_operator_says_so() -> None:
    """It may hold anything of a customer's; that there is one is told anyway."""
    call = replace(OVER, aftermath=Aftermath(SPOKE, NOTE))

    without, with_it = (
        json.loads(
            body(
                EventKind.CALL_NOTE,
                NOON,
                call,
                ToldOfCalls(ShownNumbers.NONE, with_private=False, with_notes=each),
            )
        )["data"]
        for each in (False, True)
    )

    assert (without["note"], without["note_by"]) == (None, "U2")
    assert (without["outcome"], without["outcome_by"]) == ("Spoke", "U1")
    assert with_it["note"] == NOTE.text


def test_what_is_said_of_a_private_call_stays_its_persons() -> None:
    """Even where notes are told: whoever keeps a result to themselves keeps all of it."""
    call = replace(OVER, shows=Shows.DM, aftermath=Aftermath(SPOKE, NOTE))
    told = ToldOfCalls(ShownNumbers.FULL, with_private=False, with_notes=True)

    data = json.loads(body(EventKind.CALL_OUTCOME, NOON, call, told))["data"]

    names = EXPORTED[EXPORTED.index("outcome") :]
    assert {data[each] for each in names} == {None}


def test_a_test_event_is_about_no_call() -> None:
    """The receiver's owner sees that it works, without anybody's number."""
    told = ToldOfCalls(ShownNumbers.FULL, with_private=True)

    assert json.loads(body(EventKind.TEST, NOON, None, told))["data"] == {}
