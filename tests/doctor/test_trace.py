"""``doctor --trace``: what one live call settles, line by line, without a number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.calls.call import Call, End, State
from bot.calls.log import facts
from bot.calls.log.ending import Ending
from bot.calls.log.facts import Known, LogFact, facts_of
from bot.calls.log.leg import Entry, Party
from bot.calls.log.outcome import Outcome, Side
from bot.calls.sessions.pushed import Pushed, PushedParty
from bot.calls.sessions.session import PartyRole
from bot.doctor.trace import lines_of
from bot.storage.calls.events import CallEvent
from bot.storage.calls.store import Store
from builders import (
    CALLEE,
    CALLER,
    OTHER,
    RINGOUT_ID,
    inbound,
    record,
    to_caller,
    to_subscriber,
    two_records,
)
from intents import NOON, a_call, add_call

MIRRORED = (
    to_subscriber("Call connected", callee=CALLER, seconds=20),
    to_caller("Call connected", caller=CALLEE, callee=CALLER, seconds=19),
)
UP = "Call connected"
SEED = Entry(record("seed", action="RingOut PC", seconds=19, legs=MIRRORED))


def after(seconds: float) -> Any:
    """Return a moment after noon."""
    return NOON + timedelta(seconds=seconds)


def called(entry: Entry | None, **changes: Any) -> Call:
    """Return a call that is over, with what *entry* showed of it."""
    call = a_call(
        **{
            "state": State.DONE,
            "ringout_id": RINGOUT_ID,
            "sent_at": NOON,
            "placed_at": NOON,
            "seen_at": after(58),
            "ended_at": after(60),
            "end": End.RECORDED,
            "outcome": Outcome(Side(Ending.ANSWERED), Side(Ending.ANSWERED)),
            **changes,
        }
    )
    if entry is None:
        return call
    known = Known(call.caller, call.callee, call.ringout_id)
    return replace(call, logged=facts_of(entry, known), records=entry.ids)


PAST = [
    CallEvent(after(1), "following", "placed"),
    CallEvent(after(9), "following", "status InProgress / Success / InProgress"),
    CallEvent(after(60), "recording", ""),
    CallEvent(after(83.5), "reporting", "record ('seed',)"),
]


def told(call: Call, *parts: str, events: list[CallEvent] | None = None) -> list[str]:
    """Return the lines about *call* that begin with one of *parts*, without spaces."""
    lines = [
        line.strip() for line in lines_of(call, PAST if events is None else events)
    ]
    return [line for line in lines if line.startswith(parts)]


def test_the_seeds_record_prints_whose_number_each_leg_has() -> None:
    """Both legs of that published record name the other side in ``to``."""
    lines = told(called(SEED), "record ", "RingOut", "id in")

    assert lines == [
        "RingOut id      " + RINGOUT_ID,
        "id in the log   no: matched by numbers and times",
        "record RingOut PC Outbound: to the callee, from the caller, Call connected, 19 s",
        f"RingOutClientToSubscriber: to the caller, from another number, {UP}, 20 s, master",
        f"RingOutClientToCaller: to the callee, from the caller, {UP}, 19 s",
    ]


@pytest.mark.parametrize(
    ("entry", "lines"),
    [
        (
            Entry(record("one", legs=(to_caller("No Answer", reason="Hang Up"),))),
            ["RingOutClientToCaller: to the caller, from", "(Hang Up)"],
        ),
        (Entry(record("bare", legs=())), ["no legs", "record RingOut"]),
        (
            Entry(replace(record("quiet", legs=()), duration=None, result="")),
            ["(no result), (no duration)"],
        ),
        (Entry(*two_records()), ["record Phone Call Inbound", "record RingOut"]),
        (
            Entry(record("third", legs=(to_subscriber(callee=OTHER),))),
            ["RingOutClientToSubscriber: to another number"],
        ),
        (
            Entry(replace(record("x", legs=()), callee=Party(extension="101"))),
            ["to no number, an extension"],
        ),
        (Entry(replace(record("y", legs=()), callee=Party())), ["to no number, from"]),
        (
            Entry(replace(record("z", legs=()), callee=Party("+14155XXXXXX"))),
            ["to the callee"],
        ),
        (None, ["no record was found"]),
    ],
    ids=[
        "one leg",
        "no legs",
        "no result and no duration",
        "two records",
        "a third number",
        "an extension",
        "no number",
        "masked",
        "nothing found",
    ],
)
def test_whatever_the_log_shows_is_printed(
    entry: Entry | None, lines: list[str]
) -> None:
    """Each of them is a case that a live run may bring up."""
    printed = "\n".join(lines_of(called(entry), PAST))

    for each in lines:
        assert each in printed
    for number in (CALLER, CALLEE, OTHER):
        assert number.e164[2:] not in printed


@pytest.mark.parametrize(
    ("entry", "ringout_id", "said"),
    [
        (Entry(record(session=RINGOUT_ID)), RINGOUT_ID, "yes: it is the record's"),
        (
            Entry(record(legs=(to_caller(session=RINGOUT_ID),))),
            RINGOUT_ID,
            "no: only a leg's",
        ),
        (Entry(record(session="s-2")), RINGOUT_ID, "no: matched by numbers"),
        (Entry(record(session="s-2")), "", "(not known)"),
        (None, RINGOUT_ID, "(not known)"),
    ],
)
def test_it_says_whether_the_log_has_the_posts_id(
    entry: Entry | None, ringout_id: str, said: str
) -> None:
    """If it always has, the match by numbers and times can go."""
    (line,) = told(called(entry, ringout_id=ringout_id), "id in the log")

    assert said in line


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({}, ["2.0 s", "25.5 s", "(not known)", "23.5 s", "60.0 s"]),
        ({"terminal_at": after(55)}, ["2.0 s", "25.5 s", "5.0 s", "23.5 s", "55.0 s"]),
        (
            {"terminal_at": after(55), "ended_at": after(55)},
            ["(not known)", "25.5 s", "(not known)", "(not known)", "55.0 s"],
        ),
        (
            {"end": End.UNCONFIRMED},
            ["2.0 s", "(not known)", "(not known)", "(not known)", "60.0 s"],
        ),
        (
            {"ringout_id": "", "seen_at": None},
            ["(not known)", "(not known)", "(not known)", "(not known)", "(not known)"],
        ),
    ],
    ids=["404", "it ended before", "no 404", "no record", "lost answer"],
)
def test_the_delays_are_those_that_were_seen(
    changes: dict[str, Any], seconds: list[str]
) -> None:
    """A made-up delay would set the wrong waiting times."""
    lines = told(called(SEED, **changes), "last 200", "end to", "404 to", "POST to")

    assert [line.split("  ")[-1].strip() for line in lines] == seconds


def test_each_change_of_the_status_has_its_time() -> None:
    """How long each side rings is nowhere else."""
    assert told(called(SEED), "2026-11-20 12:00:09") == [
        "2026-11-20 12:00:09.000  following  status InProgress / Success / InProgress"
    ]


async def test_what_the_log_showed_is_stored(store: Store) -> None:
    """The log is read by one process, and the trace by another, later."""
    call = called(SEED, alive_at=after(57))
    await add_call(store, call, most=9)

    assert await store.get(call.id) == call


@pytest.mark.parametrize("text", ["", "null", "[1]", "{", '[{"a": 1}]', '[["a"]]', "7"])
def test_what_a_later_version_stored_otherwise_is_left_out(text: str) -> None:
    """A row that can't be read would stop its call."""
    assert facts.load(text) == ()


