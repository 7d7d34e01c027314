"""Asks an admin to allow one call, takes the admin's answer, and places the call by it.

Buttons in the admins' channel and in the approval hold the request's id alone: what it is
about stands in the database, and who presses is checked there.
"""

from __future__ import annotations

from dataclasses import replace

from bot.calls.people.phones import NamedPhones
from bot.errors import UserError
from bot.policy.admin_request import AdminAnswer
from bot.slack.entrances.commands.colleague import place_chosen
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.posting.origin import stamped
from bot.slack.texts import answers, forms, refusals
from bot.slack.texts import asking_admin as texts
from bot.slack.texts.asking import Chosen
from bot.slack.texts.dialer import TITLE, Dialed
from bot.slack.texts.text import Message
from bot.user_errors import AccessDenied, AccessRule


async def ask(request: Request, services: Services) -> Message | None:
    """``Ask an admin`` below a refusal: ask once, for the person who was refused."""
    wanted = Chosen.load(request.text)
    if not wanted.is_for(request.place.person):
        raise AccessDenied(AccessRule.ASKED, wanted.asked.user)
    came_of = await services.asking_admins.ask(request.place, wanted)
    return texts.asked(came_of, wanted)


async def submit(request: Request, services: Services) -> Handled:
    """``Ask an admin`` on top of a form that was refused."""
    dialed = Dialed.load(request.held)
    place = replace(request.place, channel=dialed.channel)
    wanted = Chosen(
        dialed.to,
        NamedPhones(dialed.first, dialed.caller_id),
        place.person,
        dialed.name,
        key=f"dialog {request.dialog}",
        answered=dialed.answered,
        again=dialed.again,
        message_link=dialed.message_link,
    )
    try:
        came_of = await services.asking_admins.ask(place, wanted)
        view = texts.asked_in_form(came_of)
    except UserError as error:
        view = forms.note(TITLE, refusals.told(error, services.contact))
    return Handled.show(stamped(view, place))


async def approve(request: Request, services: Services) -> Message | None:
    """``Approve`` in the admins' channel."""
    answer = AdminAnswer.APPROVED
    await services.asking_admins.answer(request.place, request.text, answer)
    return None


async def decline(request: Request, services: Services) -> Message | None:
    """``Decline`` in the admins' channel."""
    answer = AdminAnswer.DECLINED
    await services.asking_admins.answer(request.place, request.text, answer)
    return None


async def call(request: Request, services: Services) -> Message | None:
    """``Call`` below an approval: place the call as it was wanted, where it was wanted."""
    asked = await services.asking_admins.granted(request.place, request.text)
    chosen = Chosen.load(asked.wanted)
    chosen = replace(
        chosen, key=chosen.key or f"admin {asked.id}", grant=asked.id, again=True
    )
    added = await place_chosen(replace(request, place=asked.place), services, chosen)
    return answers.pressed(added, most=services.switchboard.policy.calls_per_minute)
