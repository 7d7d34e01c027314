"""Runs workflow steps: asks a person in their DM, follows their call, completes the step.

A step is stored before Slack's event is acked. Slack delivers an event again, and the
question is looked for before it is posted again, so a person is asked once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from bot.calls.call import Call, Place
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import Name
from bot.calls.people.phones import NamedPhones
from bot.calls.telling import Added, Verdict
from bot.calls.workflow_step import (
    StepEnd,
    StepState,
    WorkflowStep,
    end_of,
    key_of_step,
)
from bot.clock import Clock
from bot.errors import (
    ChatBusy,
    ChatError,
    ChatRefused,
    NotConnected,
    StoreUnavailable,
    UserError,
)
from bot.slack.entrances.ports import StepSwitchboard
from bot.slack.posting.functions import Functions
from bot.slack.posting.marks import Mark, Marks
from bot.slack.posting.permalinks import Permalinks
from bot.slack.texts import workflow_step as texts
from bot.slack.texts.contact import Contact
from bot.storage.steps.workflow_steps import STEP_LEASE, WorkflowSteps
from bot.user_errors import OutdatedButton

log = logging.getLogger(__name__)

QUESTION_WITHIN = 20.0
"""Seconds to post a question: less than the step's lease."""

LOOK_AT_CALLS_EVERY = timedelta(seconds=2)
"""How often a call is looked at whose step waits: in the database alone."""

LOOK_AT_STEPS_WITHIN = 60.0
"""Seconds until the steps of a process that has died are seen."""

SHORTEST_PAUSE = 0.02
"""Seconds: a step that is due may be in another process's hands just now."""

COMPLETE_AGAIN = timedelta(seconds=10)
"""After an answer of Slack's that was lost. To complete a step twice changes nothing."""

COMPLETE_WITHIN = timedelta(days=1)


