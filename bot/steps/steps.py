"""Runs workflow steps: asks a person in their DM, follows their call, completes the step.

A step is stored before Slack's event is acked. Slack delivers an event again, and the
question is looked for before it is posted again, so a person is asked once. A step that
fails is changed first and Slack is told after that, so no press has its call placed
meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.calls.call import Call, Place
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import Name
from bot.calls.people.phones import NamedPhones
from bot.calls.workflow_step import (
    StepEnd,
    StepState,
    WorkflowStep,
    end_of,
    key_of_step,
)
from bot.clock import Clock
from bot.errors import (
    BotError,
    ChatBusy,
    ChatRefused,
    ChatUnknown,
    MayBeStored,
    NotConnected,
    StoreUnavailable,
    UserError,
)
from bot.policy.added import Added, Verdict
from bot.policy.rules import Rule
from bot.policy.wish import CallEntrance
from bot.rounds import Rounds, work_if_due
from bot.slack.entrances.ports import StepSwitchboard
from bot.slack.posting.marks import Mark, Marks
from bot.slack.posting.presence import Presence
from bot.slack.texts import workflow_step as texts
from bot.slack.texts.contact import Contact
from bot.steps.completing import Completing
from bot.storage.steps.workflow_steps import WorkflowSteps
from bot.user_errors import NotInChannel, QuestionOver, StandingUnknown

log = logging.getLogger(__name__)

QUESTION_WITHIN = 20.0
"""Seconds to post a question: less than the step's lease."""

LOOK_AT_CALLS_EVERY = timedelta(seconds=2)
"""How often a call is looked at whose step waits: in the database alone."""

LOOK_AGAIN_UNREAD = timedelta(seconds=20)
"""A step whose call only a newer version of the bot can read is left to one for so long."""

LOOK_AT_STEPS_WITHIN = 60.0
"""Seconds until the steps of a process that has died are seen."""


class StepCalls(Protocol):
    """Finds calls by their keys, as `bot.storage.calls.store.Store` does."""

    async def with_key(self, key: str) -> Call | None: ...

    async def is_stored(self, key: str) -> bool: ...


