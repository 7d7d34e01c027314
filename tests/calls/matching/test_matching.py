"""A record is matched to a call by id, or beyond doubt, or not at all."""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import Status
from bot.calls.log.leg import Entry, Leg, Party
from bot.calls.matching import matching
from bot.calls.matching.denial import denied
from bot.calls.matching.id_form import is_another
from bot.calls.matching.matching import START_WINDOW, Sought
from bot.calls.numbers.phone import PhoneNumber
from builders import (
    CALLEE,
    CALLER,
    OTHER,
    RINGOUT_ID,
    at,
    busy,
    entry,
    inbound,
    party,
    record,
    sought,
    to_caller,
    to_subscriber,
    two_records,
)


def given_to(
    calls: Sequence[Sought],
    entries: Sequence[Entry],
    *,
    claimed: Collection[str] = (),
    foreign: Collection[str] = (),
) -> dict[str, str]:
    """Return the id of the first record that each call gets."""
    given = matching.assign(calls, entries, claimed=claimed, foreign_ids=foreign)
    return {call_id: found.record.id for call_id, found in given.items()}


def stamp(seconds: float, tail: str = "1547720000") -> str:
    """Return an id that carries its time, as RingCentral's newer ones do."""
    return f"s-a0d7f2c41b9e3z{round(at(seconds).timestamp() * 1000):011x}z{tail}"


# By id.


@pytest.mark.parametrize(
    "found",
    [
        entry("R1", session=RINGOUT_ID),
        entry("R1", legs=(to_caller(session=RINGOUT_ID),)),
        Entry(record("R1"), inbound(session=RINGOUT_ID)),
        entry("R1", session=RINGOUT_ID, start=500, callee=OTHER),
        entry("R1", session=RINGOUT_ID, finished=False),
    ],
    ids=["record", "leg", "second record", "numbers and time differ", "unfinished"],
)
def test_a_record_with_our_id_is_ours(found: Entry) -> None:
    """A matching id suffices, even at the first read or if the record is not final."""
    assert given_to([sought(reads=0)], [found]) == {"C1": "R1"}


def test_our_id_beats_a_better_looking_record() -> None:
    """Another app's RingOut to the same number, a second nearer, is not taken."""
    ours = busy("ours", start=9, session=RINGOUT_ID)

    assert given_to([sought()], [entry("decoy"), ours]) == {"C1": "ours"}


def test_of_two_records_with_our_id_the_ring_out_is_it() -> None:
    """The caller's own half, logged under the same id, is only half of the story."""
    half = Entry(inbound("half", session=RINGOUT_ID))

    assert given_to([sought()], [half, entry("R1", start=1, session=RINGOUT_ID)]) == {
        "C1": "R1"
    }


def test_a_record_goes_to_one_call_even_by_id() -> None:
    """If two calls have one id, the earlier gets the record, the other none."""
    calls = [sought("C2", sent=1), sought("C1")]

    assert given_to(calls, [entry("R1", session=RINGOUT_ID)]) == {"C1": "R1"}


def test_a_record_of_another_known_call_is_not_taken() -> None:
    """No call takes a waiting or a finished call's record."""
    other = entry("R1", session="s-2")

    assert given_to([sought()], [other], foreign=["s-2"]) == {}
    assert (
        given_to(
            [sought(), sought("C2", ringout_id="s-2", sent=1)], [other], claimed=["R1"]
        )
        == {}
    )
    assert given_to([sought(), sought("C2", ringout_id="s-2", sent=1)], [other]) == {
        "C2": "R1"
    }


# By numbers and time.


@pytest.mark.parametrize("reads", [0, 1])
def test_the_fallback_waits_for_a_second_read(reads: int) -> None:
    """Another app's RingOut to the same number may be logged before ours."""
    assert given_to([sought(reads=reads)], [entry()]) == {}
    assert given_to([sought(ringout_id="", reads=reads)], [entry()]) == {}


