"""Another system is told of missed calls: as of its cards, once each, and no more of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.calls.call import Place
from bot.calls.exported import ShownNumbers
from bot.calls.exported_missed import MISSED_EXPORTED, exported_missed
from bot.calls.log.leg import Party
from bot.calls.missed_card import MissedCard
from bot.hooks.deliveries import Deliveries
from bot.hooks.events import ToldOfCalls
from bot.hooks.schedule import KEPT_FOR, HookAnswer
from bot.storage.calls.store import Store
from bot.storage.hooks.missed_outbox import MissedOutbox
from bot.storage.people.connections import Connections
from bot.storage.retention import Retention
from bot.telemetry.measures import Measures
from bot.vault import Vault
from hooked import ADDRESS, FAILS, TAKEN
from intents import CALLEE, NOON
from missed import BO, MissedDesk, a_desk

CARD = MissedCard(
    id="m1",
    account="a",
    place=Place("T1", "C1", ""),
    first_at=NOON,
    last_at=NOON,
    told_at=NOON,
    caller=CALLEE,
    name="Bo Example",
)


class Heard:
    """A receiver that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.answer = TAKEN

    async def send(self, message: str, body: bytes, _now: object) -> HookAnswer:
        """Keep an event."""
        self.events.append((message, json.loads(body)))
        return self.answer

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[MissedDesk]:
    """Give a bot that tells a channel and another system."""
    async with a_desk(store) as made:
        made.events = True
        yield made


def deliveries(desk: MissedDesk, heard: Heard) -> Deliveries:
    """Return what sends the events."""
    receiver: Any = heard
    return Deliveries(
        MissedOutbox(desk.store.writer, ADDRESS, desk.store.unreadable),
        receiver,
        ToldOfCalls(ShownNumbers.MASKED, with_private=False),
        desk.clock,
        Measures(),
        of="missed",
    )


async def waiting(desk: MissedDesk) -> int:
    """Count the events that wait."""
    store = desk.store
    outbox = MissedOutbox(store.writer, ADDRESS, store.unreadable)
    return (await outbox.waiting()).count


async def test_each_card_is_told_of_and_each_call_that_joins_it(
    desk: MissedDesk,
) -> None:
    """A CRM that is told twice opens two tickets; told never, it opens none."""
    heard = Heard()
    sends = deliveries(desk, heard)
    for name in ("one", "two"):
        desk.missed(name)
        for _ in range(2):
            await desk.later()
            await sends.look()

    told = [event["data"] for _, event in heard.events]
    assert {event["type"] for _, event in heard.events} == {"call.missed"}
    assert [each["calls"] for each in told] == [1, 2]
    assert len({each["missed"] for each in told}) == 1
    assert len({message for message, _ in heard.events}) == 2
    assert told[0]["caller"] == "+1 ••• ••• 0142"
    assert tuple(told[0]) == MISSED_EXPORTED
    assert BO not in str(told)
    assert await waiting(desk) == 0


async def test_an_event_that_fails_is_told_again_in_its_order(
    desk: MissedDesk,
) -> None:
    """And after three days it is dropped, as every event is."""
    heard = Heard()
    heard.answer = FAILS
    sends = deliveries(desk, heard)
    desk.missed("one")
    await desk.later()
    desk.missed("two")
    await desk.later()
    await sends.look()
    desk.clock.pass_by(600)
    await sends.look()

    assert len({message for message, _ in heard.events}) == 1
    assert await waiting(desk) == 2
    desk.clock.pass_by(KEPT_FOR.total_seconds())
    await sends.look()
    await sends.look()
    assert await waiting(desk) == 0


async def test_an_event_goes_with_its_card(desk: MissedDesk) -> None:
    """What is erased is told to nobody."""
    desk.missed("one")
    await desk.later()
    assert await waiting(desk) == 1
    await Retention(desk.store.writer).erase(BO, dry=False)
    assert await waiting(desk) == 0

    desk.missed("two", caller=Party("+14155550143"))
    await desk.later()
    team = desk.slack.workspace.team
    connections = Connections(desk.store.writer, Vault(()))
    await connections.erase_within("", team, "", desk.clock.now())
    assert await waiting(desk) == 0


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        (ShownNumbers.FULL, CALLEE.e164),
        (ShownNumbers.MASKED, CALLEE.masked),
        (ShownNumbers.NONE, None),
    ],
)
def test_numbers_are_told_as_the_operator_chose(
    numbers: ShownNumbers, shown: str | None
) -> None:
    """By default no whole number leaves the bot."""
    told = exported_missed(CARD, numbers, with_private=False)

    assert told["caller"] == shown
    assert shown == CALLEE.e164 or CALLEE.e164 not in str(told)


def test_a_persons_own_missed_calls_are_theirs() -> None:
    """That there was one is told; who it was only if the operator asks for it."""
    own = replace(CARD, place=Place("T1", "", "U1"))
    told = exported_missed(own, ShownNumbers.FULL, with_private=False)
    asked = exported_missed(own, ShownNumbers.FULL, with_private=True)

    assert (told["private"], told["calls"], told["user"]) == (True, 1, "U1")
    assert {told[e] for e in MISSED_EXPORTED[MISSED_EXPORTED.index("caller") :]} == {
        None
    }
    assert asked["caller"] == CALLEE.e164
    assert tuple(asked) == tuple(told) == MISSED_EXPORTED
