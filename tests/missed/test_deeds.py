"""Who takes a missed call: one person, and the card says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.calls.call import Place
from bot.calls.missed_card import MissedCard
from bot.calls.people.person import Person, Preferences
from bot.errors import ChatRefused, UserError
from bot.missed.posting import CHANNEL_CLOSED_AGAIN
from bot.storage.calls.store import Store
from bot.storage.people.connections import Connections
from bot.storage.retention import Retention
from bot.user_errors import AccessDenied, AccessRule, OutdatedButton, UnknownCall
from bot.vault import Vault
from missed import BO, KEPT, MissedDesk, a_desk, labels, shown, the_card


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[MissedDesk]:
    """Give a bot that has told of one missed call."""
    async with a_desk(store) as made:
        made.missed("one")
        await made.later()
        yield made


@pytest.mark.on_both
async def test_of_three_who_take_it_one_has_it(desk: MissedDesk) -> None:
    """A customer whom two people call back at once hears that nobody talks here."""
    card = await the_card(desk)
    people = [desk.place(name) for name in ("ann", "bob", "carl")]

    found = await asyncio.gather(
        *(desk.deeds.take(each, card.id) for each in people), return_exceptions=True
    )
    await desk.show()

    [winner] = [
        p for p, e in zip(people, found, strict=True) if isinstance(e, MissedCard)
    ]
    lost = [each for each in found if isinstance(each, AccessDenied)]
    assert [(e.rule, e.who) for e in lost] == [(AccessRule.CLAIMED, winner.user)] * 2
    assert f"<@{winner.user}> has it" in shown(desk).text
    assert labels(shown(desk)) == ["Call back", "Release", "Not needed"]


async def test_what_is_not_needed_is_over(desk: MissedDesk) -> None:
    """Nobody is asked any more, and the next call has a card of its own."""
    card = await the_card(desk)
    await desk.deeds.drop(desk.place("bob"), card.id)
    await desk.show()

    assert f"Not needed (<@{desk.place('bob').user}>)" in shown(desk).text
    assert labels(shown(desk)) == []
    with pytest.raises(OutdatedButton):
        await desk.deeds.take(desk.place(), card.id)
    desk.missed("again")
    await desk.later()
    assert len(desk.told()) == 2


@pytest.mark.parametrize(
    ("refusal", "is_shown"), [("invalid_auth", True), ("message_not_found", False)]
)
async def test_a_refused_edit_waits_for_the_operator_alone(
    desk: MissedDesk,
    monkeypatch: pytest.MonkeyPatch,
    refusal: str,
    is_shown: bool,  # noqa: FBT001 - parametrized
) -> None:
    """A token is mended, and the card then says who has it; a deleted card is let be."""
    card = await the_card(desk)
    await desk.deeds.take(desk.place(), card.id)

    async def refused(*_: object, **__: object) -> None:
        raise ChatRefused(refusal)

    with monkeypatch.context() as broken:
        broken.setattr(desk.marks, "edit", refused)
        await desk.show()
    desk.clock.pass_by(CHANNEL_CLOSED_AGAIN.total_seconds())
    await desk.show()

    assert ("has it" in shown(desk).text) is is_shown
    assert await desk.cards.first_due() is None


async def test_who_has_it_may_release_it_and_nobody_else(desk: MissedDesk) -> None:
    """Somebody goes home: another one takes it."""
    card = await the_card(desk)
    await desk.deeds.take(desk.place("bob"), card.id)
    for deed in (desk.deeds.release, desk.deeds.drop, desk.deeds.call_back):
        with pytest.raises(AccessDenied):
            await deed(desk.place(), card.id)

    await desk.deeds.release(desk.place("bob"), card.id)
    await desk.deeds.take(desk.place(), card.id)
    await desk.show()

    assert f"<@{desk.place().user}> has it" in shown(desk).text


async def test_a_forged_button_does_nothing(desk: MissedDesk) -> None:
    """From another channel, another workspace, or of a card that is not there."""
    card = await the_card(desk)
    here = desk.place()
    tries: list[tuple[Place, str, type[UserError]]] = [
        (replace(here, channel="C9"), card.id, UnknownCall),
        (replace(here, channel=""), card.id, UnknownCall),
        (replace(here, team="T9"), card.id, UnknownCall),
        (here, "nothing", UnknownCall),
    ]

    for place, card_id, refusal in tries:
        for deed in (
            desk.deeds.take,
            desk.deeds.release,
            desk.deeds.drop,
            desk.deeds.call_back,
        ):
            with pytest.raises(refusal):
                await deed(place, card_id)

    assert await the_card(desk) == card
    assert desk.switches.asked == []


async def test_erasing_reaches_the_card_and_who_took_it(
    desk: MissedDesk, store: Store
) -> None:
    """A number, a person, a workspace, and what is old."""
    retention, card = Retention(store.writer), await the_card(desk)
    place = desk.place("bob")
    await desk.deeds.take(place, card.id)
    person = Person("", place.team, place.user)
    await retention.erase_calls_of(person, desk.clock.now(), dry=True)
    assert (await the_card(desk)).taken_by == place.user
    await retention.erase_calls_of(person, desk.clock.now(), dry=False)
    assert (await the_card(desk)).taken_by == ""

    assert (await retention.erase(BO, dry=True)).missed == 1
    assert (await retention.erase(BO, dry=False)).missed == 1
    assert await desk.cards.get(card.id) is None

    desk.missed("two")
    await desk.later()
    await retention.purge(desk.clock.now() + KEPT)
    assert await desk.cards.first_due() is None
    connections = Connections(store.writer, Vault(()))
    await connections.erase_within("", place.team, "", desk.clock.now())


def test_a_switch_in_the_settings_is_a_moment() -> None:
    """An older version's settings have none: nobody is told who did not ask for it."""
    assert Preferences.load("{}").missed_since == 0
    kept = Preferences.load(Preferences(missed_since=12.5).dump())
    assert kept.missed_since == 12.5