@pytest.mark.parametrize(
    "found",
    [
        entry(),
        entry(caller=CALLEE, callee=CALLER, legs=()),
        Entry(*two_records()),
        Entry(replace(two_records()[0], id="R1"), two_records(apart=14)[1]),
        entry(legs=(), caller="(650) 555-0101", callee="(415) 555-0142"),
        entry(callee="+1415555XXXX"),
        entry(legs=(to_subscriber("Call connected", callee="1415555XXXX"),)),
        entry(legs=(to_caller("No Answer", callee=""),)),
        entry(caller=party(extension="101")),
        entry(caller=party(extension="101"), callee=party(extension="102")),
        entry(caller=CALLER, callee=party(extension="102")),
        entry(caller="", callee=CALLER, legs=(to_caller("Busy", callee=""),)),
        entry(legs=(to_subscriber(callee=OTHER), to_caller())),
        Entry(record("R1", action="", internal_type="")),
        entry(start=30),
        entry(start=-30),
    ],
    ids=[
        "plain",
        "reversed",
        "two records",
        "two records apart",
        "national",
        "masked",
        "masked leg",
        "one leg",
        "caller as extension",
        "both as extensions",
        "callee as extension",
        "callee hidden in a reversed record",
        "forwarded",
        "RingOut by its legs",
        "30 s late",
        "30 s early",
    ],
)
def test_a_record_is_found_by_numbers_and_time(found: Entry) -> None:
    """However the log spells, hides, reverses or splits it."""
    assert given_to([sought()], [found]) == {"C1": found.record.id}


@pytest.mark.parametrize(
    "found",
    [
        entry(start=30.001),
        entry(start=-30.001),
        entry(callee=OTHER),
        entry(callee="+1312555XXXX"),
        entry(legs=(), callee=OTHER),
        entry(caller=OTHER),
        entry(caller="+1312555XXXX"),
        Entry(
            record("R1", caller=CALLEE, callee=OTHER, legs=()), inbound(caller=OTHER)
        ),
        entry(caller="", callee=OTHER, legs=(to_caller("Busy", callee=""),)),
        Entry(record("R1", action="VoIP Call", internal_type="", legs=())),
        Entry(inbound("R1")),
    ],
    ids=[
        "too late",
        "too early",
        "another callee",
        "another masked callee",
        "another callee, no legs",
        "another phone rang first",
        "a masked one",
        "another second record",
        "another callee, no caller",
        "no RingOut",
        "inbound",
    ],
)
def test_another_call_is_not_taken(found: Entry) -> None:
    """It is not matched even if it is the only record."""
    assert given_to([sought()], [found]) == {}


def test_claimed_records_are_not_taken() -> None:
    """If either half belongs to another call, so does the whole."""
    whole = Entry(record("R1"), inbound("R2"))

    assert given_to([sought()], [whole], claimed={"R1"}) == {}
    assert given_to([sought()], [whole], claimed={"R2"}) == {}


def test_two_people_who_call_one_number_each_get_their_own() -> None:
    """From different phones at the same second: the phone that rang first decides."""
    calls = [sought("C1"), sought("C2", caller=OTHER)]
    entries = [entry("theirs", caller=OTHER), busy("ours", start=0.4)]

    assert given_to(calls, entries) == {"C1": "ours", "C2": "theirs"}
    assert given_to(calls, entries[:1]) == {"C2": "theirs"}


def test_two_people_who_call_each_other_each_get_their_own() -> None:
    """The numbers are the same, but the legs say who placed which."""
    calls = [sought("C1"), sought("C2", caller=CALLEE, callee=CALLER)]
    back = entry("back", caller=CALLEE, callee=CALLER, start=0.2)

    assert given_to(calls, [back, busy("there", start=0.4)]) == {
        "C1": "there",
        "C2": "back",
    }


