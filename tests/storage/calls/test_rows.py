"""A row that only a newer version can read must not stop any other call.

During a rolling upgrade, old and new versions share one database.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.calls.call import State, Status
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.log_schedule import USUALLY_LOGGED
from bot.calls.people.names import Name, NameSource
from bot.calls.telling import Shown
from bot.calls.timing import Timing
from bot.follow.closing import shown
from bot.policy.added import Verdict
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls, outcome_from, to_row
from bot.storage.calls.unreadable import SKIPPED_FOR, UnreadableRows
from desk import Desk
from fakes import FakeClock
from intents import ANN, CALLEE, NOON, a_call, add_call
from patience import until
from stored import in_state
from talking import TALKING, connected, hang_up
from town import Town

LEASE = timedelta(seconds=40)
SIDE = Side(Ending.BUSY, "Busy")
NEWER: dict[str, dict[str, str]] = {
    "why": {"why": "brand_new_word"},
    "end": {"end": "brand_new_word"},
    "shows": {"shows": "new"},
    "a field of the status": {"status": '{"call": "", "caller": "", "mood": "good"}'},
    "a field of the refusal": {"refusal": '{"status": 403, "mood": "bad"}'},
    "a result": {
        "outcome": '{"caller": {"ending": "new"}, "callee": {"ending": "busy"},'
        ' "talked": null}'
    },
    "another form of outcome": {"outcome": '{"sides": []}'},
    "another form of records": {"records": "r1;r2"},
    "no form at all": {"status": "??"},
}


@pytest.fixture(autouse=True)
def heard(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Capture warnings."""
    caplog.set_level(logging.WARNING)
    return caplog


async def writes(store: Store, call_id: str, **words: str) -> None:
    """Write values into a row as a newer version would."""
    row = update(calls).where(calls.c.id == call_id).values(words)
    await store.writer.run(lambda connection: connection.execute(row))


async def row_of(store: Store, call_id: str) -> tuple[Any, ...]:
    """Return a row as it is stored."""
    query = select(calls).where(calls.c.id == call_id)
    return tuple(await store.writer.run(lambda c: c.execute(query).one()))


async def two_calls(store: Store, **changes: Any) -> None:
    """Store two calls: "new", which a newer version will write to, and "old"."""
    old = {
        "state": State.FOLLOWING,
        "status": Status("a", "b", "c"),
        "ringout_id": "s-1",
        "outcome": Outcome(SIDE, SIDE),
        "sent_at": NOON,
        **changes,
    }
    await add_call(store, a_call(id="new", key="new", **old), most=99)
    await add_call(store, a_call(id="old", key="old", **old), most=99, again=True)


def unreadable(heard: pytest.LogCaptureFixture) -> list[str]:
    """Return the log lines about unreadable rows."""
    return [
        record.getMessage()
        for record in heard.records
        if record.levelno == logging.ERROR and "can't be read" in record.getMessage()
    ]


@pytest.mark.parametrize(("stored", "told"), [(0.3, None), (0.6, 0.6), (62.0, 62.0)])
def test_a_talk_time_that_rounds_to_nothing_is_none_in_older_rows_too(
    stored: float, told: float | None
) -> None:
    """Cards, lists, exports and hooks all read it from there: "0 s" says nothing."""
    row = to_row(a_call(outcome=Outcome(SIDE, SIDE, timedelta(seconds=stored))))

    found = outcome_from(row["outcome"])

    assert found is not None
    assert found.talked == (None if told is None else timedelta(seconds=told))


@pytest.mark.parametrize("words", NEWER.values(), ids=list(NEWER))
async def test_a_row_that_cannot_be_read_is_left_as_it_is(
    store: Store, words: dict[str, str], heard: pytest.LogCaptureFixture
) -> None:
    """It waits for a version that can read it, and the log reports it only once."""
    await two_calls(store)
    await writes(store, "new", **words)
    before = await row_of(store, "new")

    first = (await store.claim("me", NOON, LEASE, 10)).calls
    second = (await store.claim("me", NOON + LEASE, LEASE, 10)).calls

    assert [call.id for call in first] == [call.id for call in second] == ["old"]
    assert await row_of(store, "new") == before
    [line] = unreadable(heard)
    assert "call new:" in line
    assert b"ringout_unreadable_calls_total 1.0" in store._measures.text()


async def test_a_call_of_ours_that_we_cannot_read_any_more_is_let_go(
    store: Store,
) -> None:
    """Release it, so that the newer process whose click changed it can take it over."""
    await two_calls(store, held_by="me", next_at=NOON)
    await writes(store, "new", why="brand_new_word")
    await store.claim("me", NOON, LEASE, 10)

    await writes(store, "new", why="late")  # words that the newer version can read
    newer = Store(store.url, "newer")
    taken = (await newer.claim("newer", NOON, LEASE, 10)).calls
    newer.close()

    assert [(call.id, call.attempt) for call in taken] == [("new", 2)]


