"""A call back: one call, by the account and rules of whoever presses, and the card says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from bot.calls.call import Call, End, State
from bot.calls.log.ending import Ending
from bot.calls.log.leg import Party
from bot.calls.log.outcome import Outcome, Side
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Shows
from bot.errors import NotConnected
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls
from bot.storage.missed.cards import show_call_back
from intents import a_call
from missed import BO, MissedDesk, a_desk, labels, shown, the_card

BOTH_ANSWERED = Outcome(Side(Ending.ANSWERED), Side(Ending.ANSWERED))


class Killed(BaseException):
    """The process was killed here."""


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[MissedDesk]:
    """Give a bot that has told of one missed call."""
    async with a_desk(store) as made:
        made.missed("one")
        await made.later()
        yield made


def a_call_back(desk: MissedDesk, name: str = "ann", **changes: Any) -> Call:
    """Return the call that the switchboard places for somebody."""
    now = desk.clock.now()
    values = {"place": desk.place(name), "callee": PhoneNumber(BO), "asked_at": now}
    return a_call(**{"next_at": now} | values | changes)


async def ended(desk: MissedDesk, **changes: Any) -> None:
    """Store how the call back ended, and have the card show it."""
    over: dict[str, Any] = {
        "state": State.REPORTING,
        "end": End.RECORDED,
        "outcome": BOTH_ANSWERED,
    }

    def end(call: Call) -> Call:
        return replace(call, **over | changes)

    await desk.store.change("c1", end, desk.clock.now())
    now = desk.clock.now()
    await desk.store.writer.run(lambda c: show_call_back(c, "c1", now))
    await desk.show()


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


@pytest.mark.parametrize("column", ["end", "state", "aftermath"])
async def test_a_card_whose_call_back_only_a_newer_version_reads_waits_for_it(
    desk: MissedDesk, column: str
) -> None:
    """Else it would say for ever that somebody only has it; other cards go on."""
    card = await the_card(desk)
    desk.switches.call = a_call_back(desk)
    await desk.deeds.call_back(desk.place(), card.id)
    await desk.show()
    before = shown(desk).text
    good = {"end": End.RECORDED, "state": State.REPORTING}

    async def write(value: str | None) -> None:
        written = update(calls).where(calls.c.id == "c1").values({column: value})
        await desk.store.writer.run(lambda c: c.execute(written))

    over: dict[str, Any] = {"end": End.RECORDED, "outcome": BOTH_ANSWERED}
    over["state"] = State.REPORTING
    await desk.store.change("c1", lambda c: replace(c, **over), desk.clock.now())
    await write("a newer word")
    now = desk.clock.now()
    await desk.store.writer.run(lambda c: show_call_back(c, "c1", now))
    desk.missed("two", caller=Party("+14155550143"))
    await desk.later()
    await desk.later(minutes=5)
    assert desk.told()[0].text == before
    assert len(desk.told()) == 2

    await write(good.get(column))
    await desk.later(minutes=1)
    assert "called back" in desk.told()[0].text
    assert await desk.cards.first_due() is None
