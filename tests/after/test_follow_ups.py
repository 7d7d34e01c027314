"""Call backs: one person has each, and Homes list what is open."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.after.remarks import Remarks
from bot.after.to_do import HomeLists
from bot.calls.aftermath import Dispositions
from bot.calls.call import Call, End, Place, State
from bot.calls.people.person import Shows
from bot.settings.readers import USUAL_DISPOSITIONS
from bot.slack.texts import after
from bot.storage.after.reminders import ReminderRows
from bot.storage.calls.follow_ups import FollowUps
from bot.storage.calls.store import Store
from bot.switchboard.policy import Policy
from bot.user_errors import AccessDenied, AccessRule, OutdatedButton, UnknownCall
from fakes import FakeClock
from intents import ANN, NOON, a_call

ON = Dispositions(USUAL_DISPOSITIONS, by_channel=True)
BOB, CARL = replace(ANN, user="U0BOB"), replace(ANN, user="U0CARL")
HOME = ""


def remarks(store: Store, dispositions: Dispositions = ON) -> Remarks:
    """Return what one process does about call backs."""
    return Remarks(store, Policy(), dispositions, FakeClock(NOON))


async def over(store: Store, name: str = "c1", **changes: Any) -> Call:
    """Store a call of Ann's that is over."""
    values = {
        "id": name,
        "key": name,
        "state": State.DONE,
        "end": End.UNCONFIRMED,
        "card_channel": "C1",
        "card_ts": "1.1",
    }
    call = a_call(**values | changes)
    await store.add(call, most=99, again=True)
    return call


async def to_call_back(store: Store, name: str = "c1", **changes: Any) -> None:
    """Store a call that somebody has to call back."""
    call = await over(store, name, **changes)
    await remarks(store).choose(call.place, name, "Call back")


async def text_of(store: Store) -> str:
    """Return what the card says of the call."""
    call = await store.get("c1")
    assert call is not None
    return after.line(call)


def at_home(place: Place) -> Place:
    """Return the same person in their Home, which is in no channel."""
    return replace(place, channel=HOME)


async def listed(
    store: Store, place: Place, dispositions: Dispositions = ON
) -> list[str]:
    """Return the calls that somebody's Home lists as to call back."""
    rows = ReminderRows(store.writer, store.unreadable)
    lists = HomeLists(rows, FollowUps(store), dispositions)
    return [each.id for each, _ in (await lists.of(place.person)).follow_ups]


@pytest.mark.on_both
async def test_a_call_back_has_one_person(store: Store) -> None:
    """A customer whom two people call back at once hears that nobody talks here."""
    await to_call_back(store)
    people = (ANN, BOB, CARL)

    found = await asyncio.gather(
        *(remarks(store).claim(each, "c1") for each in people), return_exceptions=True
    )

    [winner] = [p for p, e in zip(people, found, strict=True) if isinstance(e, Call)]
    lost = [each for each in found if isinstance(each, AccessDenied)]
    assert [(e.rule, e.who) for e in lost] == [(AccessRule.CLAIMED, winner.user)] * 2
    assert await text_of(store) == f"Outcome: *Call back* · <@{winner.user}> calls back"
    again = await remarks(store).claim(winner, "c1")
    assert again.aftermath is not None
    assert again.aftermath.follow_up == winner.user


async def test_a_claim_outlives_its_process(store: Store) -> None:
    """What was stored is shown by the next process, and holds against everybody."""
    await to_call_back(store)
    await remarks(store).claim(BOB, "c1")
    await store.resume(NOON)

    claimed = await store.claim("next", NOON, NOON - NOON, 9)
    assert [each.state for each in claimed.calls] == [State.CLOSING]
    with pytest.raises(AccessDenied):
        await remarks(store).claim(ANN, "c1")


async def test_who_has_a_call_back_releases_or_finishes_it(store: Store) -> None:
    """And nobody else does it for them."""
    await to_call_back(store)
    await remarks(store).claim(BOB, "c1")
    for change in (remarks(store).release, remarks(store).called_back):
        with pytest.raises(AccessDenied):
            await change(ANN, "c1")

    await remarks(store).release(BOB, "c1")
    assert await text_of(store) == "Outcome: *Call back*"
    with pytest.raises(OutdatedButton):
        await remarks(store).called_back(BOB, "c1")
    await remarks(store).claim(ANN, "c1")
    await remarks(store).called_back(ANN, "c1")

    assert await text_of(store) == "Outcome: *Call back* · <@U1> has called back"
    with pytest.raises(OutdatedButton):
        await remarks(store).claim(BOB, "c1")
    assert await listed(store, ANN) == []


async def test_another_outcome_ends_a_call_back(store: Store) -> None:
    """Who has spoken to them need not press another button."""
    await to_call_back(store)
    await remarks(store).claim(BOB, "c1")

    await remarks(store).choose(ANN, "c1", "Spoke")

    assert await text_of(store) == "Outcome: *Spoke*"
    assert await listed(store, BOB) == []


async def test_a_home_lists_ones_own_call_backs_and_the_channels(store: Store) -> None:
    """Of the channels in which they have called, and nothing that others keep."""
    await over(store, "bobs", place=BOB)
    await to_call_back(store, "open")
    await to_call_back(store, "private", shows=Shows.PRIVATE)
    await to_call_back(
        store, "far", place=replace(ANN, channel="C2"), card_channel="C2"
    )
    await to_call_back(store, "taken")
    await remarks(store).claim(CARL, "taken")
    await to_call_back(store, "his")
    await remarks(store).claim(BOB, "his")

    assert sorted(await listed(store, BOB)) == ["his", "open"]
    assert sorted(await listed(store, ANN)) == ["far", "open", "private"]
    assert await listed(store, CARL) == ["taken"]
    assert await listed(store, replace(ANN, team="T2")) == []
    assert await listed(store, BOB, replace(ON, by_channel=False)) == ["his"]


async def test_a_home_claims_only_where_its_person_has_called(store: Store) -> None:
    """A forged press in a Home must not reach a channel that somebody is not in."""
    await over(store, "bobs", place=BOB)
    await to_call_back(store)

    with pytest.raises(AccessDenied):
        await remarks(store).claim(at_home(CARL), "c1")
    with pytest.raises(UnknownCall):
        await remarks(store).claim(replace(at_home(BOB), team="T2"), "c1")
    claimed = await remarks(store).claim(at_home(BOB), "c1")

    assert claimed.aftermath is not None
    assert claimed.aftermath.follow_up == BOB.user


async def test_a_call_without_that_outcome_has_nothing_to_claim(store: Store) -> None:
    """A forged button makes no follow-up."""
    await over(store)

    with pytest.raises(OutdatedButton):
        await remarks(store).claim(ANN, "c1")
