"""App Home: connected or not, calls going on, the last ones, settings, help.

Only the person themselves sees it. Pure, but for `Homes`, which publishes.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.calls.call import Call, End, Place
from bot.calls.person import Person
from bot.errors import BotError
from bot.slack import answers, connect, messages, words
from bot.slack.spaces import Spaces
from bot.slack.text import (
    Block,
    actions,
    button,
    escape,
    foreign,
    section,
    shown,
    when,
)
from bot.slack.web import ask

log = logging.getLogger(__name__)

LAST = 10
REMEMBERED = 500
"""People whose open Home is kept up to date by their calls."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What a Home shows.

    Attributes:
        name: Whose account their calls run by; empty for the shared one.
        connected: Whether it is an account of their own.
        ended: Whether theirs was connected once, and has to be again.
        can_call: Whether there is any account to call by.
        can_connect: Whether people can connect accounts here at all.
        first: The phone that rings first, as a person calls it.
    """

    name: str
    connected: bool
    ended: bool
    can_call: bool
    can_connect: bool
    first: str
    open_calls: tuple[Call, ...]
    last_calls: tuple[Call, ...]


def view(found: Overview, *, full: bool) -> Block:
    """Return the Home view."""
    blocks = [*_account(found), {"type": "divider"}]
    if found.open_calls:
        blocks.append(header("In progress"))
        for call in found.open_calls:
            blocks += _going_on(call, full=full)
    blocks.append(header("Last calls"))
    if found.last_calls:
        blocks += [section(_line(call, full=full)) for call in found.last_calls]
    else:
        blocks.append(section("None yet. Type `/ringout` and a number in any channel."))
    blocks += [{"type": "divider"}, header("Help"), section(answers.HELP.text)]
    return {"type": "home", "blocks": blocks}


def header(text: str) -> Block:
    """Return a heading."""
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _account(found: Overview) -> list[Block]:
    settings = button("Settings", connect.SETTINGS, "settings")
    if found.connected:
        rings = f"\n{escape(found.first)} rings first." if found.first else ""
        return [
            header("Your RingCentral account"),
            section(f"Calls run as *{foreign(found.name)}*.{rings}"),
            actions(settings, connect.disconnect_button()),
        ]
    if found.ended:
        return [
            header("Connect again"),
            section("Your RingCentral sign-in has ended. New calls need a new one."),
            actions(connect.connect_button("Connect again")),
        ]
    if not found.can_call:
        return [
            header("Connect RingCentral"),
            section(
                "Calls run in your own name and ring your own phone: connect your "
                "RingCentral account once, then type `/ringout` and a number anywhere."
            ),
            actions(connect.connect_button()),
        ]
    own = (
        [connect.connect_button("Connect my own account")] if found.can_connect else []
    )
    return [
        header("Ready to call"),
        section("Calls run by the RingCentral account that people share here."),
        actions(*own, settings),
    ]


def _going_on(call: Call, *, full: bool) -> list[Block]:
    callee = escape(shown(call.callee, full=full))
    caller, other = words.live(call)
    text = f"*{callee}* · you: {caller}; they: {other} · since {when(call.asked_at)}"
    if not messages.can_cancel(call):
        return [section(text)]
    return [section(text), actions(button("Cancel", messages.CANCEL, call.id))]


def _line(call: Call, *, full: bool) -> str:
    callee = escape(shown(call.callee, full=full))
    return f"{when(call.asked_at)} · *{callee}* · {_result(call)}"


def _result(call: Call) -> str:
    if call.outcome is not None:
        one = words.side("you", call.outcome.caller, bold=False)
        other = words.side("they", call.outcome.callee, bold=False)
        return f"{one}; {other}"
    match call.end:
        case End.NOT_PLACED:
            return "not placed"
        case End.REFUSED:
            return "refused by RingCentral"
        case None:
            return "the result is being looked up"
    return "not confirmed"


class Homes:
    """Publishes Homes; remembers who looked at theirs, to keep those up to date."""

    def __init__(
        self,
        spaces: Spaces,
        overview: Callable[[Place], Awaitable[Overview]],
        *,
        full: bool,
    ) -> None:
        self._spaces = spaces
        self._overview = overview
        self._full = full
        self._open: OrderedDict[Person, Place] = OrderedDict()

    async def publish(self, place: Place) -> None:
        """Show a person their Home as it is now; never raises."""
        self._open[place.person] = place
        self._open.move_to_end(place.person)
        while len(self._open) > REMEMBERED:
            self._open.popitem(last=False)
        try:
            shows = view(await self._overview(place), full=self._full)
            client = await self._spaces.client(place.enterprise, place.team)
            await ask(client.views_publish(user_id=place.user, view=shows))
        except BotError as error:
            log.info("a Home could not be published: %s", error)

    async def changed(self, place: Place) -> None:
        """Show it anew to somebody who has looked at it."""
        if place.person in self._open:
            await self.publish(place)
