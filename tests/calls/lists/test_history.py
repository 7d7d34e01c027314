"""Who called whom, in the rows of a list: by our own calls, phones, then the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.calls.lists import history
from bot.calls.log.ending import Ending
from bot.calls.log.leg import Entry, Leg, Party, Record
from bot.calls.numbers.phone import PhoneNumber
from builders import (
    CALLEE,
    CALLER,
    OTHER,
    inbound,
    party,
    record,
    to_caller,
    to_subscriber,
    two_records,
)
from intents import a_call

MIRRORED = (
    to_subscriber("Call connected", callee=CALLER, seconds=20),
    to_caller("Call connected", caller=CALLEE, callee=CALLER, seconds=19),
)
SEED = record("seed", action="RingOut PC", seconds=19, legs=MIRRORED)
TURNED = replace(SEED, caller=party(CALLEE), callee=party(CALLER))
"""The same with the record's own ends mirrored too."""

PLAIN = record("plain")
REVERSED = replace(PLAIN, caller=party(CALLEE), callee=party(CALLER))
NO_LEGS = record("bare", legs=())
ONE_LEG = record("one", legs=(to_caller("No Answer"),))
PAIR = two_records()


def ends(row: history.Row) -> tuple[str, str]:
    """Return the numbers of a row, the caller's first."""
    return row.caller.number, row.callee.number


@pytest.mark.parametrize(
    "shown",
    [
        Entry(SEED),
        Entry(TURNED),
        Entry(PLAIN),
        Entry(REVERSED),
        Entry(NO_LEGS),
        Entry(replace(NO_LEGS, caller=party(CALLEE), callee=party(CALLER))),
        Entry(ONE_LEG),
        Entry(*PAIR),
        Entry(replace(PAIR[0], legs=MIRRORED), PAIR[1]),
    ],
    ids=[
        "seed",
        "turned",
        "plain",
        "reversed",
        "no legs",
        "no legs, turned",
        "one leg",
        "pair",
        "pair, mirrored",
    ],
)
@pytest.mark.parametrize("how", ["our call", "own phone"])
def test_a_call_is_never_shown_the_wrong_way_round(shown: Entry, how: str) -> None:
    """However RingCentral orders its ends and legs, we know whom we rang."""
    ours = {shown.record.id: a_call(caller=CALLER, callee=CALLEE)}
    known = ours if how == "our call" else {}
    own = [CALLER] if how == "own phone" else []

    row = history.row_of(shown, known, own)

    assert ends(row) == (CALLER.e164, CALLEE.e164)


def test_a_record_of_somebody_elses_goes_by_its_own_ends() -> None:
    """Mirrored legs say nothing that the record's from and to do not."""
    row = history.row_of(Entry(SEED), {}, [OTHER])

    assert ends(row) == (CALLER.e164, CALLEE.e164)
    assert row.talked == timedelta(seconds=19)


def test_a_call_between_two_own_phones_goes_by_the_record() -> None:
    """A test call to oneself."""
    row = history.row_of(Entry(SEED), {}, [CALLER, CALLEE])

    assert ends(row) == (CALLER.e164, CALLEE.e164)


def test_no_other_call_is_turned_round() -> None:
    """An inbound call ends at one's own phone."""
    half: Record = inbound("in", caller=CALLER, callee=OTHER)

    row = history.row_of(Entry(half), {}, [CALLER])

    assert ends(row) == (OTHER.e164, CALLER.e164)


def test_a_call_without_a_length_has_no_talk_time() -> None:
    """``duration`` is optional: "0 s" would be made up."""
    bare = replace(record(action="VoIP Call", internal_type=""), duration=None, legs=())

    row = history.row_of(Entry(bare))

    assert row.callee_side is not None
    assert row.callee_side.ending is Ending.ANSWERED
    assert row.talked is None


def test_a_talk_too_short_to_be_told_has_no_length() -> None:
    """Neither a RingOut's nor another call's: "0 s" says nothing."""
    short = timedelta(milliseconds=300)
    legs = tuple(replace(each, duration=short) for each in PLAIN.legs)
    other = record(action="VoIP Call", internal_type="", legs=())
    for each in (replace(PLAIN, legs=legs), replace(other, duration=short)):
        assert history.row_of(Entry(each)).talked is None


def test_the_list_agrees_with_what_was_seen_of_the_callee() -> None:
    """A call that both were seen in is not listed as one that nobody was called in."""
    ours = {"one": a_call(caller=CALLER, callee=CALLEE, connected=True)}

    seen, unseen = history.row_of(Entry(ONE_LEG), ours), history.row_of(Entry(ONE_LEG))

    assert seen.callee_side is not None
    assert unseen.callee_side is not None
    assert seen.callee_side.ending is Ending.NOT_LOGGED
    assert unseen.callee_side.ending is Ending.NOT_DIALED


def test_a_call_with_the_callers_leg_alone_has_not_failed() -> None:
    """`/callstatus failed` lists calls that reached nobody for sure."""
    for leg_type in ("RingOutWebToCaller", "RingOutOneLegToCaller"):
        leg = to_caller("Call connected", leg_type=leg_type, seconds=40)
        assert not history.row_of(Entry(record(legs=(leg,)))).has_failed


def test_the_leg_to_the_number_that_we_dialed_counts() -> None:
    """After a transfer there are several to the other side."""
    legs: tuple[Leg, ...] = (
        to_subscriber("Busy", callee=CALLEE, master=False),
        to_subscriber("Call connected", callee=PhoneNumber("+13125550188")),
        to_caller(),
    )
    shown = Entry(record("moved", legs=legs))

    row = history.row_of(shown, {"moved": a_call(caller=CALLER, callee=CALLEE)})

    assert row.callee_side is not None
    assert row.callee_side.ending is Ending.BUSY
    assert row.callee == Party(CALLEE.e164)


def by_extension(entry: Entry, number: PhoneNumber) -> Entry:
    """Return *entry* with an extension in place of one of its numbers."""

    def swapped(party: Party) -> Party:
        return Party(extension="101") if party.number == number.e164 else party

    legs = tuple(
        replace(leg, caller=swapped(leg.caller), callee=swapped(leg.callee))
        for leg in entry.record.legs
    )
    changed = replace(
        entry.record,
        caller=swapped(entry.record.caller),
        callee=swapped(entry.record.callee),
        legs=legs,
    )
    return Entry(changed)


@pytest.mark.parametrize("shown", [SEED, TURNED, PLAIN, REVERSED, NO_LEGS])
@pytest.mark.parametrize("own", [["101"], [OTHER, "101"], [OTHER, "", "101"]])
def test_the_accounts_own_extension_tells_who_called(
    shown: Record, own: list[PhoneNumber | str]
) -> None:
    """RingCentral may log only the extension of whoever placed the call."""
    row = history.row_of(by_extension(Entry(shown), CALLER), {}, own)

    assert (row.caller.extension, row.callee.number) == ("101", CALLEE.e164)


@pytest.mark.parametrize("own", [["102"], [""], [], [OTHER]])
def test_another_extension_is_not_ones_own(own: list[PhoneNumber | str]) -> None:
    """A party without an extension must not be taken for an account without one."""
    shown = by_extension(Entry(TURNED), CALLER)

    assert history.row_of(shown, {}, own) == history.row_of(shown, {}, [])