def test_the_nearer_of_two_records_is_ours() -> None:
    """Clearly nearer, that is: by two seconds or more."""
    assert given_to([sought()], [entry("R1", start=1), busy("R2", start=3.5)]) == {
        "C1": "R1"
    }
    assert given_to([sought()], [entry("R1", start=1), busy("R2", start=-2)]) == {}


def test_two_records_that_tell_the_same_are_no_doubt() -> None:
    """If both records have the same result, either may be shown."""
    assert given_to([sought()], [entry("R1", start=1), entry("R2", start=1.5)]) == {
        "C1": "R1"
    }


def test_like_calls_are_told_apart_by_their_order() -> None:
    """One number three times in a row, each logged ten seconds late."""
    calls = [sought(f"C{each}", sent=each * 3) for each in range(3)]
    entries = [entry("R0", start=10), busy("R1", start=13), entry("R2", start=16)]

    assert given_to(calls, entries) == {"C0": "R0", "C1": "R1", "C2": "R2"}


@pytest.mark.parametrize(("sent", "start"), [(1, 9), (9, 1), (0, 0)])
def test_like_calls_too_close_together_are_nobodys(sent: float, start: float) -> None:
    """POSTs or starts less than two seconds apart do not tell the order."""
    calls = [sought("C1"), sought("C2", sent=sent)]

    assert given_to(calls, [entry("R1"), busy("R2", start=start)]) == {}


def test_one_record_for_two_like_calls_is_nobodys() -> None:
    """No call gets it until the other call is logged too; then their order decides."""
    calls = [sought("C1"), sought("C2", sent=3)]

    assert given_to(calls, [entry("R1", start=1)]) == {}
    assert given_to(calls, [entry("R1", start=1), busy("R2", start=4)]) == {
        "C1": "R1",
        "C2": "R2",
    }


def test_an_unsettled_pair_unsettles_nobody_else() -> None:
    """A third like call, clearly later, still gets its record."""
    calls = [sought("C1"), sought("C2", sent=0.5), sought("C3", sent=12)]
    entries = [entry("R1"), busy("R2", start=0.5), busy("R3", start=12)]

    assert given_to(calls, entries) == {"C3": "R3"}


def test_doubt_spreads_as_far_as_it_reaches() -> None:
    """A record that may belong to a doubtful call makes a near call doubtful too."""
    calls = [sought("C1"), sought("C2", sent=1), sought("C3", sent=2.5)]
    entries = [entry("R1"), busy("R2", start=1), entry("R3", start=2.5)]

    assert given_to(calls, entries) == {}


def test_a_call_that_may_not_be_given_a_record_yet_still_competes() -> None:
    """Just placed, it has a record near its start; the older like call can't have it."""
    calls = [sought("old"), sought("new", sent=20, reads=0)]

    assert given_to(calls, [entry("R1", start=20)]) == {}


def test_numbers_and_time_that_disagree_decide_nothing() -> None:
    """By time each has its own; by the caller's phone they would swap."""
    calls = [sought("C1"), sought("C2", caller=OTHER, sent=28)]
    blank = (to_subscriber(), to_caller(caller=""))
    first = entry("R1", start=0, caller=OTHER, legs=blank)
    second = Entry(
        replace(
            busy("R2", start=28).record,
            legs=(to_subscriber("Busy"), to_caller(caller="")),
        )
    )

    assert given_to(calls, [first, second]) == {}


# A lost answer.


def test_a_lost_call_is_found_where_it_is_the_only_one() -> None:
    """It was placed after all, and its record is followed."""
    lost = sought(ringout_id="")

    assert given_to([lost], [entry(start=4), entry("other", callee=OTHER)]) == {
        "C1": "R1"
    }


@pytest.mark.parametrize(
    "entries",
    [
        [entry("R1"), entry("R2", start=20)],
        [entry("R1", callee=party(extension="102"))],
        [entry("R1", legs=(to_subscriber(callee=OTHER), to_caller()))],
        [entry("R1", caller=CALLEE, callee=CALLER)],
    ],
    ids=[
        "two records",
        "callee hidden",
        "another in the callee's place",
        "called back",
    ],
)
def test_a_lost_call_is_never_guessed(entries: list[Entry]) -> None:
    """It may not exist: it gets no ambiguous record and none that another may own."""
    assert given_to([sought(ringout_id="")], entries) == {}


