"""The store, on a real SQLite file and, where one can be started, a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DataError

from bot.calls import following
from bot.calls.call import Call, End, Place, Refusal, State, Status, Why
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.numbers.phone import PhoneNumber
from bot.errors import StoreUnavailable
from bot.policy.added import Verdict
from bot.storage.calls.listed import ListedCalls
from bot.storage.calls.store import Store
from intents import ANN, NOON, a_call, add_call
from stored import in_state

LEASE = timedelta(seconds=40)


async def test_a_call_comes_back_as_it_was_stored(store: Store) -> None:
    """A field that is not stored would be lost by a restart."""
    side = Side(Ending.BUSY, "Busy", "Line Busy", "it was busy")
    call = a_call(
        state=State.REPORTING,
        limited_at=NOON,
        wait_until=NOON,
        sent_at=NOON,
        placed_at=NOON,
        ringout_id="s-1",
        status=Status("CannotReach", "Success", "X"),
        seen=True,
        connected=True,
        changed_at=NOON,
        terminal_at=NOON,
        ended_at=NOON,
        cancelled_at=NOON,
        reads=3,
        end=End.NOT_PLACED,
        why=Why.LIMIT,
        refusal=Refusal(403, "CMN-109", feature="InternationalCalls"),
        outcome=Outcome(side, side, timedelta(seconds=62.5)),
        card_channel="C1",
        card_tried=True,
        card_ts="1.1",
        card_shown="abc",
        reply_tried=True,
        reply_ts="1.2",
        tries=2,
        attempt=7,
        held_by="me",
        faults=3,
        failing_since=NOON,
        silent_since=NOON,
    )

    await add_call(store, call, most=10)

    assert await store.get(call.id) == call


async def test_the_same_command_twice_is_one_call(store: Store) -> None:
    """Slack may deliver a command twice; the phone must ring once."""
    first = await add_call(store, a_call(id="a", key="t1"), most=10)
    second = await add_call(store, a_call(id="b", key="t1"), most=10)

    assert (first.verdict, second.verdict) == (Verdict.NEW, Verdict.REPEATED)
    assert second.call.id == "a"
    assert await store.get("b") is None


async def test_the_same_command_at_the_same_moment_is_one_call(store: Store) -> None:
    """Two deliveries may share a commit: still only one may place a call."""
    calls = [a_call(id=str(n), key="same") for n in range(20)]

    added = await asyncio.gather(*(add_call(store, call, most=99) for call in calls))

    verdicts = Counter(each.verdict for each in added)
    assert verdicts == {Verdict.NEW: 1, Verdict.REPEATED: 19}


async def test_a_number_that_is_being_rung_is_not_rung_twice(store: Store) -> None:
    """Pressing Enter twice must not ring the other party twice."""
    await add_call(store, a_call(id="a", key="1"), most=10)

    again = await add_call(store, a_call(id="b", key="2"), most=10)
    other = await add_call(
        store, a_call(id="c", key="3", callee=PhoneNumber("+14155550199")), most=10
    )
    someone = await add_call(
        store, a_call(id="d", key="4", place=Place("T1", "C1", "U2")), most=10
    )
    anyway = await add_call(store, a_call(id="e", key="5"), most=10, again=True)

    assert (again.verdict, again.call.id) == (Verdict.ALREADY_OPEN, "a")
    assert other.verdict is someone.verdict is anyway.verdict is Verdict.NEW


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"state": State.FOLLOWING}, Verdict.ALREADY_OPEN),
        ({"state": State.FOLLOWING, "terminal_at": NOON}, Verdict.NEW),
        ({"state": State.RECORDING, "ringout_id": "s-1"}, Verdict.NEW),
        ({"state": State.RECORDING, "sent_at": NOON}, Verdict.ALREADY_OPEN),
        ({"state": State.DONE}, Verdict.NEW),
    ],
)
async def test_a_call_that_is_over_is_not_in_the_way(
    store: Store, changes: dict[str, object], verdict: Verdict
) -> None:
    """The line was busy and they try again: that is a deliberate redial."""
    old = replace(a_call(id="a", key="1"), **changes)  # type: ignore[arg-type]
    await add_call(store, old, most=10)

    again = await add_call(store, a_call(id="b", key="2"), most=10)

    assert again.verdict is verdict
    assert old.may_go_on == (verdict is Verdict.ALREADY_OPEN)  # what `cancel` goes by


async def test_one_person_can_ask_for_only_so_many_calls_a_minute(
    store: Store,
) -> None:
    """A script or a stolen session is slowed down; other people are not."""
    for n in range(3):
        await add_call(store, a_call(id=f"x{n}", key=f"x{n}"), most=3, again=True)

    fourth = await add_call(store, a_call(id="d", key="d"), most=3, again=True)
    late = a_call(id="e", key="e", asked_at=NOON + timedelta(seconds=61))
    other = a_call(id="f", key="f", place=Place("T1", "C1", "U2"))

    assert fourth.verdict is Verdict.TOO_MANY
    assert (await add_call(store, late, most=3, again=True)).verdict is Verdict.NEW
    assert (await add_call(store, other, most=3, again=True)).verdict is Verdict.NEW


async def test_a_due_call_is_claimed_once_until_its_lease_ends(store: Store) -> None:
    """Two steps must not poll one call; a stuck step must not block it for good."""
    await add_call(
        store, a_call(state=State.FOLLOWING, next_at=NOON, attempt=1), most=10
    )

    first = (await store.claim("me", NOON, LEASE, 10)).calls
    second = (await store.claim("me", NOON + LEASE / 2, LEASE, 10)).calls
    third = (await store.claim("me", NOON + LEASE, LEASE, 10)).calls

    assert [(call.attempt, call.due_at) for call in first] == [(2, NOON)]
    assert second == []
    assert [(call.attempt, call.due_at) for call in third] == [(3, NOON + LEASE)]


async def test_a_call_stays_with_the_process_that_holds_it(store: Store) -> None:
    """Two processes must not edit one card, nor both send one call's POST."""
    await add_call(store, a_call(held_by="me", next_at=NOON), most=10)
    await add_call(store, a_call(id="c2", key="2", next_at=NOON), most=10, again=True)

    others = (await store.claim("you", NOON + LEASE, LEASE, 10)).calls

    assert [(call.id, call.held_by) for call in others] == [("c2", "you")]
    assert [call.id for call in (await store.claim("me", NOON, LEASE, 10)).calls] == [
        "c1"
    ]


