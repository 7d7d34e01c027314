"""``/ringout check``: what the rules say to a call now; nothing is dialed."""

from __future__ import annotations

from bot.calls.typed.dialing import Command
from bot.policy.wish import CallEntrance
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.texts import checked


async def check(request: Request, services: Services, command: Command) -> Handled:
    """Ask the gate about a number, as a call would, and tell the person alone."""
    place = request.place
    found = await services.switchboard.prospect(
        place, command.to, entrance=CallEntrance.CHECK
    )
    return Handled.say(checked.said(found, place.user, services.contact))