def test_of_a_lost_call_and_a_known_one_nobody_takes_the_only_record() -> None:
    """Where the lost one was nearer; where the known one was, it is its own."""
    known = sought("known", sent=10)
    lost = sought("lost", ringout_id="")

    assert given_to([lost, known], [entry(start=1)]) == {}
    assert given_to([lost, known], [entry(start=9)]) == {"known": "R1"}


def test_a_lost_call_has_what_a_like_known_one_leaves() -> None:
    """Each has one, in the order in which they were sent."""
    known = sought("known", sent=10)
    lost = sought("lost", ringout_id="")

    assert given_to([lost, known], [entry("R1", start=1), busy("R2", start=11)]) == {
        "lost": "R1",
        "known": "R2",
    }


# Whatever the log has.

NUMBERS = (CALLER, CALLEE, OTHER)
IDS = ("s-1", "s-2", "s-3", stamp(1), stamp(2))
LOGGED = (CALLER.e164, CALLEE.e164, OTHER.e164, "", "+1415555XXXX", "(650) 555-0101")


@st.composite
def legs(draw: st.DrawFn) -> tuple[Leg, ...]:
    """Return no, one or two legs, to anybody."""
    numbers = st.sampled_from(LOGGED).map(party)
    results = st.sampled_from(("Accepted", "Busy", "In Progress", "Voicemail"))
    pool = (
        to_caller(draw(results), caller=draw(numbers), callee=draw(numbers)),
        to_subscriber(draw(results), callee=draw(numbers)),
    )
    return tuple(draw(st.lists(st.sampled_from(pool), max_size=2, unique=True)))


@st.composite
def logs(draw: st.DrawFn) -> list[Entry]:
    """Return up to five entries, with different record ids."""
    numbers = st.sampled_from(LOGGED).map(party)
    return [
        Entry(
            record(
                f"R{each}",
                start=draw(st.sampled_from((-31, -2, 0, 0.5, 1, 4, 20, 30, 30.5))),
                caller=draw(numbers),
                callee=draw(numbers),
                session=draw(st.sampled_from(("", *IDS))),
                legs=draw(legs()),
            )
        )
        for each in range(draw(st.integers(0, 5)))
    ]


@st.composite
def waiting(draw: st.DrawFn) -> list[Sought]:
    """Return up to four waiting calls with RingOut ids of their own, or lost ones."""
    ids = draw(st.permutations(IDS))
    people = st.sampled_from(NUMBERS)
    return [
        sought(
            f"C{each}",
            ringout_id=draw(st.sampled_from((ids[each], ""))),
            caller=draw(people),
            callee=draw(people),
            sent=draw(st.sampled_from((0, 0.5, 1, 3, 10, 20))),
            reads=draw(st.integers(0, 3)),
        )
        for each in range(draw(st.integers(1, 4)))
    ]


def assigned(calls: Sequence[Sought], log: Sequence[Entry]) -> Mapping[str, Entry]:
    """Return the assignment where one record is claimed and one call is foreign."""
    return matching.assign(calls, log, claimed={"R4"}, foreign_ids={"s-3"})


@given(waiting(), logs())
def test_a_record_is_never_given_twice_nor_another_ones(
    calls: list[Sought], log: list[Entry]
) -> None:
    """Matching is one-to-one, skips claimed records, and respects foreign ids."""
    found = assigned(calls, log)

    assert len({each.ids for each in found.values()}) == len(found)
    assert not any("R4" in each.ids for each in found.values())
    for call in calls:
        own = {call.ringout_id}
        others = {"s-3"} | {each.ringout_id for each in calls} - {""}
        got = found.get(call.call_id)
        if got is not None and own.isdisjoint(got.session_ids):
            assert others.isdisjoint(got.session_ids)


