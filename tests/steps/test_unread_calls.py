"""Steps whose call this version of the bot can't read, or that meet a fault of ours."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update

from bot.calls.call import End, State
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.workflow_step import (
    PLACE_WITHIN,
    UNREAD_FOR,
    StepState,
    WorkflowStep,
    key_of_step,
)
from bot.slack.texts.contact import NO_CONTACT
from bot.steps.completing import Completing
from bot.steps.steps import Steps
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls
from bot.storage.steps.tables import workflow_steps
from bot.storage.steps.workflow_steps import STEP_LEASE, WorkflowSteps
from bot.user_errors import QuestionOver
from fakes import FakeClock
from intents import ANN, NOON, a_call, add_call

FIRST = WorkflowStep.begun("Fx1", ANN, NOON)
BOTH = Side(Ending.ANSWERED)
OVER: dict[str, Any] = {
    "state": State.DONE,
    "end": End.RECORDED,
    "outcome": Outcome(BOTH, BOTH, timedelta(seconds=42)),
}


class OldProcess:
    """A process with a Slack that notes which steps ended, and how."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = FakeClock(NOON)
        self.rows = WorkflowSteps(store.writer)
        self.told: dict[str, Any] = {}
        functions: Any = SimpleNamespace(fail=self._end, succeed=self._end)
        links: Any = SimpleNamespace(of=self._link)
        nothing: Any = SimpleNamespace()
        self.steps = Steps(
            self.rows,
            store,
            nothing,
            nothing,
            Completing(self.rows, functions, links, self.clock),
            self.clock,
            NO_CONTACT,
            admit=nothing,
            presence=nothing,
        )

    async def calling(self, step_id: str) -> None:
        """Store a step that was confirmed, with the call of that, which is over."""
        step = WorkflowStep.begun(step_id, ANN, NOON)
        await self.rows.begin(step)
        await self.rows.change(step_id, StepState.ASKING, StepState.CALLING, NOON)
        call = a_call(id=f"c-{step_id}", key=key_of_step(step_id), **OVER)
        await add_call(self.store, call, most=9, again=True)

    async def write(self, step_id: str, **values: Any) -> None:
        """Change the row of a step's call, as a newer version would."""
        mine = update(calls).where(calls.c.id == f"c-{step_id}").values(**values)
        await self.store.writer.run(lambda c: c.execute(mine))

    async def look(self, at: datetime) -> None:
        """Look at the steps that are due at a moment."""
        self.clock.pass_by((at - self.clock.now()).total_seconds())
        for step in await self.rows.lease_due(at):
            await self.steps._try_to_settle(step)

    async def _end(self, _place: object, step_id: str, said: Any) -> None:
        self.told[step_id] = said

    async def _link(self, *_: object) -> str:
        return ""


@pytest.fixture
def process(store: Store) -> OldProcess:
    """Give a process of the version that can't read the call."""
    return OldProcess(store)


@pytest.mark.parametrize("column", ["end", "state", "why", "aftermath"])
async def test_a_step_waits_for_a_version_that_reads_its_call(
    process: OldProcess, column: str
) -> None:
    """It was placed: a workflow that is told the opposite calls the customer once more."""
    await process.calling("Fx1")
    await process.calling("Fx2")
    good = {"end": End.RECORDED, "state": State.DONE}
    await process.write("Fx1", **{column: "a newer word"})

    for late in (timedelta(0), PLACE_WITHIN + timedelta(minutes=1)):
        await process.look(FIRST.ends_at + late)
    assert list(process.told) == ["Fx2"]
    with pytest.raises(QuestionOver):
        await process.steps.decline("Fx1", ANN)

    await process.write("Fx1", **{column: good.get(column)})
    await process.look(FIRST.ends_at + timedelta(hours=1))
    assert process.told["Fx1"]["callee_result"] == "answered"


async def test_a_step_does_not_wait_for_ever(process: OldProcess) -> None:
    """After a day it fails in words that do not say that nobody was called."""
    await process.calling("Fx1")
    await process.write("Fx1", end="a newer word")

    await process.look(FIRST.ends_at + UNREAD_FOR - timedelta(seconds=1))
    assert process.told == {}
    await process.look(FIRST.ends_at + UNREAD_FOR + timedelta(minutes=1))

    assert process.told == {
        "Fx1": "The call was placed, but how it ended is not known."
    }
    assert await process.rows.first_due() is None


async def test_a_step_in_a_newer_state_holds_up_no_other(process: OldProcess) -> None:
    """All that are due are read at once."""
    await process.calling("Fx1")
    await process.calling("Fx2")
    newer = update(workflow_steps).where(workflow_steps.c.id == "Fx1")
    await process.store.writer.run(lambda c: c.execute(newer.values(state="newer")))

    assert await process.rows.first_due() == NOON
    await process.look(NOON)

    assert list(process.told) == ["Fx2"]
    assert await process.rows.first_due() is None


async def test_a_fault_with_one_step_holds_up_no_other(
    process: OldProcess,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It would end the task, and with it the process; the step is tried again."""
    await process.calling("Fx1")
    await process.calling("Fx2")
    succeed = process.steps._completing.succeed

    async def fails(step: WorkflowStep, call: Any) -> None:
        if step.id == "Fx1":
            raise ValueError("a bug")
        await succeed(step, call)

    monkeypatch.setattr(process.steps._completing, "succeed", fails)
    await process.look(NOON)
    assert list(process.told) == ["Fx2"]
    assert "a workflow step could not be settled" in caplog.text

    monkeypatch.undo()
    await process.look(NOON + STEP_LEASE)
    assert list(process.told) == ["Fx2", "Fx1"]
