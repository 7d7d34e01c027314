"""Endless tasks: what happens if one of them ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bot.background import Endless
from bot.rounds import Rounds
from bot.slack.posting.pace import Edit, Pace
from bot.slack.texts.text import Message
from desk import Desk
from fakes import FakeClock
from intents import ANN
from patience import PATIENCE
from town import Town


async def forever() -> None:
    """Run as such a task should."""
    await asyncio.Event().wait()


async def failing() -> None:
    """Fail with a bug."""
    raise ZeroDivisionError


async def test_a_failure_is_told_at_once_and_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The process then accepts no more work; a requested stop is no failure."""
    closing = asyncio.Event()
    tasks = Endless(closing)
    assert not tasks.is_running
    tasks.start(forever(), name="follower")
    assert tasks.is_running

    tasks.start(failing(), name="cards")
    for _ in range(5):  # turns of the loop
        await asyncio.sleep(0)
    assert tasks.failed.is_set()
    running = tasks.is_running
    await tasks.stop()

    assert closing.is_set()
    assert not running
    [line] = [each for each in caplog.records if each.levelno == logging.CRITICAL]
    assert line.getMessage() == "cards has ended"


def rounds() -> tuple[Coroutine[Any, Any, None], Callable[[], None]]:
    """Return rounds that wait for their next look, and what wakes them."""

    async def look() -> float:
        return 3600.0

    made = Rounds("reading letters")
    return made.run(look), made.wake


def edits() -> tuple[Coroutine[Any, Any, None], Callable[[], None]]:
    """Return the edits of cards, of which one waits for its turn, and what wakes them."""

    async def taken(_: Edit) -> None:
        return None

    made = Pace(taken, taken, FakeClock(), per_minute=1)
    for call in ("a", "b", "c"):
        made.want(Edit(call, ANN, "C1", "1.1", Message("Calling"), last=False))
    return made.run(), made._wake.set


@pytest.mark.parametrize("waiting", [rounds, edits])
async def test_a_task_that_is_woken_in_the_moment_of_the_stop_ends(
    waiting: Callable[[], tuple[Coroutine[Any, Any, None], Callable[[], None]]],
) -> None:
    """The stop waited forever for one that had slept through its end.

    `asyncio.wait_for` forgets a cancellation if what it waits for has just come.
    """
    tasks = Endless(asyncio.Event())
    run, wake = waiting()
    tasks.start(run, name="waits")
    for _ in range(9):  # turns of the loop
        await asyncio.sleep(0)
    wake()

    async with asyncio.timeout(PATIENCE):
        await tasks.stop()

    assert not tasks.is_running


async def test_commands_are_refused_once_a_task_is_gone(town: Town) -> None:
    """Nobody would follow the call, or show its card."""
    assert town.bot is not None
    town.bot._endless.start(failing(), name="cards")
    await town.until(town.bot.failed.is_set)

    ack = await town.types()

    assert "no call was placed" in ack.text
    assert town.posts == 0
    assert not town.bot._working()


async def test_a_follower_that_reads_no_log_any_more_ends(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would follow calls to their end without posting their results."""

    async def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(desk.recorder, "read_if_due", broken)

    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(desk.follower.run(), PATIENCE)
