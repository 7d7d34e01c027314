"""What reports read of the database: each call of theirs once, and nobody else's."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from bot.calls.aftermath import Aftermath, Remark
from bot.calls.call import Call, End, Place, State
from bot.calls.figures import CountedCall, Figures, figures
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.people.person import Shows
from bot.storage.calls.counting import CallsOf, Counting
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls, to_row
from intents import NOON, a_call

HOUR = timedelta(hours=1)
T1 = CallsOf(("",), "T1")


async def fill(store: Store, made: Sequence[dict[str, Any]]) -> list[Call]:
    """Store finished calls with these values."""
    usual = {"state": State.DONE, "end": End.UNCONFIRMED}
    rows = [
        a_call(id=f"c{number}", key=f"t{number}", **usual | values)
        for number, values in enumerate(made)
    ]
    if rows:
        table = [to_row(each) for each in rows]
        await store.writer.run(lambda c: c.execute(insert(calls), table))
    return rows


async def summed(
    store: Store,
    whose: CallsOf,
    since: datetime = NOON,
    until: datetime = NOON + HOUR,
    page: int = 2,
) -> Figures:
    """Return the sums of what is read, page by page."""
    total = Figures()
    async for each in Counting(store.writer, page).pages(whose, since, until):
        total += figures(each, with_private=True)
    return total


talks = st.none() | st.integers(0, 900).map(lambda each: timedelta(seconds=each))
outcomes = st.none() | st.builds(
    Outcome,
    st.builds(Side, st.sampled_from(Ending)),
    st.builds(Side, st.sampled_from(Ending)),
    talks,
)
remarks = st.none() | st.builds(
    Aftermath,
    st.builds(
        Remark, st.sampled_from(["Spoke", "Call back"]), st.just("U1"), st.just(NOON)
    ),
)
some_calls = st.lists(
    st.fixed_dictionaries(
        {
            "place": st.builds(
                Place,
                st.sampled_from(["T1", "T2"]),
                st.sampled_from(["C1", "D1"]),
                st.sampled_from(["U1", "U2"]),
                st.sampled_from(["", "E1"]),
            ),
            "asked_at": st.integers(-2, 8).map(lambda each: NOON + each * HOUR / 6),
            "end": st.none() | st.sampled_from(End),
            "shows": st.sampled_from(Shows),
            "connected": st.booleans(),
            "outcome": outcomes,
            "aftermath": remarks,
        }
    ),
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=some_calls, page=st.integers(1, 4), user=st.sampled_from(["", "U1"]))
def test_the_sums_are_those_of_a_naive_count(
    migrated: Path, made: list[dict[str, Any]], page: int, user: str
) -> None:
    """Whoever, wherever, whenever: each call once, and none of another workspace."""
    whose = CallsOf(("", "E1"), "T1", user)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(migrated, Path(folder) / "calls.db")
        found, rows, waiting = asyncio.run(
            _read(f"sqlite:///{folder}/calls.db", made, whose, page)
        )

    mine = [
        each
        for each in rows
        if each.place.team == "T1"
        and user in ("", each.place.user)
        and NOON <= each.asked_at < NOON + HOUR
    ]
    assert found == figures([_naive(each) for each in mine], with_private=True)
    left = [each for each in rows if each.place.team == "T1" and not each.is_private]
    assert waiting == sum(
        each.aftermath is not None
        and each.aftermath.follow_up != ""
        and user in ("", each.place.user)
        for each in left
    )


async def _read(
    url: str, made: list[dict[str, Any]], whose: CallsOf, page: int
) -> tuple[Figures, list[Call], int]:
    store = Store(url)
    try:
        rows = await fill(store, made)
        counting = Counting(store.writer)
        waiting = await counting.to_call_back(whose, with_private=False)
        return await summed(store, whose, page=page), rows, waiting
    finally:
        store.close()


def _naive(call: Call) -> CountedCall:
    chosen = call.aftermath.disposition if call.aftermath else None
    return CountedCall(
        call.place.user,
        call.asked_at,
        call.is_private,
        call.end,
        call.outcome.callee.ending if call.outcome else None,
        call.connected,
        (call.outcome.talked if call.outcome else None) or timedelta(0),
        chosen.text if chosen else "",
    )


async def test_a_row_that_only_a_newer_program_can_read_counts_as_a_call(
    store: Store,
) -> None:
    """While processes are replaced one by one, no report may fail, nor lose a call."""
    await fill(store, [{}, {}, {}])
    for number, values in enumerate(
        ({"end": "teleported"}, {"outcome": "{}"}, {"aftermath": '{"note": [1]}'})
    ):
        odd = update(calls).where(calls.c.id == f"c{number}").values(values)
        await store.writer.run(lambda c, q=odd: c.execute(q))  # type: ignore[misc]

    assert await summed(store, T1) == Figures(calls=3)


@pytest.mark.parametrize(
    ("whose", "with_private", "count"),
    [
        (T1, False, 3),
        (T1, True, 4),
        (CallsOf(("",), "T1", "U1"), True, 2),
        (CallsOf(("",), "T1", "U2"), False, 2),
        (CallsOf(("",), "T2"), True, 0),
        (CallsOf(("E1",), ""), True, 1),
    ],
)
async def test_who_has_to_call_back(
    store: Store, whose: CallsOf, *, with_private: bool, count: int
) -> None:
    """Taken on by one, it is no longer left to the other who placed it."""
    back = Aftermath(Remark("Call back", "U1", NOON))
    taken = Aftermath(back.disposition, claim=Remark("taken", "U2", NOON))
    done = Aftermath(back.disposition, claim=Remark("done", "U2", NOON))
    await fill(
        store,
        [
            {"aftermath": back},
            {"aftermath": taken},
            {"aftermath": done},
            {"aftermath": back, "shows": Shows.PRIVATE},
            {"aftermath": back, "place": Place("T1", "C1", "U2")},
            {"aftermath": back, "place": Place("T3", "C1", "U1", "E1")},
        ],
    )

    counting = Counting(store.writer)

    assert await counting.to_call_back(whose, with_private=with_private) == count
