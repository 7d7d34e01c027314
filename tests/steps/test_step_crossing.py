"""A step's ten minutes end while somebody presses: whichever is first counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.calls.call import Call
from bot.calls.people.phones import NO_PHONES
from bot.calls.workflow_step import StepState, WorkflowStep
from bot.policy.added import Added, Verdict
from bot.slack.texts.contact import NO_CONTACT
from bot.steps.completing import Completing
from bot.steps.steps import Steps
from bot.storage.calls.store import Store
from bot.storage.steps.workflow_steps import WorkflowSteps
from bot.user_errors import QuestionOver
from fakes import FakeClock
from intents import ANN, CALLEE, NOON, a_call

STEP = WorkflowStep.begun("Fx1", ANN, NOON)
TICK = timedelta(milliseconds=1)


class Between(WorkflowSteps):
    """Runs *then*, once, after a step was read and before it is changed by that."""

    then: Callable[[], Any] | None = None

    async def get(self, step_id: str) -> WorkflowStep | None:
        """Return a step as it was before *then*."""
        found = await super().get(step_id)
        await self._between()
        return found

    async def lease_due(self, now: Any) -> list[WorkflowStep]:
        """Return the steps that are due, as they were before *then*."""
        found = await super().lease_due(now)
        await self._between()
        return found

    async def _between(self) -> None:
        then, self.then = self.then, None
        if then is not None:
            await then()


class Process:
    """One process's steps, with a switchboard and a Slack that note what they are asked.

    A call that is placed is not in the database yet while the others look.
    """

    def __init__(self, store: Store, now: datetime) -> None:
        self.clock = FakeClock(now)
        self.rows = Between(store.writer)
        self.placed: list[str] = []
        self.told: list[str] = []
        switchboard: Any = SimpleNamespace(place=self._place)
        functions: Any = SimpleNamespace(fail=self._fail)
        nothing: Any = SimpleNamespace()
        calls: Any = SimpleNamespace(with_key=self._call_of, is_stored=self._is_stored)
        presence: Any = SimpleNamespace(check=self._check)
        completing = Completing(self.rows, functions, nothing, self.clock)
        self.steps = Steps(
            self.rows,
            calls,
            switchboard,
            nothing,
            completing,
            self.clock,
            NO_CONTACT,
            admit=nothing,
            presence=presence,
        )

    async def press(self) -> bool:
        """Press ``Call``; return whether it counted."""
        try:
            await self.steps.confirm(STEP.id, ANN, CALLEE, NO_PHONES, None, frozenset())
        except QuestionOver:
            return False
        return True

    async def end(self) -> None:
        """Look once at the steps that are due."""
        for step in await self.rows.lease_due(self.clock.now()):
            await self.steps._settle(step)

    async def _call_of(self, _key: str) -> Call | None:
        return None

    async def _is_stored(self, _key: str) -> bool:
        return False

    async def _check(self, *_: object) -> None:
        """Find the person in the channel of the step."""

    async def _place(self, key: str, *_: object, **__: object) -> Added:
        self.placed.append(key)
        return Added(Verdict.NEW, a_call())

    async def _fail(self, _place: object, _step: str, words: str) -> None:
        self.told.append(words)


@pytest.fixture
async def pressed(store: Store) -> Process:
    """Give the process that gets the press, for which the ten minutes are not over yet."""
    made = Process(store, STEP.ends_at - TICK)
    assert await made.rows.begin(STEP)
    asking = StepState.ASKING
    await made.rows.change(STEP.id, asking, asking, STEP.ends_at)
    return made


@pytest.fixture
def ending(store: Store) -> Process:
    """Give another one, for which they are."""
    return Process(store, STEP.ends_at + TICK)


async def test_a_press_that_finds_the_step_ended_meanwhile_is_told(
    pressed: Process, ending: Process
) -> None:
    """The workflow has gone on without the call, so no phone may ring."""
    pressed.rows.then = ending.end

    counted = await pressed.press()

    assert (counted, pressed.placed) == (False, [])
    assert len(ending.told) == 1
    assert ending.told[0].startswith("Nobody confirmed the call within ten minutes")


async def test_an_end_that_finds_the_step_confirmed_meanwhile_is_none(
    pressed: Process, ending: Process
) -> None:
    """The phone rings: the workflow must not read that nobody confirmed."""
    ending.rows.then = pressed.press

    await ending.end()

    step = await pressed.rows.get(STEP.id)
    assert step is not None
    assert (pressed.placed, ending.told) == ([STEP.key], [])
    assert step.state is StepState.CALLING


@pytest.mark.parametrize("before", range(4))
async def test_of_many_at_once_either_the_presses_count_or_the_end(
    pressed: Process, ending: Process, before: int
) -> None:
    """By the order in which the database takes them."""
    presses = [pressed.press() for _ in range(3)]
    over: Any = ending.end()
    done = await asyncio.gather(*presses[:before], over, *presses[before:])

    counted = {each for each in done if each is not None}
    assert len(counted) == 1
    assert bool(ending.told) != counted.pop()
    assert bool(pressed.placed) != bool(ending.told)
