"""Whose calls somebody may have summed up."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from bot.calls.aftermath import Aftermath, Remark
from bot.calls.call import End, Place, State
from bot.calls.figures import Figures
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.people.person import Shows
from bot.calls.reporting import Period, ReportRequest
from bot.reports.own import Reports
from bot.storage.calls.counting import Counting
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls, to_row
from bot.switchboard.policy import Policy
from bot.user_errors import AccessDenied
from fakes import FakeClock
from intents import NOON, a_call

ANN, BOB = Place("T1", "C1", "U1"), Place("T1", "C1", "U2")
BERLIN = ZoneInfo("Europe/Berlin")
SPOKE = Aftermath(Remark("Spoke", "U1", NOON))
RESULT = Outcome(Side(Ending.ANSWERED), Side(Ending.ANSWERED), timedelta(seconds=90))


@pytest.fixture
async def reports(store: Store) -> Reports:
    """Give reports on one answered call of Ann's, a private one, and her namesake's."""
    told = {"state": State.DONE, "end": End.RECORDED, "outcome": RESULT}
    rows = [
        a_call(id="a", key="a", place=ANN, aftermath=SPOKE, **told),
        a_call(id="b", key="b", place=ANN, shows=Shows.PRIVATE, **told),
        a_call(id="c", key="c", place=Place("T2", "C1", "U1"), **told),
        a_call(id="d", key="d", place=Place("T1", "C1", "U1", "E1"), **told),
        a_call(id="e", key="e", place=ANN, asked_at=NOON - timedelta(days=2), **told),
    ]
    await store.writer.run(lambda c: c.execute(insert(calls), [*map(to_row, rows)]))
    policy = Policy(admins=frozenset({"T1:U2"}))
    clock = FakeClock(NOON + timedelta(minutes=5))
    return Reports(Counting(store.writer), policy, clock, timedelta(days=3))


async def test_everybody_has_their_own_calls_summed_up(reports: Reports) -> None:
    """All of them, also those that they keep to themselves; nobody else's."""
    found = await reports.of(ANN, ReportRequest(), BERLIN)

    assert (found.user, found.is_whole) == ("", True)
    assert found.since.astimezone(BERLIN).isoformat() == "2026-11-20T00:00:00+01:00"
    sums = found.figures
    assert (sums.calls, sums.private, sums.answered) == (2, 0, 2)
    assert (sums.talked, sums.outcomes) == (timedelta(minutes=3), {"Spoke": 1})
    named = await reports.of(ANN, ReportRequest(user="U1"), BERLIN)
    assert named == found
    week = await reports.of(ANN, ReportRequest(Period.WEEK), BERLIN)
    assert week.figures.calls == 3
    assert not week.is_whole


async def test_another_persons_calls_are_for_admins(reports: Reports) -> None:
    """Of their own workspace alone, and none that their person keeps to themselves."""
    found = await reports.of(BOB, ReportRequest(user="U1"), BERLIN)

    sums = found.figures
    assert found.user == "U1"
    assert (sums.calls, sums.private, sums.answered) == (1, 0, 1)
    assert sums.talked == timedelta(seconds=90)
    stranger = Place("T2", "C1", "U2")
    for place, user in ((ANN, "U2"), (stranger, "U1")):
        with pytest.raises(AccessDenied):
            await reports.of(place, ReportRequest(user=user), BERLIN)


async def test_who_has_not_called_has_a_report_of_nothing(reports: Reports) -> None:
    """Zero is an answer, and no rate is one, too."""
    found = await reports.of(BOB, ReportRequest(Period.MONTH), BERLIN)

    assert found.figures == Figures()
    assert found.figures.answer_rate is None
