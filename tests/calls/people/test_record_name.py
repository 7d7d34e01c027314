"""The name in a record is the other party's for certain, or it isn't used."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.calls.log.leg import NO_PARTY, Party
from bot.calls.matching.grouping import group
from bot.calls.people.names import NameSource
from bot.calls.people.record_name import in_record
from builders import CALLEE, CALLER, record, to_caller, to_subscriber

DANA = Party(CALLER.e164, name="Dana Ortiz")
NORA = Party(CALLEE.e164, name="Nora North")
NUMBER_ALONE = Party(CALLEE.e164)


def found(*legs: Any, caller: Party = DANA, callee: Party = NORA) -> str | None:
    """Return the name found in a record with these parties and legs."""
    made = replace(record(legs=legs), caller=caller, callee=callee)
    (entry,) = group([made])
    name = in_record(entry, CALLEE)
    if name is not None:
        assert (name.source, name.is_public) == (NameSource.RECORD, False)
    return None if name is None else name.text


def leg(caller: Party, callee: Party) -> Any:
    """Return the other party's leg with these parties."""
    return replace(to_subscriber("Accepted"), caller=caller, callee=callee)


def test_the_name_beside_the_number_is_found_on_either_side() -> None:
    """A record may be logged mirrored, with or without its legs."""
    assert found() == "Nora North"
    assert found(caller=NORA, callee=DANA) == "Nora North"
    assert found(leg(DANA, NORA), callee=NUMBER_ALONE) == "Nora North"
    assert found(leg(NORA, DANA), caller=NO_PARTY, callee=NO_PARTY) == "Nora North"
    assert found(to_caller("Accepted"), callee=NUMBER_ALONE) is None


@pytest.mark.parametrize(
    "number",
    ["(415) 555-0142", "4155550142", "14155550142", "+1 415 555 0142", "+14155550142"],
)
def test_the_number_may_be_logged_as_at_home(number: str) -> None:
    """RingCentral logs it in many forms."""
    assert found(callee=Party(number, name="Nora")) == "Nora"


@pytest.mark.parametrize(
    "number",
    [
        "",
        "+1415555XXXX",
        "+14155550143",
        "5550142",
        "+14155550142*101",
        "14155550142 ext. 1",
        "0142",
        "+444155550142",
        "nonsense",
    ],
)
def test_a_name_beside_another_number_is_somebody_elses(number: str) -> None:
    """By the exact number only: a wrong name is worse than none."""
    other = Party(number, name="Nora")

    assert found(callee=other) is None
    assert found(caller=NO_PARTY, callee=other) is None  # not even the only name


def test_two_names_are_none() -> None:
    """Neither does a name count that also stands beside the caller's number."""
    assert found(leg(DANA, Party(CALLEE.e164, name="Nora N."))) is None
    assert found(leg(DANA, Party(CALLEE.e164, name="NORA NORTH"))) == "Nora North"
    assert found(callee=Party(CALLEE.e164, name="dana ortiz")) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        CALLEE.e164,
        "(415) 555-0142",
        "\u202e",
        "WIRELESS CALLER",
        "SAN FRANCISCO CA",
    ],
)
def test_what_is_no_name_is_none(name: str) -> None:
    """A phone company's words for nobody, or the number once more."""
    assert found(callee=Party(CALLEE.e164, name=name)) is None
