"""The buttons of missed-call cards."""

from __future__ import annotations

from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.texts import answers
from bot.slack.texts.text import Message


async def take(request: Request, services: Services) -> Message | None:
    """``I'll take it``: call back, unless somebody else does."""
    await services.missed.take(request.place, request.text)
    return None


async def release(request: Request, services: Services) -> Message | None:
    """``Release``: leave the call back to others."""
    await services.missed.release(request.place, request.text)
    return None


async def drop(request: Request, services: Services) -> Message | None:
    """``Not needed``: nobody has to call back."""
    await services.missed.drop(request.place, request.text)
    return None


async def call(request: Request, services: Services) -> Message | None:
    """``Call back``: place the call as the person who presses it."""
    added = await services.missed.call_back(request.place, request.text)
    return answers.added(added, most=services.switchboard.policy.calls_per_minute)
