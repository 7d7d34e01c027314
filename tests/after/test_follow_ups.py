"""Call backs: one person has each, and Homes list what is open."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

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
from bot.storage.calls.tables import calls
from bot.storage.people.connections import Connections
from bot.storage.retention import Retention
from bot.switchboard.policy import Policy
from bot.user_errors import AccessDenied, AccessRule, OutdatedButton, UnknownCall
from bot.vault import Vault
from fakes import FakeClock
from intents import ANN, NOON, a_call, add_call

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
    await add_call(store, call, most=99, again=True)
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


@pytest.mark.parametrize("erased", [False, True])
@pytest.mark.parametrize("enterprise", ["", "E1"])
async def test_a_call_back_of_somebody_who_leaves_is_open_to_others(
    store: Store,
    enterprise: str,
    erased: bool,  # noqa: FBT001 - parametrized
) -> None:
    """The card says so; a person with the same id elsewhere keeps theirs."""
    here = {"place": replace(ANN, enterprise=enterprise)}
    there = {"place": replace(ANN, team="T9", enterprise=enterprise and "E9")}
    bob = replace(BOB, enterprise=enterprise)
    for name, place in {"c1": here, "c2": there}.items():
        await to_call_back(store, name, **place)
        who = replace(
            BOB, team=place["place"].team, enterprise=place["place"].enterprise
        )
        await remarks(store).claim(who, name)
    await shown_to_the_end(store)

    if erased:
        await Retention(store.writer).erase_calls_of(bob.person, NOON, dry=False)
    else:
        left = Connections(store.writer, Vault(()))
        await left.erase_within(enterprise, bob.team, bob.user, NOON)

    assert await text_of(store) == "Outcome: *Call back*"
    claimed = await store.claim("next", NOON, NOON - NOON, 9)
    assert [each.id for each in claimed.calls] == ["c1"]
    carl = replace(CARL, enterprise=enterprise)
    taken = await remarks(store).claim(carl, "c1")
    assert taken.aftermath is not None
    assert taken.aftermath.follow_up == carl.user
    kept = await store.get("c2")
    assert kept is not None
    assert kept.aftermath is not None
    assert kept.aftermath.follow_up == bob.user


async def test_what_nobody_else_may_take_on_stays_as_it_is(store: Store) -> None:
    """A private call's card is in the DM of somebody who reads it no more."""
    await to_call_back(store, shows=Shows.PRIVATE)
    await remarks(store).claim(ANN, "c1")
    await shown_to_the_end(store)

    left = Connections(store.writer, Vault(()))
    await left.erase_within("", ANN.team, ANN.user, NOON)

    assert (await store.claim("next", NOON, NOON - NOON, 9)).calls == []


async def test_an_erased_persons_own_calls_are_deleted_with_their_call_backs(
    store: Store,
) -> None:
    """None is open once more only because its card would have to be edited."""
    await to_call_back(store)
    await remarks(store).claim(ANN, "c1")
    await shown_to_the_end(store)

    gone = await Retention(store.writer).erase_calls_of(ANN.person, NOON, dry=False)

    assert (gone.calls, gone.still_open) == (1, 0)


async def shown_to_the_end(store: Store) -> None:
    """Have all cards show what was said: nothing is due any more."""
    over = update(calls).values(state=State.DONE)
    await store.writer.run(lambda c: c.execute(over))


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