async def test_calls_that_wait_for_their_record_are_claimed_by_nobody(
    store: Store,
) -> None:
    """One log read serves all of them, so no step may take one alone."""
    await add_call(store, a_call(state=State.RECORDING, next_at=NOON), most=10)

    assert (await store.claim("me", NOON, LEASE, 10)).calls == []


async def test_a_change_sees_the_row_as_it_is_and_leaves_a_trace(store: Store) -> None:
    """A step that lost its lease must change nothing; valid changes are recorded."""
    await add_call(store, a_call(), most=10)

    moved = await store.change(
        "c1", lambda c: following.ended(c, End.NOT_PLACED, NOON, Why.LATE), NOON, "late"
    )
    dropped = await store.change("c1", lambda _: None, NOON)
    unknown = await store.change("nobody", lambda c: c, NOON)
    unchanged = await store.change("c1", lambda c: c, NOON)

    assert moved is not None
    assert (moved.state, dropped, unknown) == (State.REPORTING, None, None)
    assert unchanged == moved
    history = await store.history("c1")
    assert [each.note for each in history] == ["asked", "late"]


async def test_a_record_is_one_calls_only(store: Store) -> None:
    """Two calls to one number at one time must not show the same result."""
    for name in ("a", "b"):
        call = a_call(id=name, key=name, state=State.RECORDING, ringout_id=name)
        await add_call(store, call, most=10)

    def adopt(call: Call) -> Call:
        return replace(call, records=("r1", "r2"))

    first = await store.change("a", adopt, NOON)
    second = await store.change("b", adopt, NOON)
    after = await store.get("b")

    assert first is not None
    assert second is None
    assert after is not None
    assert after.records == ()
    assert await store.adopted(["r1", "r3"]) == {"r1"}
    of = ListedCalls(store).adopters
    assert await of(["r1", "r2", "r3"]) == {"r1": first, "r2": first}
    assert await of([]) == {}


async def test_what_a_dead_process_left_is_due_at_once(store: Store) -> None:
    """After kill -9 nobody should have to wait for a lease to expire."""
    later = NOON + LEASE
    for state in (State.REQUESTED, State.PLACING, State.FOLLOWING, State.REPORTING):
        call = a_call(id=state, key=state, held_by="dead", state=state, next_at=later)
        await add_call(store, call, most=10, again=True)

    left = await store.resume(NOON)
    claimed = (await store.claim("alive", NOON, LEASE, 10)).calls

    assert left == len(claimed) == 4


