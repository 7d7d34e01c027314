"""What an event says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.calls.call import End, Place, State
from bot.calls.exported import EXPORTED, ShownNumbers
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.people.person import Shows
from bot.hooks.events import ToldOfCalls, body
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


def test_a_test_event_is_about_no_call() -> None:
    """The receiver's owner sees that it works, without anybody's number."""
    told = ToldOfCalls(ShownNumbers.FULL, with_private=True)

    assert json.loads(body(EventKind.TEST, NOON, None, told))["data"] == {}
