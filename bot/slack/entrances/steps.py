"""The workflow step "Place a call": its event, and the buttons of its question."""

from __future__ import annotations

from dataclasses import replace

from bot.slack.entrances.event import STEP, SlackEvent
from bot.slack.entrances.events import AfterAck, EventHandler
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.texts import answers, colleague
from bot.slack.texts.asking import Chosen
from bot.slack.texts.text import Message
from bot.user_errors import AccessDenied, AccessRule

LONGEST_STEP_ID = 64
"""Characters: the database's column holds no more."""


def events(services: Services) -> dict[str, EventHandler]:
    """Return the handler of steps that a workflow has begun."""

    async def executed(event: SlackEvent) -> AfterAck | None:
        step = event.step
        if step is None or step.callback != STEP or not step.id:
            return None
        place = replace(event.place, user=step.person, channel=step.channel)
        await services.steps.ask(
            step.id[:LONGEST_STEP_ID], place, step.number, step.reason
        )
        return None

    return {"function_executed": executed}


async def call(request: Request, services: Services) -> Message | None:
    """``Call``: place the step's call, once, for the person who was asked."""
    chosen = Chosen.load(request.text)
    if not chosen.is_for(request.place.person):
        raise AccessDenied(AccessRule.ASKED, chosen.asked.user)
    added = await services.steps.confirm(
        chosen.key,
        request.place,
        chosen.to,
        chosen.phones,
        chosen.name,
        chosen.answered,
    )
    return answers.pressed(added, most=services.switchboard.policy.calls_per_minute)


async def decline(request: Request, services: Services) -> Message | None:
    """``Not now``: fail the step, and say so in place of the question."""
    await services.steps.decline(request.text, request.place)
    return colleague.NOT_DIALED
