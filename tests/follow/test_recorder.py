"""The log's record of a call of ours, whose legs' numbers are mirrored: it is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.calls.call import Call, End, State, Status
from bot.calls.lag import Sighting
from bot.calls.log.ending import Ending
from bot.calls.log.leg import Party, Record
from bot.calls.log_schedule import USUALLY_LOGGED
from bot.calls.people.names import Name, NameSource
from builders import CALLEE, CALLER, RINGOUT_ID, record, to_caller, to_subscriber
from desk import Desk
from intents import NOON, a_call, add_call

RINGING = Status("InProgress", "InProgress", "InProgress")
BUSY = Status("CannotReach", "Success", "Busy")
TALKING = Status("Success", "Success", "Success")
FINISHED = Status("Finished", "Finished", "Finished")
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DECOY = "s-a0d7f2c41b9e4z1a1f9e98223z1547720001"


def seed(session: str) -> Record:
    """Return the published record (RingOut PC, 19 s) as of a second after noon."""
    legs = (
        to_subscriber("Call connected", callee=CALLER, seconds=20, session=session),
        to_caller("Call connected", caller=CALLEE, callee=CALLER, seconds=19),
    )
    made = record("seed", action="RingOut PC", seconds=19, legs=legs, session=session)
    return replace(made, started_at=NOON + timedelta(seconds=1))


def logged(desk: Desk, monkeypatch: pytest.MonkeyPatch, *records: Record) -> None:
    """Have RingCentral's log show *records*."""

    async def shown(**_: object) -> tuple[Record, ...]:
        return records

    monkeypatch.setattr(desk.far, "read", shown)


async def read(desk: Desk, **changes: object) -> Call:
    """Store a call, read the log for it, and return the call as it is then."""
    call = a_call(**changes)
    await add_call(desk.store, call, most=99, again=True)
    await desk.read_log()
    after = await desk.store.get(call.id)
    assert after is not None
    return after


PLACED: dict[str, Any] = {
    "state": State.RECORDING,
    "ringout_id": RINGOUT_ID,
    "sent_at": NOON,
    "placed_at": NOON,
    "ended_at": NOON - USUALLY_LOGGED,
    "reads": 1,
    "card_ts": "1",
    "card_channel": "C1",
}
"""A call that RingCentral has accepted and whose record was looked for once."""


@pytest.mark.parametrize(
    ("ringout_id", "session"),
    [(RINGOUT_ID, RINGOUT_ID), (RINGOUT_ID, ""), ("", RINGOUT_ID), ("", "")],
    ids=["by its id", "without the id", "after a lost answer", "lost, no id"],
)
async def test_the_seeds_record_is_the_calls_result(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, ringout_id: str, session: str
) -> None:
    """People read that its log shows no record, although it did."""
    logged(desk, monkeypatch, seed(session))

    after = await read(
        desk,
        **PLACED | {"ringout_id": ringout_id},
    )

    assert after.end is End.RECORDED
    assert after.outcome is not None
    assert after.outcome.caller.ending is after.outcome.callee.ending is Ending.ANSWERED
    assert after.outcome.talked == timedelta(seconds=19)


@pytest.mark.parametrize(
    ("status", "session"),
    [(BUSY, ""), (RINGING, DECOY)],
    ids=["it was busy live", "another id of our form"],
)
async def test_another_apps_call_is_not_told_as_ours(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, status: Status, session: str
) -> None:
    """It was logged first, to the same number, as connected."""
    logged(desk, monkeypatch, seed(session))

    after = await read(
        desk,
        **PLACED,
        status=status,
        seen=True,
        changed_at=NOON,
    )

    assert after.end is None
    assert after.state is State.RECORDING
    assert after.reads == 2


async def test_a_cancel_of_ours_is_not_told_as_another_phone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RingCentral may log it as ``Stopped``, which else means that."""
    stopped = record(legs=(to_caller("Stopped", reason="Stopped"),), session="s-1")
    logged(desk, monkeypatch, replace(stopped, started_at=NOON))

    after = await read(
        desk,
        state=State.RECORDING,
        ringout_id="s-1",
        sent_at=NOON,
        placed_at=NOON,
        cancelled_at=NOON,
        card_ts="1",
        card_channel="C1",
    )

    assert after.outcome is not None
    assert after.outcome.caller.ending is Ending.CANCELED


@pytest.mark.parametrize(
    ("result", "seen", "callee"),
    [
        ("Call connected", {"connected": True}, Ending.NOT_LOGGED),
        ("No Answer", {"connected": True}, Ending.NOT_LOGGED),
        ("No Answer", {"status": BUSY}, Ending.NOT_LOGGED),
        ("No Answer", {"status": RINGING}, Ending.NOT_DIALED),
    ],
)
async def test_a_callee_who_was_seen_is_never_told_as_not_called(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    result: str,
    seen: dict[str, Any],
    callee: Ending,
) -> None:
    """The log may show the caller's leg alone, of a call in which both have talked."""
    alone = record(legs=(to_caller(result),), session=RINGOUT_ID)
    logged(desk, monkeypatch, replace(alone, started_at=NOON))

    after = await read(desk, **PLACED | {"ended_at": NOON - MINUTE} | seen)

    assert after.outcome is not None
    assert after.outcome.callee.ending is callee


