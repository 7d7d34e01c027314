"""What people write to the app: ``@ringout …`` in a channel, any text in their DM with it.

Others can quote or forward a message, so it never dials by itself: every number in it is
asked about, and the button of that question places the call. Answers are private.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from functools import partial

from bot.calls.numbers.in_message import FoundNumbers, found_in
from bot.calls.numbers.phone import NumberNotAllowed, PhoneNumber
from bot.calls.numbers.refusal import NotAPhoneNumber
from bot.calls.people.names import NameSource, named
from bot.calls.people.phones import NO_PHONES, NamedPhones, UnknownPhone
from bot.calls.typed.dialing import (
    LONGEST_TYPED,
    BadCommand,
    Command,
    Slip,
    read_command,
)
from bot.errors import UserError
from bot.policy.refusals import PolicyRefuses
from bot.policy.wish import CallEntrance
from bot.slack.entrances.adapter import Adapter
from bot.slack.entrances.commands import latest
from bot.slack.entrances.commands.ringout import ASKED_ABOUT
from bot.slack.entrances.entrance import admitted
from bot.slack.entrances.event import SlackEvent
from bot.slack.entrances.events import AfterAck, EventHandler
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import LONGEST_KEY, Request
from bot.slack.entrances.services import Handler, Services
from bot.slack.entrances.wanted import wanted_by
from bot.slack.texts import account, answers, asking, sentence_numbers
from bot.slack.texts.colleague import check_length
from bot.slack.texts.sentence_numbers import SentenceAsker
from bot.slack.texts.text import Message
from bot.user_errors import LabelTooLong, LooseFrom

LONGEST_SENTENCE = 4_000
"""Characters that are looked through for numbers."""

NO_PHONE_OF_THEIRS = (UnknownPhone, LabelTooLong, LooseFrom)
"""Errors for what follows ``from`` or ``as`` and is none of a person's phones."""

COURTESY = re.compile(
    r"(?:[\s,.!?]+(?:please|pls|plz|thanks|thank you|thx|now))*[\s,.!?]*\Z",
    re.IGNORECASE,
)
"""What people write behind the last words of a request."""

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


OF_ONES_CALLS: dict[str, Handler] = {
    "cancel": latest.cancel,
    "hang up": latest.hang_up,
    "again": latest.ask_again,
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
    command = _read(request.text)
    if command.kind in TO_MESSAGES:
        return Handled.say(TO_MESSAGES[command.kind])
    if command.kind == "status":
        return await latest.status(request, services, command.to)
    if command.kind in OF_ONES_CALLS:
        return await OF_ONES_CALLS[command.kind](request, services)
    if command.kind in ASKED_ABOUT:
        return await ASKED_ABOUT[command.kind](request, services, command)
    return Handled.say(await _asked(request, services, command))


def _read(text: str) -> Command:
    """Read *text* as a command; where its words are no command's, as a sentence."""
    try:
        command = read_command(text)
    except BadCommand as error:
        if error.slip in {Slip.TWICE, Slip.NOTHING_BEFORE}:
            return Command("dial", text)
        raise
    if command.kind == "dial" and not _has_digits(command.to):
        return Command("dial", text)
    from_, as_ = map(_phone_alone, (command.from_, command.as_))
    return replace(command, from_=from_, as_=as_)


def _phone_alone(words: str | None) -> str | None:
    """Return what follows ``from`` without a "please" behind it."""
    if words is None or len(words) > LONGEST_TYPED:
        return words  # no phone is called so; the search would take long
    return COURTESY.sub("", words) or words


def _has_digits(text: str) -> bool:
    return any(each.isdigit() for each in text)


async def _asked(request: Request, services: Services, command: Command) -> Message:
    """Ask whether to call the number in a message; a text without digits asks for help."""
    if not _has_digits(command.to):
        return answers.MESSAGE_HELP
    person = request.place.person
    own_phone = command.is_from_loose
    try:
        check_length(command)
        found = await services.switchboard.prospect(
            request.place,
            command.to,
            command.from_,
            command.as_,
            entrance=CallEntrance.MENTION,
            own_phone=own_phone,
        )
    except (NotAPhoneNumber, LabelTooLong) as error:
        return await _among_words(request, services, command, error)
    except PolicyRefuses as error:
        name = named(command.for_ or "", NameSource.WRITTEN)
        wanted = error.wanted and replace(error.wanted, once=request.key, name=name)
        raise replace(error, wanted=wanted) from None
    return asking.offered(found, command, person, request.key)


async def _among_words(
    request: Request, services: Services, command: Command, error: UserError
) -> Message:
    """Ask about the numbers in a sentence, and say which of them can't be called.

    Raises *error* if there is none, and a single number's own error.
    """
    found = await _found(request, services, command.to[:LONGEST_SENTENCE])
    if not (found.numbers or found.masked):
        raise error
    if len(found.numbers) == 1 and found.numbers[0].error:
        raise found.numbers[0].error
    phones, trouble = await _phones(request, services, command)
    asker = SentenceAsker(request.place.person, phones, request.key, trouble)
    return sentence_numbers.which(found, command, asker, services.contact)


async def _found(request: Request, services: Services, text: str) -> FoundNumbers:
    switchboard = services.switchboard
    region = await switchboard.region_of(request.place, CallEntrance.MENTION)

    def read(number: str) -> PhoneNumber:
        return switchboard.policy.number(number, region)

    return await asyncio.to_thread(found_in, [text], region, read, with_urgent=True)


async def _phones(
    request: Request, services: Services, command: Command
) -> tuple[NamedPhones, UserError | None]:
    """Return the phones that a sentence names.

    What follows its ``from`` need not be a phone (``a message from Bob``): then none, and
    the reason.
    """
    try:
        check_length(command)
        phones = await services.switchboard.phones_named(
            request.place,
            command.from_,
            command.as_,
            own_phone=command.is_from_loose,
        )
    except (NotAPhoneNumber, NumberNotAllowed, *NO_PHONE_OF_THEIRS) as error:
        return NO_PHONES, error
    return phones, None