class Steps:
    """Workflow steps of all workspaces; *call_of* finds a call by its key."""

    def __init__(
        self,
        steps: WorkflowSteps,
        call_of: Callable[[str], Awaitable[Call | None]],
        switchboard: StepSwitchboard,
        marks: Marks,
        functions: Functions,
        permalinks: Permalinks,
        clock: Clock,
        contact: Contact,
        *,
        look_every: timedelta = LOOK_AT_CALLS_EVERY,
    ) -> None:
        self._steps = steps
        self._call_of = call_of
        self._switchboard = switchboard
        self._marks = marks
        self._functions = functions
        self._permalinks = permalinks
        self._clock = clock
        self._contact = contact
        self._look_every = look_every
        self._changed = asyncio.Event()

    async def ask(self, step_id: str, place: Place, number: str, reason: str) -> None:
        """Ask the person of *place* whether to call *number*, or fail the step in words.

        Raises:
            ChatError, StoreUnavailable: Slack has to deliver the event again.
        """
        step = WorkflowStep.begun(step_id, place, self._clock.now())
        if not await self._steps.begin(step) and await self._was_asked(step):
            return
        try:
            found = await self._switchboard.prospect(place, number)
        except (UserError, NotConnected) as error:
            await self._fail(step, texts.refused(error, self._contact))
            return
        question = texts.question(found, reason, place.person, step)
        before = self._clock.monotonic() + QUESTION_WITHIN
        await self._marks.post(place, place.user, question, _mark(step), before=before)
        await self._wait_for_press(step)

    async def confirm(
        self,
        step_id: str,
        place: Place,
        to: PhoneNumber,
        phones: NamedPhones,
        name: Name | None,
    ) -> Added:
        """Place a step's call, as `Switchboard.place` does, and raise what that raises.

        Also raises `OutdatedButton`: the step was not confirmed in time.
        """
        step = await self._steps.get(step_id)
        now = self._clock.now()
        if step is None or not step.place.person.is_also(place.person):
            raise OutdatedButton
        if step.state is StepState.ASKING and now >= step.ends_at:
            raise OutdatedButton
        is_first = await self._steps.change(
            step_id, StepState.ASKING, StepState.CALLING, now + self._look_every
        )
        if not is_first and step.state is StepState.DONE:
            raise OutdatedButton
        try:
            added = await self._switchboard.place(
                key_of_step(step_id),
                replace(step.place, user=place.user),
                to,
                phones.caller,
                as_=phones.caller_id,
                sure=True,
                name=name,
            )
        except BaseException:
            await self._unconfirmed(step)
            raise
        if added.verdict in {Verdict.TOO_MANY, Verdict.ALREADY_OPEN}:
            await self._unconfirmed(step)
        self._changed.set()
        return added

    async def decline(self, step_id: str, place: Place) -> None:
        """Fail a step whose person does not want to call now."""
        step = await self._steps.get(step_id)
        if step is None or not step.place.person.is_also(place.person):
            raise OutdatedButton
        if step.state is StepState.ASKING:
            await self._fail(step, texts.WHY_FAILED[StepEnd.DECLINED])

    async def run(self) -> None:
        """Complete steps whose time is over or whose call has ended, forever."""
        while True:
            pause = LOOK_AT_STEPS_WITHIN
            try:
                first = await self._steps.first_due()
                now = self._clock.now()
                if first is not None and first <= now:
                    for step in await self._steps.lease_due(now):
                        await self._settle(step)
                    first = await self._steps.first_due()
                if first is not None:
                    left = (first - self._clock.now()).total_seconds()
                    pause = min(max(left, SHORTEST_PAUSE), LOOK_AT_STEPS_WITHIN)
            except StoreUnavailable:
                log.info("workflow steps wait for the database")
                pause = 1.0
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), timeout=pause)
            self._changed.clear()

    async def _settle(self, step: WorkflowStep) -> None:
        now = self._clock.now()
        call = None
        if step.state is StepState.CALLING:
            call = await self._call_of(step.key)
        failed = end_of(step, call, now)
        if failed is not None:
            await self._fail(step, texts.WHY_FAILED[failed])
        elif call is not None and call.end is not None:
            await self._succeed(step, call)
        else:
            is_asking = step.state is StepState.ASKING  # its process has died at it
            wait = STEP_LEASE if is_asking else self._look_every
            await self._steps.change(step.id, step.state, step.state, now + wait)

    async def _succeed(self, step: WorkflowStep, call: Call) -> None:
        card = replace(call.place, channel=call.card_channel)
        link = await self._permalinks.of(card, call.card_ts)
        outputs = texts.outputs(call, link)
        await self._complete(
            step, lambda: self._functions.succeed(step.place, step.id, outputs)
        )

    async def _fail(self, step: WorkflowStep, words: str) -> None:
        await self._complete(
            step, lambda: self._functions.fail(step.place, step.id, words)
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

    async def _unconfirmed(self, step: WorkflowStep) -> None:
        """Let the person press again, until the time is over."""
        await self._steps.change(
            step.id, StepState.CALLING, StepState.ASKING, step.ends_at
        )

    async def _wait_for_press(self, step: WorkflowStep) -> None:
        await self._steps.change(
            step.id, StepState.ASKING, StepState.ASKING, step.ends_at
        )
        self._changed.set()

    async def _was_asked(self, again: WorkflowStep) -> bool:
        """Return whether the question of a step that is known already was posted.

        Raises `ChatBusy` while another delivery of its event is at it.
        """
        step = await self._steps.get(again.id)
        if step is None or step.state is not StepState.ASKING or step.is_asked:
            return True
        if not await self._steps.lease(step.id, again.begun_at):
            raise ChatBusy(1)
        channel = await self._marks.open_dm(step.place)
        found = await self._marks.find(
            step.place, channel, _mark(step), since=step.begun_at
        )
        if found is not None:
            await self._wait_for_press(step)
        return found is not None


def _mark(step: WorkflowStep) -> Mark:
    return Mark("ringout_step", "step", step.id)
