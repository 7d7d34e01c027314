"""Missed-call cards of somebody who leaves, or is erased: others see it, and take them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import insert, select, update

from bot.calls.call import End, Place, State
from bot.calls.people.person import Person
from bot.storage.calls.store import Store
from bot.storage.missed.cards import takers
from bot.storage.missed.tables import missed_cards
from bot.storage.people.connections import Connections
from bot.storage.retention import Retention
from bot.vault import Vault
from intents import NOON, a_call
from missed import MissedDesk, a_desk

BOB = Person("E1", "T1", "U0BOB")


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[MissedDesk]:
    """Give a bot that tells the channel ``sales`` of missed calls."""
    async with a_desk(store) as made:
        yield made


async def taken(desk: MissedDesk, enterprise: str = "") -> tuple[str, Place]:
    """Have Bob take a card; return its id, and where he did."""
    if enterprise:
        mine = update(missed_cards).values(enterprise=enterprise, team="")
    desk.missed("one")
    await desk.later()
    if enterprise:
        await desk.store.writer.run(lambda c: c.execute(mine))
    query = select(missed_cards.c.id)
    card = await desk.store.writer.run(lambda c: c.scalar(query))
    assert card is not None
    place = replace(desk.place("bob"), enterprise=enterprise)
    await desk.deeds.take(place, card)
    await desk.show()
    assert f"<@{place.user}> has it" in desk.told()[0].text
    return card, place


@pytest.mark.parametrize("enterprise", ["E1", ""])
async def test_what_somebody_has_taken_who_leaves_another_takes(
    desk: MissedDesk, enterprise: str
) -> None:
    """A customer must not wait for somebody who has left; also organization-wide."""
    card, bob = await taken(desk, enterprise)
    left = Connections(desk.store.writer, Vault(()))
    await left.erase_within(enterprise, bob.team, bob.user, desk.clock.now())
    await desk.show()

    assert "has it" not in desk.told()[0].text
    ann = replace(desk.place(), enterprise=enterprise)
    assert (await desk.deeds.take(ann, card)).taken_by == ann.user


@pytest.mark.parametrize(("connected", "is_left"), [(True, False), (False, True)])
async def test_a_call_back_that_reached_them_is_not_asked_for_again(
    desk: MissedDesk,
    connected: bool,  # noqa: FBT001 - parametrized
    is_left: bool,  # noqa: FBT001 - parametrized
) -> None:
    """Only what whoever has left did not do is left to others."""
    card, bob = await taken(desk)
    end = {"state": State.DONE, "end": End.UNCONFIRMED}
    desk.switches.call = a_call(place=bob, connected=connected, **end)
    await desk.deeds.call_back(bob, card)
    left = Connections(desk.store.writer, Vault(()))
    await left.erase_within("", bob.team, bob.user, desk.clock.now())

    stored = await desk.cards.get(card)
    assert stored is not None
    assert (stored.taken_by == "") is is_left


@pytest.mark.parametrize("enterprise", ["E1", ""])
async def test_a_card_that_is_not_needed_says_so_without_who_was_erased(
    desk: MissedDesk, enterprise: str
) -> None:
    """It stays over: nobody is asked to call back once more; leaving changes nothing."""
    card, bob = await taken(desk, enterprise)
    await desk.deeds.drop(bob, card)
    left = Connections(desk.store.writer, Vault(()))
    await left.erase_within(enterprise, bob.team, bob.user, desk.clock.now())
    await desk.show()
    assert desk.told()[0].text.endswith(f"Not needed (<@{bob.user}>).")

    now = desk.clock.now()
    await Retention(desk.store.writer).erase_calls_of(bob.person, now, dry=False)
    await desk.show()

    assert desk.told()[0].text.endswith("Not needed.")
    assert bob.user not in str(desk.told()[0].blocks)


@pytest.mark.parametrize(
    ("enterprise", "team", "is_theirs"),
    [
        ("E1", "", True),
        ("E2", "T1", False),
        ("", "T2", False),
        ("E1", "T2", True),
        ("E1", "T1", True),
        ("", "T1", True),
        ("E2", "", False),
    ],
)
async def test_whose_cards_an_erased_person_is_on(
    store: Store,
    enterprise: str,
    team: str,
    is_theirs: bool,  # noqa: FBT001 - parametrized
) -> None:
    """Those of their organization; another one's person may have the same id."""
    row = {"id": "m1", "account": "", "enterprise": enterprise, "team": team}
    row |= dict.fromkeys(("caller", "extension", "name", "user"), "")
    times = dict.fromkeys(("first_at", "last_at", "told_at"), NOON)
    more = {"channel": "C1", "taken_by": BOB.user, "version": 1, "calls": 1}
    await store.writer.run(
        lambda c: c.execute(insert(missed_cards), row | times | more)
    )
    assert await takers(store.writer, BOB.user) == [Person(enterprise, team, BOB.user)]

    await Retention(store.writer).erase_calls_of(BOB, NOON, dry=False)

    assert (await takers(store.writer, BOB.user) == []) is is_theirs
