"""``/ringout``: calls a number or a colleague; help, again, cancel, one's own account."""

from __future__ import annotations

from bot.calls.people.names import NameSource, named
from bot.calls.typed.dialing import Command, read_command
from bot.policy.prospect import Prospect
from bot.policy.refusals import DoubtfulNumber
from bot.policy.wish import CallEntrance
from bot.slack.entrances import account
from bot.slack.entrances.commands import check, colleague, latest
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Handler, Services
from bot.slack.texts import answers, asking
from bot.slack.texts.colleague import check_length
from bot.slack.texts.text import Message

OWN: dict[str, Handler] = {
    "connect": account.offer,
    "disconnect": account.disconnect_later,
    "settings": account.open_settings,
    "again": latest.call_again,
    "cancel": latest.cancel,
    "hang up": latest.hang_up,
}


ASKED_ABOUT = {"person": colleague.ask, "check": check.check}
"""Subcommands that look a person or a number up and place no call."""

SAID: dict[str, Message] = {
    "help": answers.RINGOUT_HELP,
    "call back": answers.CALL_BACK,
    "log out": answers.LOG_OUT,
}


async def handle(request: Request, services: Services) -> Handled:
    """Store the call that was asked for, and say so. Its card shows how it goes on."""
    command = read_command(request.text)
    if command.kind in SAID:
        return Handled.say(SAID[command.kind])
    if command.kind == "status":
        return await latest.status(request, services, command.to)
    if command.kind in OWN:
        return await OWN[command.kind](request, services)
    if command.kind in ASKED_ABOUT:
        return await ASKED_ABOUT[command.kind](request, services, command)
    try:
        return Handled.say(await _dial(request, services, command))
    except DoubtfulNumber as error:
        check_length(command)
        found = Prospect(
            error.number,
            error.phones,
            error.doubt,
            decision=error.decision,
            at=error.at,
        )
        asked = request.place.person
        return Handled.say(asking.offered(found, command, asked, request.key))


async def _dial(
    request: Request, services: Services, command: Command
) -> Message | None:
    switchboard = services.switchboard
    to, from_, as_ = command.to, command.from_, command.as_
    name = named(command.for_ or "", NameSource.WRITTEN)
    added = await switchboard.place(
        request.key,
        request.place,
        to,
        from_,
        entrance=CallEntrance.COMMAND,
        as_=as_,
        name=name,
        own_phone=command.is_from_loose,
    )
    most = switchboard.policy.calls_per_minute
    return answers.added(added, most=most)
