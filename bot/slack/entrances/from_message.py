"""``Call a number`` on a message: lists its numbers, and calls the one that is chosen.

Nothing is dialed because it was found, and a chosen number is checked once more. However
often one form is submitted, it places one call.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.calls.call import Place
from bot.calls.numbers.in_message import found_in
from bot.calls.numbers.mentions import mentioned
from bot.errors import ChatError, NotConnected, UserError
from bot.policy.wish import CallEntrance
from bot.slack.entrances import dialer
from bot.slack.entrances.dialer import Surface
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.texts import asking, forms
from bot.slack.texts import dialer as texts
from bot.slack.texts.dialer import CALLEE_FIELD, CALLER_ID_FIELD, FIRST_FIELD, Dialed
from bot.slack.texts.message_numbers import CHOOSE_ONE, numbers_form
from bot.slack.texts.text import Message

INPUTS = {CALLEE_FIELD, FIRST_FIELD, CALLER_ID_FIELD}
"""The inputs of the form, by their block ids."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a message is, which a form about it keeps: its channel, and a link to it."""

    channel: str = ""
    link: str = ""

    def dump(self) -> str:
        """Return what the form keeps."""
        return json.dumps({"channel": self.channel, "link": self.link})

    @classmethod
    def load(cls, held: str) -> Begun:
        """Read what `dump` wrote; what can't be read is empty, and the card goes to the DM."""
        try:
            value: Any = json.loads(held)
            return cls(str(value["channel"]), str(value["link"]))
        except (ValueError, KeyError, TypeError):
            return cls()


async def open_form(request: Request, services: Services) -> Message | None:
    """``Call a number``: open the form with the numbers of the message."""
    place, views = request.place, services.views
    try:
        region = await services.switchboard.region_of(place, CallEntrance.MESSAGE)
        sheet, link, names = await asyncio.gather(
            services.own_account.sheet(place),
            services.permalinks.of(place, request.message.ts),
            _names(place, request.message.texts, services),
        )
    except NotConnected as error:
        await views.open(place, request.trigger, dialer.connect(error, placing=False))
        return None
    read = partial(services.switchboard.policy.number, region=region)
    find = partial(found_in, request.message.texts, region, read, names=names)
    found = await asyncio.to_thread(find)
    seal = partial(services.seals.close, place.person)
    view = numbers_form(found, sheet, seal, services.contact)
    held = Begun(place.channel, link).dump()
    await views.open(place, request.trigger, view, held)
    return None


async def _names(
    place: Place, texts: Sequence[str], services: Services
) -> dict[str, str]:
    """Return the names of people who are mentioned, by id, as far as Slack tells them now."""
    found: dict[str, str] = {}

    async def look_up(user: str) -> None:
        with contextlib.suppress(ChatError):
            found[user] = (await services.profiles.of(place, user)).name

    asked = [look_up(user) for user in mentioned(texts)]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(services.waits.mentioned):
            await asyncio.gather(*asked)
    return found


async def submit(request: Request, services: Services) -> Handled:
    """Place the call that the form asks for, or say at which field it can't be."""
    begun = Begun.load(request.held)
    try:
        asked = _read(request, services, begun)
    except UserError as error:
        return _refuse(texts.errors(error, services.contact, begun.channel))
    if asked is None:
        return _refuse({CALLEE_FIELD: CHOOSE_ONE})
    surface = Surface(Handled.push, _refuse)
    return await dialer.dial(
        request, services, asked, surface, sure=True, entrance=CallEntrance.MESSAGE
    )


def _read(request: Request, services: Services, begun: Begun) -> Dialed | None:
    """Return what the form asks for; None if it names no number. Raises `UserError`."""
    values = forms.values_of(request.state)
    sealed = values.get(CALLEE_FIELD, "")
    if not sealed:
        return None
    person = request.place.person
    to = asking.number_of_button(services.seals.open(person, sealed))
    if to is None:
        return None
    first = texts.phone_in(values.get(FIRST_FIELD, ""), "from")
    caller_id = texts.phone_in(values.get(CALLER_ID_FIELD, ""), "as")
    return Dialed(to, first, caller_id, None, begun.channel, message_link=begun.link)


def _refuse(errors: dict[str, str]) -> Handled:
    """Show what is wrong; what is at a field that this form lacks, at the number."""
    shown = {at if at in INPUTS else CALLEE_FIELD: said for at, said in errors.items()}
    return Handled.complain(shown)
