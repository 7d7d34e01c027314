"""What people write to the app: ``@ringout …`` in a channel, any text in their DM with it.

Others can quote or forward a message, so it never dials by itself: every number in it is
asked about, and the button of that question places the call. Answers are private.
"""

from __future__ import annotations

import asyncio
from functools import partial

from bot.calls.numbers.in_message import found_in
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.numbers.refusal import NotAPhoneNumber
from bot.calls.typed.dialing import Command, read_command
from bot.slack.entrances.adapter import Adapter
from bot.slack.entrances.commands import colleague, latest
from bot.slack.entrances.entrance import admitted
from bot.slack.entrances.event import SlackEvent
from bot.slack.entrances.events import AfterAck, EventHandler
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import LONGEST_KEY, Request
from bot.slack.entrances.services import Services
from bot.slack.entrances.wanted import wanted_by
from bot.slack.texts import account, answers, asking
from bot.slack.texts.colleague import check_length
from bot.slack.texts.text import Message

LONGEST_SENTENCE = 4_000
"""Characters that are looked through for numbers."""

READ_AS = "/ringout"
"""The command whose words people may write in a message, too."""

TO_MESSAGES: dict[str, Message] = {
    "help": answers.MESSAGE_HELP,
    "call back": answers.CALL_BACK,
    "log out": answers.LOG_OUT,
    "connect": account.to_connect(),
    "settings": account.to_settings(),
    "disconnect": answers.LOG_OUT,
}


def events(services: Services, adapter: Adapter) -> dict[str, EventHandler]:
    """Return the handlers of messages that are written to the app."""

    async def written(event: SlackEvent) -> AfterAck | None:
        said = event.said
        if said is None or not event.user:
            return None
        if event.kind == "message" and not event.place.is_direct:
            return None
        request = _request(event, said.text, said.ts)
        work = partial(_answer, request, services)
        wanted = partial(wanted_by, READ_AS, request.text)
        return partial(adapter.reply, READ_AS, request, work, wanted, said.thread)

    return {"app_mention": written, "message": written}


def _request(event: SlackEvent, text: str, ts: str) -> Request:
    place = event.place
    where = place.enterprise or place.team
    key = f"message {where} {place.channel} {ts}"[:LONGEST_KEY]
    return Request(key, place, text)


async def _answer(request: Request, services: Services) -> Message | None:
    handled = await admitted(READ_AS, _handle)(request, services)
    return await handled.told()


async def _handle(request: Request, services: Services) -> Handled:
    command = read_command(request.text)
    if command.kind in TO_MESSAGES:
        return Handled.say(TO_MESSAGES[command.kind])
    if command.kind == "status":
        return await latest.status(request, services, command.to)
    if command.kind == "cancel":
        return await latest.cancel(request, services)
    if command.kind == "again":
        return await latest.ask_again(request, services)
    if command.kind == "person":
        return await colleague.ask(request, services, command)
    return Handled.say(await _asked(request, services, command))


async def _asked(request: Request, services: Services, command: Command) -> Message:
    """Ask whether to call the number in a message; a text without digits asks for help."""
    if not any(each.isdigit() for each in command.to):
        return answers.MESSAGE_HELP
    check_length(command)
    person = request.place.person
    try:
        found = await services.switchboard.prospect(
            request.place,
            command.to,
            command.from_,
            command.as_,
            own_phone=command.is_from_loose,
        )
    except NotAPhoneNumber:
        numbers = await _among_words(command, request, services)
        if not numbers:
            raise
        return asking.which_number(numbers, person, request.key)
    return asking.offered(found, command, person, request.key)


async def _among_words(
    command: Command, request: Request, services: Services
) -> list[PhoneNumber]:
    """Return the numbers in a sentence that may be dialed; not those behind ``from``."""
    switchboard = services.switchboard
    region = await switchboard.region_of(request.place)

    def read(text: str) -> PhoneNumber:
        return switchboard.policy.number(text, region)

    text = command.to[:LONGEST_SENTENCE]
    found = await asyncio.to_thread(found_in, [text], region, read)
    return [each.number for each in found.numbers if each.number and not each.error]
