"""Reminders: posted once, whatever dies when, and ended with their call or person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from alarms import KEPT, ON, Alarm, an_alarm
from bot.calls.people.person import Shows
from bot.storage.after.reminders import ReminderRows
from bot.storage.calls.store import Store
from bot.storage.people.connections import Connections
from bot.storage.retention import Retention
from bot.user_errors import (
    AccessDenied,
    AccessRule,
    OutdatedButton,
    StandingUnknown,
    UnknownCall,
)
from bot.vault import Vault
from intents import CALLEE


@pytest.fixture
async def alarm(store: Store) -> AsyncIterator[Alarm]:
    """Give one bot's reminders."""
    async with an_alarm(store) as made:
        yield made


async def test_a_reminder_comes_once_when_it_is_due(alarm: Alarm) -> None:
    """With the call, whole for whom it is, its note, and a button to call."""
    await alarm.over()
    await alarm.set()

    await alarm.later(minutes=14)
    assert alarm.told() == []
    await alarm.later(minutes=1)
    await alarm.later(minutes=30)

    [told] = alarm.told()
    assert CALLEE.international in told.text
    assert "Ask for &lt;Bo&gt;" in str(told.blocks)
    assert "'action_id': 'call_reminded'" in str(told.blocks)
    assert "due" not in told.text
    assert CALLEE.e164 not in str(told.metadata)
    assert await alarm.count() == 0


async def test_a_reminder_after_an_outage_says_that_it_is_late(alarm: Alarm) -> None:
    """Who promised to call at five must know that it is seven."""
    await alarm.over()
    await alarm.set()

    await alarm.later(hours=2)

    [told] = alarm.told()
    assert "I couldn't send it then." in told.text


async def test_a_colleague_reads_the_number_masked(alarm: Alarm) -> None:
    """Their reminder shows no more than the card that they set it on."""
    await alarm.over()
    await alarm.set("bob")

    await alarm.later(minutes=15)

    [told] = alarm.told("bob")
    assert "…0142" in told.text
    assert CALLEE.international not in told.text + str(told.blocks)


async def test_a_form_that_comes_twice_sets_one_reminder(alarm: Alarm) -> None:
    """And a second form of the same person moves it."""
    await alarm.over()
    await alarm.set(minutes=15)
    await alarm.set(minutes=15)
    assert await alarm.count() == 1
    await alarm.set(key="V2", hours=1)
    await alarm.set("bob", key="V2", hours=1)

    assert await alarm.count() == 2
    await alarm.later(minutes=15)
    assert alarm.told() == []
    await alarm.later(minutes=45)
    assert (len(alarm.told()), len(alarm.told("bob"))) == (1, 1)


async def test_somebody_cancels_their_own_reminder_alone(alarm: Alarm) -> None:
    """A forged button must not drop a colleague's, here or in another workspace."""
    await alarm.over()
    await alarm.set()
    rows = ReminderRows(alarm.store.writer, alarm.store.unreadable)
    [(mine, call)] = await rows.of_person(alarm.place().person)
    assert call.id == "c1"

    strangers = (alarm.place("bob"), replace(alarm.place(), team="T9"))
    for place in strangers:
        with pytest.raises(OutdatedButton):
            await alarm.reminders.cancel(place, mine.id)
        assert await rows.of_person(place.person) == []
    await alarm.reminders.cancel(alarm.place(), mine.id)

    await alarm.later(minutes=15)
    assert alarm.told() == []
    assert alarm.door.homes.count(alarm.place().person) == 2


async def test_nobody_is_reminded_of_a_call_of_another_workspace(alarm: Alarm) -> None:
    """Nor of one that its person keeps to themselves."""
    await alarm.over(shows=Shows.PRIVATE)
    at = alarm.clock.now() + KEPT / 2

    other = replace(alarm.place(), team="T9")
    with pytest.raises(UnknownCall):
        await alarm.reminders.remind("V1", other, "c1", at)
    with pytest.raises(AccessDenied):
        await alarm.set("bob")

    assert await alarm.count() == 0


async def test_a_reminder_ends_with_its_call_and_with_its_person(alarm: Alarm) -> None:
    """Retention, ``erase``, leaving and disconnecting reach it."""
    ann = alarm.place().person
    retention = Retention(alarm.store.writer)
    connections = Connections(alarm.store.writer, Vault(()))

    async def erase() -> None:
        await retention.erase(CALLEE.e164, dry=False)

    async def forget() -> None:
        await retention.purge(alarm.clock.now() + KEPT)

    async def leave() -> None:
        now = alarm.clock.now()
        await connections.erase_within(ann.enterprise, ann.team, ann.user, now)

    async def disconnect() -> None:
        await connections.erase(ann, alarm.clock.now())

    for turn, end in enumerate((erase, forget, leave, disconnect)):
        await alarm.over(id="c1", key=f"t{turn}") if turn < 3 else None
        await alarm.set(key=f"V{turn}")
        assert await alarm.count() == 1
        await end()
        assert await alarm.count() == 0


async def test_whoever_may_not_use_the_bot_any_more_is_not_reminded(
    alarm: Alarm,
) -> None:
    """And while Slack does not say whether they may, the reminder waits."""
    await alarm.over()
    await alarm.set()
    alarm.door.refusal = StandingUnknown()
    await alarm.later(minutes=15)
    assert await alarm.count() == 1

    alarm.door.refusal = AccessDenied(AccessRule.GUESTS)
    await alarm.later(minutes=1)

    assert (alarm.told(), await alarm.count()) == ([], 0)


async def test_of_a_card_that_is_its_persons_again_nobody_else_is_reminded(
    alarm: Alarm,
) -> None:
    """The operator has taken ``channel:`` out of RINGOUT_OUTCOMES meanwhile."""
    await alarm.over()
    await alarm.set("ann", "V1")
    await alarm.set("bob", "V2")
    alarm.reminders._dispositions = replace(ON, by_channel=False)

    await alarm.later(minutes=15)

    assert (len(alarm.told("ann")), alarm.told("bob")) == (1, [])
    assert await alarm.count() == 0


async def test_a_reminder_that_slack_has_no_time_for_comes_later(alarm: Alarm) -> None:
    """A 429 is no loss: Slack says that it has posted nothing."""
    await alarm.over()
    await alarm.set()
    alarm.slack.faults.add("ratelimited", "chat.postMessage", retry_after=30)

    await alarm.later(minutes=15)
    await alarm.later(seconds=29)
    assert alarm.told() == []
    await alarm.later(seconds=2)

    assert len(alarm.told()) == 1
    assert alarm.slack.calls_of("conversations.history") == []


async def test_where_the_call_of_a_reminder_goes(alarm: Alarm) -> None:
    """One's own goes to its channel again, a colleague's to the DM."""
    await alarm.over()
    dm = replace(alarm.place(), channel="D1")

    assert await alarm.reminders.where(dm, "c1") == alarm.place()
    bob = replace(alarm.place("bob"), channel="D2")
    assert await alarm.reminders.where(bob, "c1") == bob
    other = replace(dm, team="T9")
    assert await alarm.reminders.where(other, "c1") == other