@given(waiting(), logs(), st.randoms())
def test_the_order_of_what_is_given_changes_nothing(
    calls: list[Sought], log: list[Entry], chance: random.Random
) -> None:
    """The log's pages and the store's rows come in any order."""
    mixed_calls = chance.sample(calls, len(calls))
    mixed_log = chance.sample(log, len(log))

    assert assigned(mixed_calls, mixed_log) == assigned(calls, log)


@given(waiting(), logs())
def test_an_id_always_wins(calls: list[Sought], log: list[Entry]) -> None:
    """A call whose id is in the log gets a record with that id, and no other."""
    found = assigned(calls, log)

    for call in calls:
        holders = [
            each.ids
            for each in log
            if call.ringout_id in each.session_ids and "R4" not in each.ids
        ]
        if holders:
            assert found[call.call_id].ids in holders


@given(waiting(), logs())
def test_the_fallback_keeps_to_its_window_and_its_patience(
    calls: list[Sought], log: list[Entry]
) -> None:
    """No record that starts elsewhere, and none before the second read."""
    found = assigned(calls, log)

    for call in calls:
        got = found.get(call.call_id)
        if got is not None and call.ringout_id not in got.session_ids:
            assert abs(got.started_at - call.sent_at) <= START_WINDOW
            assert call.reads >= matching.FALLBACK_READS
            assert got.is_ring_out


@given(waiting(), logs(), st.integers(1, 3))
def test_records_that_have_nothing_to_do_with_it_change_nothing(
    calls: list[Sought], log: list[Entry], many: int
) -> None:
    """A busy user's other calls change nothing."""
    stranger = PhoneNumber("+12125550199")
    others = [
        entry(f"X{each}", start=each, caller=stranger, callee=stranger)
        for each in range(many)
    ] + [Entry(inbound(f"Y{each}", start=each)) for each in range(many)]

    assert assigned(calls, log + others) == assigned(calls, log)


@pytest.mark.unmeasured
@pytest.mark.parametrize("alike", [True, False], ids=["all alike", "all different"])
def test_a_hundred_calls_and_a_full_page_take_no_time(*, alike: bool) -> None:
    """The worst page there is, in one step of the event loop."""
    number = [CALLEE if alike else PhoneNumber(f"+1415555{n:04d}") for n in range(250)]
    calls = [
        sought(f"C{n}", ringout_id=f"s-{n}", callee=number[n], sent=n / 4)
        for n in range(100)
    ]
    entries = [entry(f"R{n}", start=n / 4, callee=number[n]) for n in range(250)]

    before = time.process_time()
    found = given_to(calls, entries)
    took = time.process_time() - before

    assert len(found) == 100
    # Half a second of processor time on a machine that does nothing else.
    assert took < 3


def test_party_texts_stay_out_of_it() -> None:
    """Names are not compared: they are free text, and two people may share one."""
    named = Party(number=OTHER.e164, name="Dana Ortiz")

    assert given_to([sought()], [entry(callee=named)]) == {}


# Mirrored legs, and records that what we saw rules out.

FAILED = denied(Status("CannotReach", "Success", "CannotReach"))
MIRRORED = (
    to_subscriber("Call connected", callee=CALLER, seconds=20),
    to_caller("Call connected", caller=CALLEE, callee=CALLER, seconds=19),
)


@pytest.mark.parametrize(
    ("call", "session"),
    [
        (sought(), RINGOUT_ID),
        (sought(), ""),
        (sought(ringout_id=""), ""),
        (sought(ringout_id=""), RINGOUT_ID),
    ],
    ids=["by its id", "without its id", "lost", "lost, with an id"],
)
def test_legs_that_are_exactly_mirrored_are_no_misplacement(
    call: Sought, session: str
) -> None:
    """The seed's record (RingOut PC, 19 s), which RingCentral logged like that."""
    seed = record(
        "seed", action="RingOut PC", seconds=19, legs=MIRRORED, session=session
    )

    assert given_to([call], [Entry(seed)]) == {"C1": "seed"}


