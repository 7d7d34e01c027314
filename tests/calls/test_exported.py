"""What is told of a call outside: by name, and no more than its person agreed to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.calls.call import End, Place, State
from bot.calls.exported import EXPORTED, ShownNumbers, exported
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.people.names import Name, NameSource
from bot.calls.people.person import Shows
from checkout import ROOT
from intents import CALLEE, CALLER, NOON, a_call

OVER = a_call(
    state=State.DONE,
    end=End.RECORDED,
    outcome=Outcome(
        Side(Ending.ANSWERED, "Call connected"),
        Side(Ending.UNKNOWN, "Sent to +1 415 555 0142", "Odd"),
        timedelta(seconds=62),
    ),
    sent_at=NOON,
    ended_at=NOON + timedelta(minutes=2),
    caller_id=CALLER,
    callee_name=Name("Northwind", NameSource.WRITTEN),
    ringout_id="s-1",
    session_id="s-2",
    records=("r1", "r2"),
)
TOLD_ANYWAY = set(EXPORTED[: EXPORTED.index("caller")])


@pytest.mark.parametrize("numbers", ShownNumbers)
def test_every_call_has_the_same_fields(numbers: ShownNumbers) -> None:
    """A column that comes and goes shifts all others in a spreadsheet."""
    for call in (OVER, a_call(), a_call(shows=Shows.DM)):
        assert tuple(exported(call, numbers, with_private=False)) == EXPORTED


def test_a_call_that_is_over_is_told_in_both_words() -> None:
    """Who counts calls needs our few words; who argues with RingCentral needs theirs."""
    told = exported(OVER, ShownNumbers.MASKED, with_private=False)

    assert told["call"] == "c1"
    assert (told["asked_at"], told["ended_at"]) == (
        "2026-11-20T12:00:00Z",
        "2026-11-20T12:02:00Z",
    )
    assert (told["caller_result"], told["callee_result"]) == ("answered", "unknown")
    assert told["caller_ringcentral_result"] == "Call connected"
    assert told["callee_ringcentral_reason"] == "Odd"
    assert told["talk_seconds"] == 62
    assert told["record_ids"] == "r1 r2"
    assert told["callee_name"] == "Northwind"


@pytest.mark.parametrize(
    ("numbers", "callee"),
    [
        (ShownNumbers.NONE, None),
        (ShownNumbers.MASKED, CALLEE.masked),
        (ShownNumbers.FULL, CALLEE.e164),
    ],
)
def test_numbers_are_told_as_the_operator_chose(
    numbers: ShownNumbers, callee: str | None
) -> None:
    """Not even a result of RingCentral's that quotes a number tells it otherwise."""
    told = exported(OVER, numbers, with_private=False)

    assert told["callee"] == callee
    assert ("14155550142" in str(told)) is (numbers is ShownNumbers.FULL)
    assert "415 555" not in str(told)


@pytest.mark.parametrize(
    "private",
    [{"shows": Shows.PRIVATE}, {"shows": Shows.DM}, {"place": Place("T1", "D1", "U1")}],
)
def test_of_a_private_call_only_that_it_was_is_told(private: dict[str, object]) -> None:
    """Its person was promised that nobody else reads number, name and result."""
    call = replace(OVER, **private)  # type: ignore[arg-type]

    told = exported(call, ShownNumbers.FULL, with_private=False)

    assert {name for name in EXPORTED if told[name] is not None} == TOLD_ANYWAY
    assert told["private"] is True
    whole = exported(call, ShownNumbers.FULL, with_private=True)
    assert whole["callee"] == CALLEE.e164


@pytest.mark.parametrize("source", NameSource)
def test_a_name_for_its_owner_alone_is_not_told(source: NameSource) -> None:
    """Somebody's own address book is no business of the company's other systems."""
    call = a_call(callee_name=Name("Doctor Low", source))

    told = exported(call, ShownNumbers.FULL, with_private=True)["callee_name"]

    assert (told is None) is (source in {NameSource.ADDRESS_BOOK, NameSource.RECORD})


def test_the_page_explains_every_field() -> None:
    """Whoever reads a column looks its name up there."""
    page = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")

    assert [each for each in EXPORTED if f"`{each}`" not in page] == []