def test_no_text_of_ringcentrals_grows_without_bound() -> None:
    """Its words are free text, and a transfer adds legs."""
    leg = replace(to_caller("x" * 500), reason="y" * 500)
    entry = Entry(record(legs=(leg,) * 100))

    found = facts_of(entry, Known(None, CALLEE, ""))

    assert len(found) == facts.MOST_FACTS
    assert len(facts.dump(found) or "") < 10_000
    assert facts.load(facts.dump(found)) == found
    assert isinstance(found[0], LogFact)


def test_calls_between_alike_numbers_say_that_either_fits() -> None:
    """A masked end may be both."""
    half = replace(inbound("in"), callee=Party("+1415555XXXX"))

    (fact,) = facts_of(Entry(half), Known(CALLEE, CALLEE, ""))[:1]

    assert fact.to == "caller or callee"


@pytest.mark.parametrize(
    ("session", "line"),
    [
        ("", "session id      (not known)"),
        (RINGOUT_ID, f"session id      {RINGOUT_ID}, the RingOut id"),
        ("s-9", "session id      s-9, not the RingOut id"),
    ],
)
def test_whether_the_session_has_the_ring_outs_id(session: str, line: str) -> None:
    """RingCentral does not say it; one live call settles it."""
    assert told(called(None, session_id=session), "session id") == [line]


def test_which_parties_events_were_pushed_of() -> None:
    """RingCentral's guide and its own captures disagree on an outside callee."""
    caller = PushedParty(
        "p-1", PartyRole.INITIATOR, "Disconnected", "CallFinished", 19, NOON, NOON
    )
    callee = PushedParty("p-2", PartyRole.TARGET, "Proceeding", "", 11, NOON)
    other = PushedParty("p-3", PartyRole.NEITHER, "", "", 12, NOON)
    begin = ("the caller", "the callee", "somebody", "(none was pushed")

    nobody = told(called(None), *begin)
    alone = told(called(None, pushed=Pushed((caller,))), *begin)
    everybody = told(called(None, pushed=Pushed((caller, callee, other))), *begin)

    assert nobody == ["(none was pushed for this call, or none was surely its own)"]
    assert alone == [
        (
            "the caller: Disconnected (CallFinished) 12:00:00.000,"
            " answered 12:00:00.000, sequence 19"
        ),
        "the callee: no event came",
    ]
    assert everybody[1:] == [
        "the callee: Proceeding 12:00:00.000, sequence 11",
        "somebody else: (no code) 12:00:00.000, sequence 12",
    ]
