"""Reminders: one message each, whichever process posts it, and whatever dies when."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import update

from alarms import Alarm, an_alarm
from bot.calls.call import Place
from bot.storage.after.reminders import REMINDER_LEASE, ReminderRows
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls


class Killed(BaseException):
    """The process was killed here."""


@pytest.fixture
async def alarm(store: Store) -> AsyncIterator[Alarm]:
    """Give one bot's reminders."""
    async with an_alarm(store) as made:
        yield made


def at_lease(alarm: Alarm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill the process right after it has leased the reminder."""
    monkeypatch.setattr(alarm.reminders, "_settle", killed)


def before_post(alarm: Alarm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill it before the message goes out."""
    monkeypatch.setattr(alarm.marks, "post", killed)


def after_post(alarm: Alarm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill it when Slack has the message, before that is stored."""
    monkeypatch.setattr(alarm.reminders._rows, "done", killed)


async def killed(*_: object, **__: object) -> None:
    """Die."""
    raise Killed


@pytest.mark.parametrize("die", [at_lease, before_post, after_post])
async def test_a_reminder_comes_once_whenever_its_process_dies(
    alarm: Alarm,
    monkeypatch: pytest.MonkeyPatch,
    die: Callable[[Alarm, pytest.MonkeyPatch], None],
) -> None:
    """Another process posts it, if it is not there: never twice, and never not at all."""
    await alarm.over()
    await alarm.set()
    with monkeypatch.context() as dying:
        die(alarm, dying)
        with pytest.raises(Killed):
            await alarm.later(minutes=15)

    await alarm.later(seconds=5)
    assert len(alarm.told()) == (die is after_post)
    for _ in range(2):
        await alarm.later(seconds=REMINDER_LEASE.total_seconds())

    assert len(alarm.told()) == 1
    assert await alarm.count() == 0


@pytest.mark.parametrize("there", [True, False])
async def test_a_reminder_whose_answer_was_lost_is_looked_for(
    alarm: Alarm,
    there: bool,  # noqa: FBT001 - parametrized
) -> None:
    """Slack may have posted it all the same."""
    await alarm.over()
    await alarm.set()
    alarm.slack.faults.add("reset", "chat.postMessage", before_effect=not there)

    await alarm.later(minutes=15)
    assert len(alarm.told()) == there
    await alarm.later(seconds=REMINDER_LEASE.total_seconds())

    assert len(alarm.told()) == 1
    assert await alarm.count() == 0


async def test_two_processes_post_one_reminder(alarm: Alarm) -> None:
    """Who comes second finds it leased."""
    await alarm.over()
    await alarm.set()
    alarm.clock.pass_by(15 * 60)
    rows = ReminderRows(alarm.store.writer, alarm.store.unreadable)

    [mine] = await rows.lease_due(alarm.clock.now())
    assert await rows.lease_due(alarm.clock.now()) == []

    assert not mine.is_tried


async def test_a_reminder_whose_lease_is_over_is_left_to_the_next_process(
    alarm: Alarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack was slow with the ones before it: two messages would come at once."""
    await alarm.over()
    for name in ("ann", "bob"):
        await alarm.set(name, f"V {name}")
    post, posted = alarm.marks.post, []

    async def slow(*values: Any, **options: Any) -> tuple[str, str]:
        posted.append(values)
        found = await post(*values, **options)
        if len(posted) == 1:
            alarm.clock.pass_by(REMINDER_LEASE.total_seconds() + 1)
            await alarm.reminders.post_due()  # as another process does
        return found

    monkeypatch.setattr(alarm.marks, "post", slow)
    await alarm.later(minutes=15)
    await alarm.later(seconds=2 * REMINDER_LEASE.total_seconds())

    assert (len(alarm.told("ann")), len(alarm.told("bob"))) == (1, 1)
    assert await alarm.count() == 0


@pytest.mark.parametrize(("slow", "posted"), [(41, 0), (39, 1), (61, 0), (0, 1)])
async def test_a_reminder_is_sent_long_before_its_lease_ends(
    alarm: Alarm,
    monkeypatch: pytest.MonkeyPatch,
    slow: float,
    posted: int,
) -> None:
    """However long Slack takes to say whether its person may use the bot."""
    await alarm.over()
    await alarm.set()

    async def admit(_place: Place) -> None:
        alarm.clock.pass_by(slow)

    monkeypatch.setattr(alarm.reminders, "_admit", admit)
    await alarm.later(minutes=15)

    assert len(alarm.told()) == posted
    monkeypatch.undo()
    await alarm.later(minutes=2)
    assert (len(alarm.told()), await alarm.count()) == (1, 0)


@pytest.mark.parametrize("column", ["end", "why", "aftermath"])
async def test_a_reminder_of_a_call_that_only_a_newer_version_reads_waits_for_it(
    alarm: Alarm, column: str
) -> None:
    """While processes are replaced one by one, an old one may find it first."""
    await alarm.over()
    await alarm.set()
    call = await alarm.store.get("c1")
    assert call is not None
    known = {"end": call.end, "why": call.why, "aftermath": None}
    mine = update(calls).where(calls.c.id == "c1")

    async def write(value: str | None) -> None:
        written = mine.values({column: value})
        await alarm.store.writer.run(lambda c: c.execute(written))

    await write("a newer word")
    await alarm.later(minutes=15)
    await alarm.later(minutes=5)
    assert (alarm.told(), await alarm.count()) == ([], 1)
    rows = ReminderRows(alarm.store.writer, alarm.store.unreadable)
    assert await rows.of_person(alarm.place().person) == []  # and the Home opens

    await write(known[column])
    await alarm.later(minutes=1)
    assert (len(alarm.told()), await alarm.count()) == (1, 0)