@pytest.mark.parametrize("what", ["card", "reply"])
async def test_a_post_that_a_dead_process_began_is_given_time_to_land(
    store: Store, what: str
) -> None:
    """Slack may still be posting it: looking too early means posting it twice."""
    tried: dict[str, Any] = {f"{what}_tried": True, "next_at": NOON + LEASE}
    state = State.REQUESTED if what == "card" else State.REPORTING
    await add_call(store, a_call(held_by="dead", state=state, **tried), most=10)

    await store.resume(NOON)

    assert (await store.claim("alive", NOON, LEASE, 10)).calls == []
    landed = NOON + timedelta(seconds=15)
    assert len((await store.claim("alive", landed, LEASE, 10)).calls) == 1


async def test_questions_about_many_calls(store: Store) -> None:
    """The follower must know what is open, what is due, and which RingOuts are ours."""
    await add_call(store, a_call(id="a", key="a", state=State.FOLLOWING), most=10)
    sent = a_call(
        id="b", key="b", state=State.RECORDING, ringout_id="s-2", sent_at=NOON
    )
    await add_call(store, sent, most=10, again=True)

    assert await store.counted_by_account(State.FOLLOWING) == {"": 1}
    assert [call.id for call in await in_state(store, State.RECORDING)] == ["b"]
    assert await store.ringout_ids(NOON) == {"s-2"}
    assert await store.due_by_account() == [("", NOON)]
    assert [call.id for call in await store.awaiting_record("")] == ["b"]


async def test_the_log_is_read_for_a_call_that_is_still_polled(store: Store) -> None:
    """Its status says that it is over: its result must not wait for the 404."""
    over = {"state": State.FOLLOWING, "terminal_at": NOON, "account": "x"}
    soon, later = NOON + timedelta(seconds=6), NOON + LEASE
    await add_call(store, a_call(**over, log_at=soon, next_at=later), most=9)
    talking = a_call(id="b", key="b", state=State.FOLLOWING, account="y")
    await add_call(store, talking, most=9, again=True)

    assert await store.due_by_account() == [("x", soon)]
    assert [call.id for call in await store.awaiting_record("x")] == ["c1"]
    assert await store.awaiting_record("y") == []


async def test_a_job_that_fails_leaves_the_others_of_its_commit_alone(
    store: Store,
) -> None:
    """Jobs share a commit to save fsyncs; one failing job must not fail the others."""

    def bad(_: Call) -> Call:
        raise ZeroDivisionError

    await add_call(store, a_call(id="a", key="a"), most=10)
    results = await asyncio.gather(
        store.change("a", bad, NOON),
        add_call(store, a_call(id="b", key="b"), most=10, again=True),
        return_exceptions=True,
    )

    assert isinstance(results[0], ZeroDivisionError)
    assert await store.get("b") is not None


async def test_a_database_that_is_gone_says_so_and_may_come_back(
    tmp_path: Path,
) -> None:
    """Nothing is accepted while it is away; no restart is needed afterward."""
    folder = tmp_path / "later"
    store = Store(f"sqlite:///{folder}/calls.db")
    with pytest.raises(StoreUnavailable):
        await store.open()

    folder.mkdir()
    await store.open()

    assert (await add_call(store, a_call(), most=10)).verdict is Verdict.NEW
    store.close()


async def test_an_intent_is_on_disk_before_it_is_acked(tmp_path: Path) -> None:
    """After a power loss the bot must still know which phones may have rung."""
    store = Store(f"sqlite:///{tmp_path}/calls.db")
    await store.open()

    mode, sync = await store.writer.run(
        lambda connection: (
            connection.scalar(text("PRAGMA journal_mode")),
            connection.scalar(text("PRAGMA synchronous")),
        )
    )

    assert (mode, sync) == ("wal", 2)
    store.close()