def test_a_record_that_is_mirrored_as_a_whole_is_the_others_call() -> None:
    """They called back; a lost call of ours must not get their result."""
    back = record("back", caller=CALLEE, callee=CALLER, legs=MIRRORED)

    assert given_to([sought(ringout_id="")], [Entry(back)]) == {}


@pytest.mark.parametrize(
    ("call", "theirs", "ours"),
    [
        (replace(sought(), denied=FAILED), entry("other"), busy("ours", start=3)),
        (replace(sought(), connected=True), busy("other"), entry("ours", start=3)),
        (
            replace(sought(), connected=True),
            entry("other", legs=(to_caller("Call connected"),)),
            entry("ours", start=3),
        ),
        (
            replace(sought(), alive_at=at(60)),
            Entry(replace(record("other"), duration=at(20) - at(0))),
            busy("ours", start=3),
        ),
        (
            sought(),
            entry("other", session="s-a0d7f2c41b9e4z1a1f9e98223z1547720001"),
            busy("ours", start=3, session="Y3MxNzE4NDkyODg0NDM5MDJAMTAuNjIuMjkuMzM"),
        ),
        (
            sought(ringout_id="Y3MxNzE4NDkyODg0NDM5MDJAMTAuNjIuMjkuMzM"),
            entry("other", session="Y3MxNzE4NDkyODg0NDM5MDNAMTAuNjIuMjkuMzM"),
            busy("ours", start=3, session=RINGOUT_ID),
        ),
    ],
    ids=[
        "it failed live",
        "it was connected live",
        "it was connected live, and this shows the caller alone",
        "it was alive later",
        "another id of its form",
        "another id of the older form",
    ],
)
def test_a_record_that_contradicts_what_was_seen_is_another_call(
    call: Sought, theirs: Entry, ours: Entry
) -> None:
    """Another app's RingOut to the same number, logged first, and nearer in time."""
    if call.alive_at is not None:
        ours = Entry(replace(ours.record, duration=at(70) - at(0)))

    assert given_to([call], [theirs]) == {}
    assert given_to([call], [theirs, ours]) == {"C1": "ours"}


def test_our_own_id_is_believed_whatever_was_seen() -> None:
    """The log is the promise; a live status may be wrong."""
    failed = replace(sought(), denied=FAILED, alive_at=at(900))

    assert given_to([failed], [entry("R1", session=RINGOUT_ID)]) == {"C1": "R1"}


NO_PICKUP = ("Busy", "CannotReach", "GenericError", "DestinationBlocked", "Rejected")
MACHINES = (
    to_subscriber("Voicemail"),
    to_subscriber("Answered Not Accepted", reason="Connected"),
    to_subscriber("Call connected"),
)
NO_ONE = to_subscriber("No Answer")


@pytest.mark.parametrize(
    ("states", "theirs"),
    [
        *(
            (("", "Success", word), (to_caller(), leg))
            for word in NO_PICKUP
            for leg in MACHINES
        ),
        *(
            ((word, "InProgress", "InProgress"), (to_caller(), leg))
            for word in NO_PICKUP
            for leg in MACHINES
        ),
        (("", "Success", "NoAnswer"), (to_caller(), MACHINES[1])),
        (("", "Success", "NoAnswer"), (to_caller(), MACHINES[2])),
        (("Busy", "Busy", "InProgress"), (to_caller(), NO_ONE)),
        (("NoAnswer", "NoAnswer", "InProgress"), (to_caller(), NO_ONE)),
        (("", "Success", "Busy"), (to_caller(), to_subscriber("Answered Elsewhere"))),
    ],
)
def test_no_record_that_the_last_status_rules_out_is_taken(
    states: tuple[str, str, str], theirs: tuple[Leg, ...]
) -> None:
    """Nobody, and no machine, had picked up what the status says was not picked up."""
    call = replace(sought(), denied=denied(Status(*states)))

    assert given_to([call], [entry(legs=theirs)]) == {}


