"""App Home: connected or not, calls going on, the last ones, settings, help.

Only the person themselves sees it. Pure, but for `Homes`, which publishes.
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.background import Background
from bot.calls.call import Call, End, Place
from bot.calls.person import Person
from bot.clock import Clock
from bot.errors import BotError
from bot.reception import Overview
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

REMEMBERED = 500
"""People whose open Home is kept up to date by their calls."""

LATELY = 3600.0
"""Seconds for which it is, after they have looked: Slack does not tell who leaves."""

GAP = 2.0
"""Seconds between a change and what is shown: a call changes several times in them."""


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
    text = f"*{callee}* · since {when(call.asked_at)}\nyou: {caller}; they: {other}"
    if not messages.can_cancel(call):
        return [section(text)]
    return [section(text), actions(button("Cancel", messages.CANCEL, call.id))]


def _line(call: Call, *, full: bool) -> str:
    callee = escape(shown(call.callee, full=full))
    return f"*{callee}* · {when(call.asked_at)}\n{_result(call)}"


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


@dataclass(slots=True)
class _Seen:
    """A Home that somebody has looked at."""

    place: Place
    at: float
    digest: str = ""
    due: bool = False


class Homes:
    """Publishes Homes; keeps those that were looked at lately up to date.

    Slack allows about a hundred ``views.publish`` a minute (Tier 4); one Home changes
    at most every `GAP` seconds, and only where it would look different.
    """

    def __init__(
        self,
        spaces: Spaces,
        overview: Callable[[Place], Awaitable[Overview]],
        clock: Clock,
        background: Background,
        *,
        full: bool,
    ) -> None:
        self._spaces = spaces
        self._overview = overview
        self._clock = clock
        self._background = background
        self._full = full
        self._seen: OrderedDict[Person, _Seen] = OrderedDict()

    async def opened(self, place: Place) -> None:
        """Show a person their Home, for they look at it; never raises."""
        self._seen.pop(place.person, None)
        while len(self._seen) >= REMEMBERED:
            self._seen.popitem(last=False)
        seen = _Seen(place, self._clock.monotonic())
        self._seen[place.person] = seen
        await self._publish(seen)

    def changed(self, person: Person) -> None:
        """Show it anew to somebody who has looked at it lately; never raises."""
        seen = self._seen.get(person)
        if seen is None or seen.due:
            return
        if self._clock.monotonic() - seen.at > LATELY:
            self._seen.pop(person, None)
            return
        seen.due = True
        self._background.start(self._soon(seen), name="a Home")

    async def _soon(self, seen: _Seen) -> None:
        await self._clock.sleep(GAP)
        seen.due = False
        await self._publish(seen)

    async def _publish(self, seen: _Seen) -> None:
        place = seen.place
        try:
            shows = view(await self._overview(place), full=self._full)
            digest = json.dumps(shows, sort_keys=True)
            if digest == seen.digest:
                return
            client = await self._spaces.client(place.enterprise, place.team)
            await ask(client.views_publish(user_id=place.user, view=shows))
            seen.digest = digest
        except BotError as error:
            log.info("a Home could not be published: %s", error)