async def test_a_complaint_of_the_database_holds_no_number(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLAlchemy's errors print values; phone numbers must not reach the log."""
    renamed = text("ALTER TABLE calls RENAME TO gone")
    await store.writer.run(lambda connection: connection.execute(renamed))

    with pytest.raises(StoreUnavailable) as error:
        await add_call(store, a_call(), most=10)

    assert "4155550142" not in str(error.value) + caplog.text


async def test_what_the_database_says_of_a_row_is_not_repeated(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """The first line says what is wrong; PostgreSQL puts the row into the next ones."""
    caplog.set_level("DEBUG")

    def broken(_: Connection) -> None:
        said = "a value is out of range\nDETAIL:  Key (number)=(+14155550142)."
        raise DataError("INSERT", {"number": "+14155550142"}, Exception(said))

    with pytest.raises(StoreUnavailable, match="a value is out of range") as error:
        await store.writer.run(broken)

    assert "a value is out of range" in caplog.text
    assert "4155550142" not in str(error.value) + caplog.text


async def claimed(store: Store, **changes: object) -> Call:
    """Store a call that is being followed, and claim it."""
    call = a_call(state=State.FOLLOWING, ringout_id="s-1", card_ts="1", **changes)
    await add_call(store, call, most=99, again=True)
    (found,) = (await store.claim("me", NOON, LEASE, 10)).calls
    return found


Shift = Callable[[Call], Call]
SHIFTS: dict[str, Shift] = {
    "canceled": lambda c: replace(c, cancelled_at=NOON),
    "due sooner": lambda c: replace(c, next_at=NOON),
    "ended": lambda c: following.ended(c, End.NOT_PLACED, NOON, Why.CANCELED),
    "taken over": lambda c: replace(c, attempt=c.attempt + 1, held_by="you"),
    "shown": lambda c: replace(c, card_shown="abc"),
}


@pytest.mark.parametrize("shift", SHIFTS.values(), ids=list(SHIFTS))
async def test_what_came_between_is_never_written_over(
    store: Store, shift: Shift
) -> None:
    """A poll's result must not overwrite a click, a takeover or what the card shows."""
    call = await claimed(store)
    between = await store.change(call.id, shift, NOON)

    written = await store.update_unchanged(
        call, replace(call, next_at=NOON + LEASE * 2)
    )

    assert not written
    assert await store.get(call.id) == between


async def test_one_that_came_too_late_leaves_the_others_of_its_statement_alone(
    store: Store,
) -> None:
    """Polls that end together share an UPDATE; a stale one must not lose the rest."""
    calls = [
        await claimed(store, id=f"c{number}", key=f"k{number}") for number in range(20)
    ]
    await store.change("c7", SHIFTS["canceled"], NOON)
    later = NOON + LEASE * 2

    written = await asyncio.gather(
        *(store.update_unchanged(call, replace(call, next_at=later)) for call in calls)
    )

    stored = [await store.get(call.id) for call in calls]
    assert [each for each, held in enumerate(written) if not held] == [7]
    assert [c.next_at == later for c in stored if c] == list(written)


async def test_intents_that_share_a_commit_see_one_another(store: Store) -> None:
    """Both are inserted at once; a person's second call must still meet the limits."""
    people = [Place("T1", "C1", f"U{number % 3}") for number in range(12)]
    intents = [
        a_call(id=f"x{number}", key=f"x{number}", place=place)
        for number, place in enumerate(people)
    ]

    added = await asyncio.gather(*(add_call(store, each, most=2) for each in intents))
    more = await asyncio.gather(
        *(
            add_call(store, replace(each, id=f"y{n}", key=f"y{n}"), most=2, again=True)
            for n, each in enumerate(intents)
        )
    )

    counted = Counter(each.verdict for each in added)
    again = Counter(each.verdict for each in more)
    assert counted == {Verdict.NEW: 3, Verdict.ALREADY_OPEN: 9}
    assert again == {Verdict.NEW: 3, Verdict.TOO_MANY: 9}
    for each in (*added, *more):
        if each.verdict is Verdict.NEW:
            history = await store.history(each.call.id)
            assert [event.note for event in history] == ["asked"]


async def test_a_persons_open_calls_come_before_newer_ones_that_are_over(
    store: Store,
) -> None:
    """Who asks how their call is going means the one that goes on, however old it is."""
    goes_on, over = State.FOLLOWING, State.DONE
    for number, state in enumerate([goes_on, over, goes_on, over, over]):
        asked_at = NOON + number * timedelta(seconds=1)
        call = a_call(id=f"{number}", key=f"{number}", asked_at=asked_at, state=state)
        await add_call(store, call, most=99, again=True)
    another = a_call(id="x", key="x", place=replace(ANN, user="U9"))
    await add_call(store, another, most=99)

    newest = await store.of_person(ANN.person, 3)
    first = await store.of_person(ANN.person, 3, open_first=True)

    assert [call.id for call in newest] == ["4", "3", "2"]
    assert [call.id for call in first] == ["2", "0", "4"]
