"""Completes workflow steps: changes a failed step first, and tells Slack after that.

Otherwise a press could place a call that Slack was told had failed. If telling Slack
fails, the next process that looks at the step tells it again.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from bot.calls.call import Call
from bot.calls.workflow_step import CLOSING, StepEnd, StepState, WorkflowStep
from bot.clock import Clock
from bot.errors import ChatBusy, ChatError, ChatRefused
from bot.slack.posting.functions import Functions
from bot.slack.posting.permalinks import Permalinks
from bot.slack.texts import workflow_step as texts
from bot.storage.steps.workflow_steps import STEP_LEASE, WorkflowSteps

log = logging.getLogger(__name__)

COMPLETE_AGAIN = timedelta(seconds=10)
"""After an answer of Slack's that was lost. To complete a step twice changes nothing."""

COMPLETE_WITHIN = timedelta(days=1)


class Completing:
    """Ends the steps of all workspaces. Raises `StoreUnavailable`."""

    def __init__(
        self,
        steps: WorkflowSteps,
        functions: Functions,
        permalinks: Permalinks,
        clock: Clock,
    ) -> None:
        self._steps = steps
        self._functions = functions
        self._permalinks = permalinks
        self._clock = clock

    async def fail(self, step: WorkflowStep, end: StepEnd, words: str = "") -> None:
        """Fail a step, unless a press has changed it meanwhile.

        *words* say more than `WHY_FAILED`, which another process says in their place.
        """
        state, until = CLOSING[end], self._clock.now() + STEP_LEASE
        if await self._steps.change(step.id, step.state, state, until):
            words = words or texts.WHY_FAILED[end]
            await self._complete(
                replace(step, state=state),
                lambda: self._functions.fail(step.place, step.id, words),
            )

    async def succeed(self, step: WorkflowStep, call: Call) -> None:
        """Complete a step with how its *call* has ended."""
        card = replace(call.place, channel=call.card_channel)
        link = await self._permalinks.of(card, call.card_ts)
        outputs = texts.outputs(call, link)
        await self._complete(
            step, lambda: self._functions.succeed(step.place, step.id, outputs)
        )

    async def _complete(
        self, step: WorkflowStep, completing: Callable[[], Awaitable[None]]
    ) -> None:
        now = self._clock.now()
        state, next_at = StepState.DONE, now
        try:
            await completing()
        except ChatRefused as error:
            log.warning("a workflow step could not be completed: %s", error.error)
        except ChatError as error:
            if now < step.begun_at + COMPLETE_WITHIN:
                wait = error.retry_after if isinstance(error, ChatBusy) else 0
                state = step.state
                next_at = now + max(timedelta(seconds=wait), COMPLETE_AGAIN)
        await self._steps.change(step.id, step.state, state, next_at)
