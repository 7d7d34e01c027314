"""Who calls back: one person, by their own account and rules, and the card says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.calls.call import Call, End, Place, State
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.missed_card import MissedCard
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Person, Preferences, Shows
from bot.errors import ChatRefused, NotConnected, UserError
from bot.missed.posting import CHANNEL_CLOSED_AGAIN
from bot.sandbox.slack.messages import Message
from bot.storage.calls.store import Store
from bot.storage.missed.cards import show_call_back
from bot.storage.people.connections import Connections
from bot.storage.retention import Retention
from bot.user_errors import AccessDenied, AccessRule, OutdatedButton, UnknownCall
from bot.vault import Vault
from intents import a_call
from missed import BO, KEPT, MissedDesk, a_desk


class Killed(BaseException):
    """The process was killed here."""


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[MissedDesk]:
    """Give a bot that has told of one missed call."""
    async with a_desk(store) as made:
        made.missed("one")
        await made.later()
        yield made


async def the_card(desk: MissedDesk) -> MissedCard:
    """Return the one card, as it is stored."""
    [message] = desk.told()
    found = await desk.cards.get(message.blocks[-1]["elements"][0]["value"])
    assert found is not None
    return found


def shown(desk: MissedDesk) -> Message:
    """Return the card as people see it."""
    [card] = desk.told()
    return card


def labels(card: Message) -> list[str]:
    """Return the labels of its buttons."""
    rows = [each for each in card.blocks if each["type"] == "actions"]
    return [each["text"]["text"] for row in rows for each in row["elements"]]


def a_call_back(desk: MissedDesk, name: str = "ann", **changes: Any) -> Call:
    """Return the call that the switchboard places for somebody."""
    now = desk.clock.now()
    values = {"place": desk.place(name), "callee": PhoneNumber(BO), "asked_at": now}
    return a_call(**{"next_at": now} | values | changes)


async def ended(desk: MissedDesk, **changes: Any) -> None:
    """Store how the call back ended, and have the card show it."""
    both = Side(Ending.ANSWERED)
    over: dict[str, Any] = {
        "state": State.REPORTING,
        "end": End.RECORDED,
        "outcome": Outcome(both, both),
    }

    def end(call: Call) -> Call:
        return replace(call, **over | changes)

    await desk.store.change("c1", end, desk.clock.now())
    now = desk.clock.now()
    await desk.store.writer.run(lambda c: show_call_back(c, "c1", now))
    await desk.show()


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


async def test_a_call_back_is_one_call_however_often_it_is_pressed(
    desk: MissedDesk,
) -> None:
    """By the account and rules of whoever presses; the card then says how it went."""
    card = await the_card(desk)
    desk.switches.call = a_call_back(desk)
    for _ in range(3):
        await desk.deeds.call_back(desk.place(), card.id)
    await desk.show()

    keys = {key for key, _, _ in desk.switches.asked}
    [key] = keys
    _, place, asked = desk.switches.asked[0]
    assert place == desk.place()
    assert asked["to"] == PhoneNumber(BO)
    assert asked["result_in_dm"] is True
    assert BO not in key
    assert f"<@{place.user}> calls back" in shown(desk).text
    assert labels(shown(desk)) == ["Release", "Not needed"]
    await ended(desk)
    assert shown(desk).text.endswith("called back. Connected to …0142.")


async def test_a_wish_after_a_release_is_a_new_one(desk: MissedDesk) -> None:
    """Busy in the morning; in the afternoon the same person tries again."""
    card = await the_card(desk)
    desk.switches.call = a_call_back(desk)
    await desk.deeds.call_back(desk.place(), card.id)
    await desk.deeds.release(desk.place(), card.id)
    desk.clock.pass_by(60)
    await desk.deeds.call_back(desk.place(), card.id)

    assert len({key for key, _, _ in desk.switches.asked}) == 2


async def test_a_process_that_dies_while_it_calls_back_calls_once(
    desk: MissedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call is placed, the card does not know: the next press finds the same call."""
    card = await the_card(desk)
    desk.switches.call = a_call_back(desk)
    change, changes = desk.cards.change, []

    async def dies(*args: Any) -> Any:
        changes.append(args)
        if len(changes) == 2:
            raise Killed
        return await change(*args)

    with monkeypatch.context() as dying:
        dying.setattr(desk.cards, "change", dies)
        with pytest.raises(Killed):
            await desk.deeds.call_back(desk.place(), card.id)
    assert (await the_card(desk)).call == ""
    desk.clock.pass_by(60)
    await desk.deeds.call_back(desk.place(), card.id)

    assert len({key for key, _, _ in desk.switches.asked}) == 1
    assert (await the_card(desk)).call == "c1"


async def test_a_call_back_that_is_refused_leaves_the_card_to_others(
    desk: MissedDesk,
) -> None:
    """Who has no account to call with must not keep a customer waiting."""
    card = await the_card(desk)
    desk.switches.refusal = NotConnected()
    with pytest.raises(NotConnected):
        await desk.deeds.call_back(desk.place(), card.id)
    await desk.show()

    assert "has it" not in shown(desk).text
    assert labels(shown(desk)) == ["I'll take it", "Call back", "Not needed"]


@pytest.mark.parametrize("shows", [Shows.PRIVATE, Shows.DM])
async def test_a_private_call_back_tells_the_channel_nothing(
    desk: MissedDesk, shows: Shows
) -> None:
    """Whoever keeps results to themselves keeps this one, too."""
    card = await the_card(desk)
    desk.switches.call = a_call_back(desk, shows=shows)
    await desk.deeds.call_back(desk.place(), card.id)
    await desk.show()
    before = shown(desk).text
    await ended(desk)

    assert before.endswith(f"<@{desk.place().user}> has it.")
    assert shown(desk).text == before


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