async def test_it_is_read_again_after_a_good_while(
    store: Store, heard: pytest.LogCaptureFixture
) -> None:
    """If no newer version is running, an operator may have repaired the row by hand."""
    clock = FakeClock()
    store.unreadable = UnreadableRows(store._measures, clock.monotonic)
    await two_calls(store)
    await writes(store, "new", why="brand_new_word")
    await store.claim("me", NOON, LEASE, 10)
    clock.pass_by(SKIPPED_FOR)
    still = (await store.claim("me", NOON, LEASE, 10)).calls
    await writes(store, "new", why="late")
    clock.pass_by(SKIPPED_FOR - 1)
    early = (await store.claim("me", NOON, LEASE, 10)).calls
    clock.pass_by(1)
    mended = (await store.claim("me", NOON, LEASE, 10)).calls

    assert still == early == []
    assert [call.id for call in mended] == ["new"]
    assert len(unreadable(heard)) == 1


async def test_a_state_that_is_not_known_is_nobodys_here(store: Store) -> None:
    """It is neither claimed nor listed; the same person's other calls are."""
    await two_calls(store)
    await writes(store, "new", state="dreaming")

    assert [call.id for call in (await store.claim("me", NOON, LEASE, 10)).calls] == [
        "old"
    ]
    assert [call.id for call in await store.of_person(ANN.person, 9)] == ["old"]
    assert await store.get("new") is None


@pytest.mark.parametrize("words", NEWER.values(), ids=list(NEWER))
async def test_every_question_survives_it(store: Store, words: dict[str, str]) -> None:
    """It must not break the home tab, the log reader, clicks or counts."""
    waiting = {"state": State.RECORDING, "ended_at": NOON}
    await two_calls(store, **waiting)
    await writes(store, "new", **words)

    listed = await in_state(store, State.RECORDING)
    changed = await store.change("new", lambda c: replace(c, tries=9), NOON)
    repeated = await add_call(store, a_call(id="x", key="new"), most=99)
    await store.resume(NOON)

    assert [call.id for call in listed] == ["old"]
    assert [call.id for call in await store.of_person(ANN.person, 9)] == ["old"]
    assert await store.get("new") is changed is None
    assert repeated.verdict is Verdict.REPEATED
    assert await store.counted_by_account(State.RECORDING) == {"": 2}
    assert await store.ringout_ids(NOON) == {"s-1"}
    assert await store.adopted(["r1"]) == set()


async def test_the_log_is_not_read_for_nobody(store: Store) -> None:
    """Reading the log for a call that we can't store wastes another process's turn."""
    waiting = {"state": State.RECORDING, "ended_at": NOON, "next_at": NOON}
    await add_call(store, a_call(id="new", key="new", **waiting), most=99)
    await writes(store, "new", why="brand_new_word")

    first = await store.due_by_account()
    await store.awaiting_record("")
    second = await store.due_by_account()

    assert (first, second) == ([("", NOON)], [])


async def test_other_calls_waiting_for_a_record_get_theirs(desk: Desk) -> None:
    """One log read serves all readable calls of an account."""
    waiting = {"state": State.RECORDING, "ended_at": NOON - USUALLY_LOGGED}
    await two_calls(desk.store, **waiting, card_ts="1")
    await writes(desk.store, "new", end="brand_new_word")
    before = await row_of(desk.store, "new")

    await desk.read_log()

    after = await desk.store.get("old")
    assert after is not None
    assert after.reads == 1
    assert await row_of(desk.store, "new") == before


async def test_what_a_card_shows_is_stored_or_let_be(desk: Desk) -> None:
    """An unreadable row must not end the task that edits cards."""
    await two_calls(desk.store)
    call = await desk.store.get("new")
    assert call is not None
    await writes(desk.store, "new", end="brand_new_word")

    await shown(desk.store, desk.clock, Timing(), call, Shown("digest", last=True))

    assert await desk.store.get("new") is None


async def test_the_next_call_is_followed_to_its_end(
    town: Town, heard: pytest.LogCaptureFixture
) -> None:
    """One unreadable open call must not stop the call that somebody places next."""
    town.ringcentral.play(TALKING)
    await town.types()
    await connected(town)
    assert town.bot is not None
    store = town.bot._store
    [first] = await in_state(store, State.FOLLOWING)
    await writes(store, first.id, why="brand_new_word")
    await until(lambda: unreadable(heard))

    ack = await town.types("+14155550177")
    await connected(town, 1)
    await hang_up(town)
    reply = await town.reply(1)

    assert "Calling you on" in ack.text
    assert "Callee: answered" in reply.text
    assert "has ended" not in heard.text
    assert CALLEE.e164[2:] not in heard.text
    assert town.slack.thread(town.cards()[0]) == []


@pytest.mark.parametrize("source", NameSource)
async def test_the_other_partys_name_is_stored(
    store: Store, source: NameSource
) -> None:
    """Another process draws the card, and a later version may know other sources."""
    call = a_call(callee_name=Name("Zoë", source))
    await add_call(store, call, most=9)
    stored = await store.get(call.id)
    await store.change(call.id, lambda c: replace(c, callee_name=None), NOON)
    without = await store.get(call.id)
    await writes(store, call.id, callee_name='{"text": "Zoë", "source": "a new one"}')

    assert stored == call
    assert without == await store.get(call.id) == replace(call, callee_name=None)