@pytest.mark.parametrize(
    ("states", "ours"),
    [
        (("NoAnswer", "Success", "NoAnswer"), (to_caller(), MACHINES[0])),
        (("NoAnswer", "Success", "InProgress"), (to_caller(), MACHINES[0])),
        (("", "Success", "Busy"), (to_caller(), to_subscriber("Busy"))),
        (("", "Success", "Rejected"), (to_caller(), to_subscriber("Stopped"))),
        (("", "Rejected", "InProgress"), (to_caller(), to_subscriber("Stopped"))),
        (("NoAnswer", "NoAnswer", ""), (to_caller("Voicemail"),)),
        (("NoAnsweringMachine", "Success", "Success"), (to_caller(), MACHINES[2])),
        (("Error", "Finished", "Finished"), (to_caller(), MACHINES[2])),
    ],
)
def test_a_record_that_the_last_status_allows_is_ours(
    states: tuple[str, str, str], ours: tuple[Leg, ...]
) -> None:
    """A call that nobody answers goes to voicemail; a failed status may be wrong."""
    call = replace(sought(), denied=denied(Status(*states)))

    assert given_to([call], [entry(legs=ours)]) == {"C1": "R1"}


FORMS = (
    ("231716625017", "231716625016"),
    ("6f9619ff-8b86-d011-b42d-00cf4fc964ff", "00000000-1111-2222-3333-444444444444"),
    ("s-abc1", "s-abc2"),
    ("s-B0D7F2C41B9E3Z1A1F9E98222Z1547720000", "s-a0d7f2c41b9e4z1a1f9e98223z154772"),
    ("S-B0D7F2C41B9E3Z1A1F9E98222Z1547720000", "S-B0D7F2C41B9E4Z1A1F9E98222Z1547720"),
    (RINGOUT_ID, RINGOUT_ID[:-1] + "1"),
    ("VGhpcyBpcyBhbiBpZCAx", "VGhpcyBpcyBhbiBpZCAy"),
)


@pytest.mark.parametrize(("ours", "theirs"), FORMS)
def test_another_id_of_our_id_s_form_is_another_call_s(ours: str, theirs: str) -> None:
    """Whatever form RingCentral gives its ids."""
    for one, other in ((ours, theirs), (theirs, ours)):
        assert given_to([sought(ringout_id=one)], [entry(session=other)]) == {}
        assert given_to([sought(ringout_id=one)], [entry(session=one)]) == {"C1": "R1"}


def test_an_id_of_another_form_proves_nothing() -> None:
    """A record may show an id of another kind than the one that RingOut gave."""
    pairs = [
        (one, other)
        for here, there in product(FORMS[:3] + FORMS[5:], repeat=2)
        for one, other in product(here, there)
        if here is not there
    ]
    for one, other in pairs:
        call = sought(ringout_id=one)
        assert given_to([call], [entry(session=other)]) == {"C1": "R1"}, (one, other)


@given(
    st.from_regex(r"[0-9a-zA-Z]{1,4}(-[0-9a-f]{1,4}){0,3}", fullmatch=True), st.data()
)
def test_the_form_is_derived_from_our_own_id(ours: str, data: st.DataObject) -> None:
    """One letter or digit that differs makes another id of the same form."""
    places = [at for at, sign in enumerate(ours) if sign.isalnum()]
    place = data.draw(st.sampled_from(places))
    same = "0123456789" if ours[place].isdigit() else "abcdef"
    new = data.draw(st.sampled_from(same).filter(lambda it: it != ours[place].lower()))
    theirs = ours[:place] + new + ours[place + 1 :]

    assert is_another(ours, theirs)
    assert not is_another(ours, ours.upper())
    assert not is_another(ours, theirs + "-0")