@pytest.mark.parametrize(
    ("seen", "is_ours"),
    [
        ({"seen": True, "status": TALKING, "alive_at": NOON + 60 * SECOND}, False),
        ({"seen": True, "status": FINISHED, "alive_at": NOON + 60 * SECOND}, False),
        ({"seen": True, "status": TALKING, "alive_at": NOON + 20 * SECOND}, True),
        ({"seen": True, "status": TALKING, "changed_at": NOON + 60 * SECOND}, False),
        ({"seen": True, "status": FINISHED, "changed_at": NOON + 60 * SECOND}, True),
        ({"seen": True, "status": TALKING}, True),
    ],
    ids=[
        "alive after its end",
        "alive after its end, then over",
        "alive until its end",
        "by the version before",
        "by the version before, over",
        "never polled",
    ],
)
async def test_a_record_that_ended_before_the_last_200_is_another_calls(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    seen: dict[str, Any],
    *,
    is_ours: bool,
) -> None:
    """A talk whose status has not changed for long was still going on then."""
    logged(desk, monkeypatch, seed(""))

    after = await read(desk, **PLACED | seen)

    assert (after.end is End.RECORDED) == is_ours


async def test_what_the_log_showed_is_kept_with_the_result(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``doctor --trace`` prints it long after the log was read."""
    logged(desk, monkeypatch, seed(RINGOUT_ID))

    after = await read(desk, **PLACED)

    assert [fact.to for fact in after.logged] == [
        "the callee",
        "the caller",
        "the callee",
    ]
    assert [fact.has_own_id for fact in after.logged] == [True, True, False]


NORA = Party(CALLEE.e164, name="Nora North")


@pytest.mark.parametrize(
    ("party", "known", "name"),
    [
        (NORA, None, Name("Nora North", NameSource.RECORD)),
        (NORA, Name("Northwind", NameSource.WRITTEN), None),
        (Party(CALLEE.e164), None, None),
    ],
)
async def test_the_records_name_is_kept_with_the_result(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    party: Party,
    known: Name | None,
    name: Name | None,
) -> None:
    """If there is no better one; it is for the person who called alone."""
    logged(desk, monkeypatch, replace(seed(RINGOUT_ID), callee=party))

    after = await read(desk, **PLACED, callee_name=known)

    assert after.end is End.RECORDED
    assert after.callee_name == (known or name)


async def test_two_first_reads_at_once_give_no_call_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes that come back after an outage may read the log side by side.

    A lost answer was told as "its log showed no such call", of a call that both read.
    """

    async def shown(**_: object) -> tuple[Record, ...]:
        await desk.store.change("c1", lambda c: replace(c, reads=c.reads + 1), NOON)
        return (seed(""),)

    monkeypatch.setattr(desk.far, "read", shown)
    lost = PLACED | {"ringout_id": "", "reads": 0, "ended_at": NOON - 60 * MINUTE}

    after = await read(desk, **lost, id="c1")

    assert (after.state, after.reads) == (State.RECORDING, 1)

    logged(desk, monkeypatch, seed(""))
    desk.clock.pass_by(5)
    await desk.read_log()

    told = await desk.store.get("c1")
    assert told is not None
    assert told.end is End.RECORDED


# A call that is over and still followed

OVER: dict[str, Any] = {
    "state": State.FOLLOWING,
    "ringout_id": RINGOUT_ID,
    "sent_at": NOON,
    "placed_at": NOON,
    "seen": True,
    "connected": True,
    "status": Status("Success", "Finished", "Finished"),
    "terminal_at": NOON - timedelta(seconds=9),
    "looked_at": NOON - timedelta(seconds=3),
    "log_at": NOON,
    "next_at": NOON + timedelta(minutes=1),
    "card_ts": "1",
    "card_channel": "C1",
}


async def test_the_result_does_not_wait_for_the_404(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People are told as soon as the log shows it, and its lag is learned."""
    logged(desk, monkeypatch, seed(RINGOUT_ID))

    after = await read(desk, **OVER)

    assert (after.state, after.end) == (State.REPORTING, End.RECORDED)
    assert (await desk.far.log_lag("").get()).sightings == (Sighting(6.0, 9.0),)


async def test_a_poll_meanwhile_does_not_cost_the_result(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status is asked for, and perhaps gone, while the log is read."""
    for state in (State.FOLLOWING, State.RECORDING):
        name = f"c-{state}"

        async def shown(*, name: str = name, state: State = state, **_: object) -> Any:
            await desk.store.change(
                name, lambda c: replace(c, attempt=c.attempt + 1, state=state), NOON
            )
            found = seed(f"s-{name}")
            return (replace(found, id=name),)

        monkeypatch.setattr(desk.far, "read", shown)
        desk.clock.pass_by(5)
        values = OVER | {"ringout_id": f"s-{name}", "id": name, "key": name}
        after = await read(desk, **values)

        assert after.end is End.RECORDED


async def test_without_a_record_it_is_followed_on(desk: Desk) -> None:
    """The next read is planned, and the next poll stays when it was."""
    after = await read(desk, **OVER)

    assert (after.state, after.reads) == (State.FOLLOWING, 0)
    assert (after.next_at, after.looked_at) == (OVER["next_at"], NOON)
    assert after.log_at == NOON + timedelta(seconds=7.6)


async def test_a_record_in_progress_is_no_result(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status said that it was over; the log says that it goes on."""
    running = replace(seed(RINGOUT_ID), finished=False, result="In Progress")
    logged(desk, monkeypatch, running)

    after = await read(desk, **OVER)

    assert (after.state, after.end) == (State.FOLLOWING, None)
