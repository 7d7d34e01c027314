"""``/ringout``: calls a number or a colleague; help, connect, disconnect, settings."""

from __future__ import annotations

from bot.calls.dialling import read_command
from bot.calls.names import NameSource, named
from bot.slack.entrances import account
from bot.slack.entrances.commands import colleague
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import Services
from bot.slack.texts import answers

OWN = {
    "connect": account.offer,
    "disconnect": account.disconnect_later,
    "settings": account.open_settings,
}


async def handle(request: Request, services: Services) -> Handled:
    """Store the call that was asked for, and say so. Its card shows how it goes on."""
    command = read_command(request.text)
    if command.kind == "help":
        return Handled.say(answers.RINGOUT_HELP)
    if command.kind in OWN:
        return await OWN[command.kind](request, services)
    if command.kind == "person":
        return await colleague.ask(request, services, command)
    switchboard = services.switchboard
    to, from_, as_ = command.to, command.from_, command.as_
    name = named(command.for_ or "", NameSource.WRITTEN)
    added = await switchboard.place(
        request.key, request.place, to, from_, as_=as_, name=name
    )
    most = switchboard.policy.calls_per_minute
    return Handled.say(
        answers.added(added, most=most, to=to, from_=from_, as_=as_, name=name)
    )
