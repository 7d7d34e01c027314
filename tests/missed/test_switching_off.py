"""After a time without it, nobody is told of the calls of that time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.app.missed import MissedCalls
from bot.calls.missed_places import MissedPlaces
from bot.errors import ChatBusy, StoreUnavailable
from bot.missed.switched_off import FORGET_SYNCS_AGAIN, FORGET_SYNCS_EVERY
from bot.settings import reading
from bot.storage.calls.store import Store
from bot.storage.missed.syncs import MissedSyncs
from bot.storage.people.missed_wishes import MissedWish
from enough import ENOUGH
from fakes import FakeClock
from missed import MissedDesk, WrittenLog, a_desk

MONTH = timedelta(days=30).total_seconds()


class Stopped(BaseException):
    """The process is stopped here."""


class StoppedClock(FakeClock):
    """Stops what sleeps; *slept*: for how long it wanted to."""

    slept: float = 0

    async def sleep(self, seconds: float) -> None:
        """Stop."""
        self.slept = seconds
        raise Stopped


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[MissedDesk]:
    """Give a bot that tells the channel ``sales``."""
    async with a_desk(store) as made:
        yield made


async def run_without_it(store: Store) -> float:
    """Run all that a process without the setting starts; return until when it sleeps."""
    clock, unused = StoppedClock(), None
    off = MissedCalls(reading.read(ENOUGH), clock, unused, unused)  # type: ignore[arg-type]
    [work] = off.tasks(store, unused, unused, unused).values()  # type: ignore[arg-type]
    with pytest.raises(Stopped):
        await work
    return clock.slept


async def test_without_the_setting_nothing_of_that_time_is_told(
    desk: MissedDesk,
) -> None:
    """Nobody calls back a customer who rang two weeks ago, and found somebody since."""
    places = desk.syncing._places
    await desk.later()
    assert await run_without_it(desk.store) == FORGET_SYNCS_EVERY.total_seconds()
    desk.clock.pass_by(MONTH)
    desk.missed("meanwhile", ago=MONTH / 2)
    desk.open(places)
    await desk.later()
    assert desk.told() == []

    desk.missed("after", ago=0)
    await desk.later()
    assert len(desk.told()) == 1


async def test_a_card_that_slack_did_not_take_is_dropped_by_the_switch_off(
    desk: MissedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would come a month later; a card that is there keeps its buttons."""
    desk.missed("there")
    await desk.later()
    desk.clock.pass_by(3600)
    desk.missed("not there")

    async def down(*_: object, **__: object) -> None:
        raise ChatBusy(1)

    with monkeypatch.context() as slack:
        slack.setattr(desk.marks, "post", down)
        await desk.later()
    await run_without_it(desk.store)
    desk.clock.pass_by(MONTH)
    desk.open(desk.syncing._places)
    await desk.later()

    [card] = desk.told()
    await desk.deeds.take(desk.place(), card.blocks[-1]["elements"][0]["value"])


async def test_what_an_older_process_began_meanwhile_is_forgotten(
    desk: MissedDesk,
) -> None:
    """While settings change, one process still has the old ones: it reads the log anew."""
    await run_without_it(desk.store)
    await desk.later()
    await run_without_it(desk.store)

    assert await MissedSyncs(desk.store.writer).next_due() is None


async def test_without_the_database_it_is_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process must go on: it has started before its database."""

    async def down(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(MissedSyncs, "keep", down)

    assert await run_without_it(store) == FORGET_SYNCS_AGAIN.total_seconds()


async def test_people_who_asked_for_it_before_are_told_of_calls_since_then(
    desk: MissedDesk,
) -> None:
    """Their wish is a year old; the operator has let them have it again today."""
    desk.logs["a1"] = desk.log = WrittenLog()
    wish = MissedWish(desk.place("ann").person, "a1", desk.clock.now())

    def start() -> None:
        desk.open(MissedPlaces(lets_people=True))
        wishes: Any = SimpleNamespace(all=everybody)
        desk.syncing._wishes = wishes

    async def everybody() -> list[MissedWish]:
        return [wish]

    start()
    await desk.later()
    desk.missed("before", ago=0)
    await desk.later()
    assert desk.counted == 1
    start()  # a restart is no switch-on
    desk.missed("while it was down", ago=60)
    await desk.later(hours=2)
    assert desk.counted == 2

    await run_without_it(desk.store)
    desk.clock.pass_by(MONTH)
    desk.missed("meanwhile", ago=MONTH / 2)
    start()
    await desk.later()
    desk.missed("after", ago=0)
    await desk.later()

    assert desk.counted == 3


async def test_a_switch_off_forgets_where_the_log_was_read(desk: MissedDesk) -> None:
    """After a month without it nobody is told of that month."""
    places = desk.syncing._places
    desk.open(replace(places, by_extension={}, lets_people=True))
    await desk.later()
    desk.missed("meanwhile", ago=0)
    desk.open(places)
    await desk.later()
    desk.missed("after", ago=0)
    await desk.later()

    [card] = desk.told()
    assert "3 times" not in card.text
    assert desk.counted == 1
