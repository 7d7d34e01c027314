"""Rows that wait in a table are worked on when they are due, whatever goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StoreUnavailable
from bot.rounds import (
    AFTER_A_FAILURE,
    SHORTEST_PAUSE,
    Rounds,
    pause_until,
    work_if_due,
)
from fakes import FakeClock
from intents import NOON
from virtual_time import in_virtual_time

MINUTE = 60.0


class Looks:
    """Looks at a table, one after the other; *results*: their pauses, or their faults."""

    def __init__(self, *results: float | Exception) -> None:
        self._results = list(results)
        self.rounds = Rounds("reading letters")
        self.at: list[float] = []
        self.takes = 0.0

    async def look(self) -> float:
        """Note the time; return what it is told to, in the end a minute."""
        self.at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.takes)
        result = self._results.pop(0) if self._results else MINUTE
        if isinstance(result, Exception):
            raise result
        return result

    async def for_seconds(
        self, seconds: float, also: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Run for so many seconds, beside *also*."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                running = self.rounds.run(self.look)
                await asyncio.gather(running, *([also()] if also else ()))


def test_each_look_says_when_the_next_one_is() -> None:
    """Neither a moment too late, nor twenty times a second for nothing."""
    looks = Looks(5.0, 0.0, 7.0)

    in_virtual_time(looks.for_seconds(20))

    assert looks.at == [0, 5, 5, 12]


@pytest.mark.parametrize("fault", [StoreUnavailable(), ZeroDivisionError(), KeyError()])
def test_a_look_that_fails_is_made_again_in_a_second(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """One odd row, or a database that restarts, must not stop all others for good."""
    caplog.set_level(logging.INFO)
    looks = Looks(fault, 5.0)

    in_virtual_time(looks.for_seconds(20))

    assert looks.at == [0, AFTER_A_FAILURE, AFTER_A_FAILURE + 5]
    is_ours = not isinstance(fault, StoreUnavailable)
    assert ("reading letters failed" in caplog.messages) == is_ours
    assert ("reading letters waits for the database" in caplog.messages) != is_ours


@pytest.mark.parametrize("fault", [[], [ZeroDivisionError()]])
def test_a_wake_is_followed_by_a_look_at_once(fault: list[Exception]) -> None:
    """What a person has just asked for does not wait for the next look."""
    looks = Looks(*fault)

    async def wake() -> None:
        await asyncio.sleep(0.5)
        looks.rounds.wake()

    in_virtual_time(looks.for_seconds(0.9, wake))

    assert looks.at == [0, 0.5]


def test_a_wake_during_a_look_is_not_lost() -> None:
    """That look may have read the table just before the row was there."""
    looks = Looks()
    looks.takes = 1.0

    async def wake() -> None:
        await asyncio.sleep(0.5)
        looks.rounds.wake()

    in_virtual_time(looks.for_seconds(30, wake))

    assert looks.at == [0, 1]


def test_a_stop_ends_it() -> None:
    """A process that stops waits for no pause, and logs no fault."""
    looks = Looks()

    async def stop() -> None:
        task = asyncio.create_task(looks.rounds.run(looks.look))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()

    in_virtual_time(stop())


@given(
    st.none() | st.floats(-1e6, 1e6, allow_nan=False),
    st.floats(SHORTEST_PAUSE, 1e4, allow_nan=False),
)
def test_a_pause_is_over_when_the_first_row_is_due(
    due_in: float | None, longest: float
) -> None:
    """Or sooner: other processes store rows, too, and nobody wakes this one for them."""
    first = None if due_in is None else NOON + timedelta(seconds=due_in)

    pause = pause_until(first, NOON, longest)

    assert SHORTEST_PAUSE <= pause <= longest
    if first is None:
        assert pause == longest
    elif NOON + timedelta(seconds=SHORTEST_PAUSE) < first:
        assert pause == min((first - NOON).total_seconds(), longest)


@pytest.mark.parametrize(
    ("dues", "worked", "pause"),
    [
        ([None], False, MINUTE),
        ([7], False, 7.0),
        ([0, None], True, MINUTE),
        ([-3, 8], True, 8.0),
        ([-3, -3], True, SHORTEST_PAUSE),
    ],
    ids=["none", "later", "the last", "one more", "another process has it"],
)
async def test_a_lease_is_taken_only_of_what_is_due(
    dues: list[int | None], pause: float, *, worked: bool
) -> None:
    """A lease is a write, and an idle process makes none."""
    clock, reads = FakeClock(), list(dues)
    begun: list[datetime] = []

    async def first_due() -> datetime | None:
        due = reads.pop(0)
        return None if due is None else clock.now() + timedelta(seconds=due)

    async def work(now: datetime) -> None:
        begun.append(now)

    assert await work_if_due(first_due, work, clock, MINUTE) == pause
    assert begun == [clock.now()] * worked
    assert reads == []
