"""A step's ten minutes end while somebody presses: whichever is first counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.calls.call import Call
from bot.calls.people.phones import NO_PHONES
from bot.calls.telling import Added, Verdict
from bot.calls.workflow_step import CONFIRM_WITHIN, StepState, WorkflowStep
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
    """One process's steps, with a switchboard and a Slack that note what they are asked."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.clock = clock
        self.rows = Between(store.writer)
        self.placed: list[str] = []
        self.told: list[str] = []
        switchboard: Any = SimpleNamespace(place=self._place)
        functions: Any = SimpleNamespace(fail=self._fail)
        nothing: Any = SimpleNamespace()
        completing = Completing(self.rows, functions, nothing, clock)
        self.steps = Steps(
            self.rows,
            self._call_of,
            switchboard,
            nothing,
            completing,
            clock,
            NO_CONTACT,
            admit=nothing,
        )

    async def press(self) -> bool:
        """Press ``Call``; return whether it counted."""
        try:
            await self.steps.confirm(STEP.id, ANN, CALLEE, NO_PHONES, None)
        except QuestionOver:
            return False
        return True

    async def end(self) -> None:
        """Look once at the steps that are due, when the ten minutes are over."""
        self.clock.pass_by(TICK.total_seconds())
        for step in await self.rows.lease_due(self.clock.now()):
            await self.steps._settle(step)

    async def _call_of(self, _key: str) -> Call | None:
        return a_call() if self.placed else None

    async def _place(self, key: str, *_: object, **__: object) -> Added:
        self.placed.append(key)
        return Added(Verdict.NEW, a_call())

    async def _fail(self, _place: object, _step: str, words: str) -> None:
        self.told.append(words)


@pytest.fixture
async def process(store: Store) -> Process:
    """Give a process that has asked, a moment before the ten minutes are over."""
    made = Process(store, FakeClock(NOON))
    assert await made.rows.begin(STEP)
    asking = StepState.ASKING
    await made.rows.change(STEP.id, asking, asking, STEP.ends_at)
    made.clock.pass_by((CONFIRM_WITHIN - TICK).total_seconds())
    return made


async def test_a_press_that_finds_the_step_ended_meanwhile_is_told(
    process: Process,
) -> None:
    """The workflow has gone on without the call, so no phone may ring."""
    process.rows.then = process.end

    counted = await process.press()

    assert (counted, process.placed) == (False, [])
    assert len(process.told) == 1
    assert process.told[0].startswith("Nobody confirmed the call within ten minutes")


async def test_an_end_that_finds_the_step_confirmed_meanwhile_is_none(
    process: Process,
) -> None:
    """The phone rings: the workflow must not read that nobody confirmed."""
    counted = []

    async def press() -> None:
        process.clock.pass_by(-TICK.total_seconds())  # their process's clock is behind
        counted.append(await process.press())
        process.clock.pass_by(TICK.total_seconds())

    process.rows.then = press
    await process.end()

    step = await process.rows.get(STEP.id)
    assert step is not None
    assert (counted, process.placed, process.told) == ([True], [STEP.key], [])
    assert step.state is StepState.CALLING


@pytest.mark.parametrize("round_", range(4))
async def test_of_many_at_once_either_the_presses_count_or_the_end(
    process: Process, round_: int
) -> None:
    """By the order in which the database takes them."""
    at_once = [process.press() for _ in range(3)]
    ending: Any = process.end()
    done = await asyncio.gather(*at_once[:round_], ending, *at_once[round_:])

    pressed = [each for each in done if each is not None]
    assert len(set(pressed)) == 1
    assert bool(process.told) != any(pressed)
    assert bool(process.placed) == any(pressed)