class Steps:
    """Workflow steps of all workspaces. *admit* raises `UserError` for who is kept out."""

    def __init__(
        self,
        steps: WorkflowSteps,
        calls: StepCalls,
        switchboard: StepSwitchboard,
        marks: Marks,
        completing: Completing,
        clock: Clock,
        contact: Contact,
        *,
        admit: Callable[[Place], Awaitable[None]],
        presence: Presence,
        look_every: timedelta = LOOK_AT_CALLS_EVERY,
    ) -> None:
        self._steps = steps
        self._calls = calls
        self._switchboard = switchboard
        self._marks = marks
        self._completing = completing
        self._clock = clock
        self._contact = contact
        self._admit = admit
        self._presence = presence
        self._look_every = look_every
        self._rounds = Rounds("completing workflow steps")

    async def ask(self, step_id: str, place: Place, number: str, reason: str) -> None:
        """Ask the person of *place* whether to call *number*, or fail the step in words.

        *place* has no user or no channel where the workflow names none.

        Raises:
            ChatError, StoreUnavailable: Slack has to deliver the event again.
        """
        new = WorkflowStep.begun(step_id, place, self._clock.now())
        is_new = await self._steps.begin(new)
        step = new if is_new else await self._leased(new)
        if step is None:
            return
        try:
            lacking = texts.lacking(place)
            if lacking:
                await self._not_asked(step, lacking)
            elif is_new or not await self._was_asked(step):
                await self._ask(step, number, reason)
        except ChatUnknown:
            raise  # it may show up in Slack yet: the lease keeps others away until then
        except Exception:
            now = self._clock.now()
            await self._steps.change(step.id, StepState.ASKING, StepState.ASKING, now)
            raise

    async def confirm(
        self,
        step_id: str,
        place: Place,
        to: PhoneNumber,
        phones: NamedPhones,
        name: Name | None,
        answered: frozenset[Rule],
        grant: str = "",
    ) -> Added:
        """Place a step's call, as `Switchboard.place` does, and raise what that raises.

        Also raises `QuestionOver`: the step was not confirmed in time. The person was
        asked about this very call, so another one to that number is no reason to ask.
        """
        step = await self._pressed(step_id, place)
        now = self._clock.now()
        if now >= step.ends_at:
            raise QuestionOver
        is_first = await self._steps.change(
            step_id, StepState.ASKING, StepState.CALLING, now + self._look_every
        )
        if not is_first:
            step = await self._pressed(step_id, place)
            if step.state is not StepState.CALLING:
                raise QuestionOver
        self._rounds.wake()
        try:
            added = await self._switchboard.place(
                key_of_step(step_id),
                replace(step.place, user=place.user),
                to,
                phones.caller,
                entrance=CallEntrance.STEP,
                as_=phones.caller_id,
                again=True,
                sure=True,
                answered=answered,
                grant=grant,
                name=name,
                card_channel=await self._direct(step, place, to),
            )
        except MayBeStored:
            raise  # the step waits for the call that may be there
        except BotError:
            await self._unconfirmed(step)
            raise
        if added.verdict is Verdict.TOO_MANY:
            await self._unconfirmed(step)
        return added

    async def decline(self, step_id: str, place: Place) -> None:
        """Fail a step whose person does not want to call now."""
        step = await self._pressed(step_id, place)
        if await self._calls.is_stored(step.key):
            raise QuestionOver
        if step.state is StepState.ASKING:
            await self._completing.fail(step, StepEnd.DECLINED)
            self._rounds.wake()
            step = await self._pressed(step_id, place)
        if step.state is StepState.CALLING:
            raise QuestionOver

    async def run(self) -> None:
        """Complete steps whose time is over or whose call has ended, forever."""
        await self._rounds.run(self._look)

    async def _look(self) -> float:
        return await work_if_due(
            self._steps.first_due, self._settle_due, self._clock, LOOK_AT_STEPS_WITHIN
        )

    async def _settle_due(self, now: datetime) -> None:
        for step in await self._steps.lease_due(now):
            await self._try_to_settle(step)

    async def _try_to_settle(self, step: WorkflowStep) -> None:
        """Settle a step; if that fails, again once its lease is over: others go on."""
        try:
            await self._settle(step)
        except StoreUnavailable:
            raise
        except Exception:  # the next try may succeed
            log.exception("a workflow step could not be settled")

    async def _settle(self, step: WorkflowStep) -> None:
        now, wait = self._clock.now(), self._look_every
        call = await self._calls.with_key(step.key)
        is_unread = call is None and await self._calls.is_stored(step.key)
        failed = end_of(step, call, now, is_unread=is_unread)
        if failed is not None:
            await self._completing.fail(step, failed)
        elif call is not None and call.end is not None:
            await self._completing.succeed(step, call)
        else:
            is_calling = call is not None or is_unread
            state = StepState.CALLING if is_calling else step.state
            next_at = now + (max(wait, LOOK_AGAIN_UNREAD) if is_unread else wait)
            await self._steps.change(step.id, step.state, state, next_at)

    async def _direct(self, step: WorkflowStep, place: Place, to: PhoneNumber) -> str:
        """Return the DM, in which *place* is, unless the person is in the step's channel.

        Others would read the card there; who built the workflow chose it. Empty if they are.
        """
        there = replace(step.place, user=place.user)
        try:
            await self._presence.check(there, texts.shown_here(to))
        except NotInChannel:
            return place.channel
        return ""

    async def _unconfirmed(self, step: WorkflowStep) -> None:
        """Let the person press again, until the time is over."""
        await self._steps.change(
            step.id, StepState.CALLING, StepState.ASKING, step.ends_at
        )

    async def _wait_for_press(self, step: WorkflowStep) -> None:
        await self._steps.change(
            step.id, StepState.ASKING, StepState.ASKING, step.ends_at
        )
        self._rounds.wake()

    async def _pressed(self, step_id: str, place: Place) -> WorkflowStep:
        """Return the step of a button that this person may press."""
        step = await self._steps.get(step_id)
        if step is None or not step.place.person.is_also(place.person):
            raise QuestionOver
        return step

    async def _leased(self, again: WorkflowStep) -> WorkflowStep | None:
        """Return a known step whose question may have to be posted; None if it hasn't.

        Raises `ChatBusy` while another delivery of its event is at it.
        """
        step = await self._steps.get(again.id)
        if step is None or step.state is not StepState.ASKING or step.is_asked:
            return None
        if again.begun_at >= step.ends_at:
            return None
        if not await self._steps.lease(step.id, again.begun_at):
            raise ChatBusy(1)
        return step

    async def _was_asked(self, step: WorkflowStep) -> bool:
        channel = await self._marks.open_dm(step.place)
        found = await self._marks.find(
            step.place, channel, _mark(step), since=step.begun_at
        )
        if found is not None:
            await self._wait_for_press(step)
        return found is not None

    async def _ask(self, step: WorkflowStep, number: str, reason: str) -> None:
        place = step.place
        try:
            await self._admit(place)
            found = await self._switchboard.prospect(
                place, number, entrance=CallEntrance.STEP
            )
            question = texts.question(found, reason, place.person, step)
            before = self._clock.monotonic() + QUESTION_WITHIN
            await self._marks.post(
                place, place.user, question, _mark(step), before=before
            )
        except StandingUnknown:
            raise ChatBusy(1) from None
        except (UserError, NotConnected) as error:
            await self._not_asked(step, texts.refused(error, self._contact))
        except ChatRefused as error:
            if error.is_operators:
                raise
            log.info("a workflow step could not ask: %s", error.error)
            await self._not_asked(step, texts.STEP_NOT_ASKED)
        else:
            await self._wait_for_press(step)

    async def _not_asked(self, step: WorkflowStep, words: str) -> None:
        await self._completing.fail(step, StepEnd.NOT_PLACED, words)
        self._rounds.wake()


def _mark(step: WorkflowStep) -> Mark:
    return Mark("ringout_step", "step", step.id)
