"""Runs of the workflow step, and the question that each asks Ann."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from bot.sandbox.slack.functions import StepRun
from bot.sandbox.slack.messages import Message
from bot.slack.texts.workflow_step import STEP_CALL_BUTTON
from town import CALLEE, QUICK, Town

Found = TypeVar("Found")
STEP_TEMPO = replace(QUICK, steps=timedelta(seconds=0.05))


async def seen(town: Town, look: Callable[[], Found | None]) -> Found:
    """Wait until *look* finds something."""
    found = await town.until(look)
    assert found is not None
    return found


async def run(town: Town, **changes: Any) -> StepRun:
    """Have a workflow run the step for Ann."""
    inputs = {
        "person": {"id": town.slack.workspace.user("ann").id, "secret": "s"},
        "number": CALLEE,
        "reason": "Northwind renewal",
        "channel": town.slack.channel("sales").id,
    }
    return await town.slack.run_step("place_call", **(inputs | changes))


def question(town: Town) -> Message | None:
    """Return the question in Ann's DM, once it is there."""
    found = [
        each for each in town.slack.dm("ann") if STEP_CALL_BUTTON in str(each.blocks)
    ]
    return found[-1] if found else None
