"""Sets reminders of calls and cancels them; calls from one only when its button is pressed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.calls.reminding import Soon, due_at
from bot.policy.wish import CallEntrance
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.entrances.zones import zone_named, zone_of
from bot.slack.texts import answers
from bot.slack.texts import reminder as texts
from bot.slack.texts.text import Message
from bot.user_errors import OutdatedButton


async def open_form(request: Request, services: Services) -> Message | None:
    """``Remind me…`` in ``More``: open the form that asks when."""
    place = request.place
    call = await services.after_call.readable(place, request.text)
    zone = await zone_of(place, services)
    held = json.dumps([call.id, place.channel, str(zone) if zone else ""])
    await services.views.open(place, request.trigger, texts.reminder_form(zone), held)
    return None


async def submit(request: Request, services: Services) -> Handled:
    """Keep a reminder, once for each form, or say at which field it can't be."""
    call_id, channel, zone = _held(request.held)
    place = replace(request.place, channel=channel)
    soon, chosen = texts.read_form(request.state)
    if soon is None:
        raise OutdatedButton
    if soon is not Soon.AT and chosen is not None:
        return Handled.complain({texts.SOON_FIELD: texts.TWO_TIMES})
    now = services.reminders.now()
    at = due_at(soon, now, zone_named(zone) or UTC, chosen)
    wrong = await _wrong(services, call_id, at, now)
    if at is None or wrong:
        return Handled.complain({texts.TIME_FIELD: wrong})
    await services.reminders.remind(request.view, place, call_id, at)
    said = texts.will_remind(at)

    async def told() -> Message:
        return said

    return Handled(later=told, place=place)


async def call(request: Request, services: Services) -> Message | None:
    """``Call`` below a reminder: place the call by the rules of now; once, however often."""
    reminder, _, call_id = request.text.partition(" ")
    place = await services.reminders.where(request.place, call_id)
    switchboard = services.switchboard
    key = f"reminder {place.user} {reminder}"[:100]
    added = await switchboard.place_again(
        key, place, call_id, entrance=CallEntrance.REMINDER
    )
    return answers.added(added, most=switchboard.policy.calls_per_minute)


async def cancel(request: Request, services: Services) -> Message | None:
    """``Cancel reminder`` on the Home tab."""
    await services.reminders.cancel(request.place, request.text)
    return None


async def _wrong(
    services: Services, call_id: str, at: datetime | None, now: datetime
) -> str:
    """Return what is wrong with a chosen time; empty if nothing is."""
    if at is None:
        return texts.WITHOUT_TIME
    if at <= now:
        return texts.PAST
    last = await services.reminders.last(call_id)
    return texts.TOO_FAR.format(day=f"{last:%b %-d, %Y}") if at > last else ""


def _held(held: str) -> tuple[str, str, str]:
    """Return the call, the channel and the zone's name. Raises `OutdatedButton`."""
    try:
        values: Any = json.loads(held)
        call_id, channel, zone = values
    except (ValueError, TypeError):
        raise OutdatedButton from None
    return str(call_id), str(channel), str(zone)
