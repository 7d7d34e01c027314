"""Who and what there is in a demo before its first call."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.calls.numbers.phone import PhoneNumber
from bot.demo.stage import LONDONER, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Return a stage that nobody has opened."""
    return Stage(tmp_path, 6.0)


def test_the_log_has_calls_with_names_and_without(stage: Stage) -> None:
    """In and out, missed and talked, in two countries: what a list has to show."""
    stage.fill_log()

    records = [record for record, _ in stage.ringcentral.log.past]
    others = [
        each["from"] if each["direction"] == "Inbound" else each["to"]
        for each in records
    ]
    assert {bool(each.get("name")) for each in others} == {True, False}
    assert {PhoneNumber(each["phoneNumber"]).region for each in others} == {"US", "GB"}
    assert {each["result"] for each in records} == {
        "Missed",
        "Accepted",
        "Call connected",
    }


def test_one_person_has_an_account_in_another_country(stage: Stage) -> None:
    """Their numbers, and what they leave out of a number, are another country's."""
    londoner = stage.ringcentral.people.find(LONDONER)
    others = {each.country for each in stage.ringcentral.people.everybody} - {"GB"}

    assert londoner.country == "GB"
    assert others == {"US"}
    for number in (londoner.mobile, londoner.desk, londoner.direct):
        assert PhoneNumber(number).region == "GB"
