"""What may be typed after ``/callstatus report``."""

from __future__ import annotations

import pytest

from bot.calls.lists.report_request import read_report_request
from bot.calls.lists.request import ListFlaw, UnreadableList
from bot.calls.reporting import Period, ReportRequest


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("report", ReportRequest(Period.TODAY)),
        ("Report: this WEEK, please", ReportRequest(Period.WEEK)),
        ("report month <@U0BOB|bob>", ReportRequest(Period.MONTH, "U0BOB")),
        ("report of <@W0BOB> for today.", ReportRequest(Period.TODAY, "W0BOB")),
        ("report week week", ReportRequest(Period.WEEK)),
    ],
)
def test_a_period_and_a_person_in_any_order(text: str, asked: ReportRequest) -> None:
    """Nobody remembers which comes first."""
    assert read_report_request(text) == asked


@pytest.mark.parametrize("text", ["", "today", "last 10", "week report", "reporter"])
def test_other_words_ask_for_a_list(text: str) -> None:
    """The command lists calls, as it always has."""
    assert read_report_request(text) is None


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("report yesterday", "yesterday"),
        ("report @bob", "@bob"),
        ("report week month", ""),
        ("report <@U1> <@U2>", ""),
        ("report <#C0SALES|sales>", "<#C0SALES|sales>"),
    ],
)
def test_what_is_not_understood_is_named(text: str, typed: str) -> None:
    """A report of other days than were asked for would be believed."""
    with pytest.raises(UnreadableList) as raised:
        read_report_request(text)

    assert (raised.value.flaw, raised.value.typed) == (ListFlaw.REPORT, typed)
