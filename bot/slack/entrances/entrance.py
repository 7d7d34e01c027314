"""Connects Bolt's listeners with the tables of commands, buttons, forms and shortcuts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest

from bot.slack.entrances.adapter import Adapter
from bot.slack.entrances.buttons import ACTIONS
from bot.slack.entrances.commands.commands import COMMANDS
from bot.slack.entrances.forms import FORMS
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.payload import ENVELOPE_HEADER
from bot.slack.entrances.queries import QUERIES
from bot.slack.entrances.request import Request
from bot.slack.entrances.services import ButtonHandler, Handler, Services
from bot.slack.entrances.shortcuts import SHORTCUTS
from bot.slack.entrances.waits import USUAL_FORM_WAITS, FormWaits
from bot.slack.entrances.wanted import entrance_of, is_for_anybody, wanted_by
from bot.slack.texts import dialer, forms
from bot.slack.texts.text import Message
from bot.user_errors import AccessDenied

Done = TypeVar("Done")

Handlers = dict[str, Handler]
"""Handlers by the names that Slack sends."""


def after_ack(handle: ButtonHandler) -> Handler:
    """Return a handler that leaves all work of *handle* for after the ack.

    If the process dies meanwhile, the person can press the button again. The ack of a
    button or a shortcut has no room for words.
    """

    async def answer(request: Request, services: Services) -> Handled:
        return Handled(later=partial(handle, request, services))

    return answer


def admitted(
    name: str,
    handle: Callable[[Request, Services], Awaitable[Done]],
    within: float | None = None,
) -> Callable[[Request, Services], Awaitable[Done]]:
    """Return *handle* for those alone who are let in; it raises what that check raises.

    *within*: seconds that the check may take, if not as many as usual.
    """

    async def checked(request: Request, services: Services) -> Done:
        if not is_for_anybody(name, request.text):
            await _admit(name, request, services, within)
        return await handle(request, services)

    return checked


async def _admit(
    name: str, request: Request, services: Services, within: float | None
) -> None:
    """Raise unless this person is let in; audit a refusal if they wanted to call."""
    try:
        await services.admission.check(request.place, within)
    except AccessDenied as error:
        entrance = entrance_of(name, request.text)
        if entrance is not None:
            await services.switchboard.note_refusal(request.place, entrance, error)
        raise


def in_time(
    seconds: float, handle: Callable[[Request, Services], Awaitable[Done]]
) -> Callable[[Request, Services], Awaitable[Done]]:
    """Return *handle* for somebody who is typing; it raises `TimeoutError` after *seconds*."""

    async def timed(request: Request, services: Services) -> Done:
        async with asyncio.timeout(seconds):
            return await handle(request, services)

    return timed


@dataclass(frozen=True, slots=True)
class Entrance:
    """One kind of interaction: how Bolt listens to it, how it is read and refused.

    Attributes:
        kind: Its name in traces.
        listen: Bolt's method that registers a listener for a name of the table.
        read: Reads a payload and its envelope's id.
        refuse: Makes the ack that shows the sentence about an error.
    """

    kind: str
    listen: Callable[[AsyncApp, str], Callable[..., Any]]
    read: Callable[[dict[str, Any], str], Request]
    refuse: Callable[[Message], Handled]

    def register(
        self,
        app: AsyncApp,
        table: Mapping[str, Handler],
        services: Services,
        adapter: Adapter,
    ) -> None:
        """Let *app* answer every row of *table*."""
        for name, handle in table.items():
            self.listen(app, name)(self._listener(name, handle, services, adapter))

    def _listener(
        self, name: str, handle: Handler, services: Services, adapter: Adapter
    ) -> Callable[..., Awaitable[None]]:
        async def listener(
            ack: AsyncAck, body: dict[str, Any], req: AsyncBoltRequest
        ) -> None:
            envelope = (req.headers.get(ENVELOPE_HEADER) or [""])[0]
            request = self.read(body, envelope)
            adapter.remember(request)
            work = partial(handle, request, services)
            wanted = partial(wanted_by, name, request.text)
            done = await adapter.before_ack(self.kind, name, work, self.refuse, wanted)
            await ack(**done.ack)
            # After this line nothing may raise: Bolt would lose the ack.
            if done.place is not None:
                request = replace(request, place=done.place)
            adapter.after_ack(name, request, done.later, wanted)

        return listener


def refuse_form(message: Message) -> Handled:
    """Replace a form by the sentence about an error."""
    return Handled.show(forms.not_done(message))


def refuse_query(message: Message) -> Handled:
    """Suggest nothing but the sentence about an error."""
    return Handled.suggest([dialer.complaint(message)])


COMMAND = Entrance("command", AsyncApp.command, Request.from_command, Handled.say)
BUTTON = Entrance("button", AsyncApp.action, Request.from_action, Handled.say)
FORM = Entrance("form", AsyncApp.view, Request.from_view, refuse_form)
SHORTCUT = Entrance("shortcut", AsyncApp.shortcut, Request.from_shortcut, Handled.say)
SUGGESTION = Entrance("query", AsyncApp.options, Request.from_query, refuse_query)


def queries(waits: FormWaits = USUAL_FORM_WAITS) -> Handlers:
    """Return the table of queries, each for those alone who are let in, and in time."""
    return {
        name: in_time(waits.suggest, admitted(name, handle, waits.know))
        for name, handle in QUERIES.items()
    }


def tables(waits: FormWaits = USUAL_FORM_WAITS) -> list[tuple[Entrance, Handlers]]:
    """Return every handler, each for those alone who are let in."""
    return [
        (COMMAND, {name: admitted(name, do) for name, do in COMMANDS.items()}),
        (BUTTON, {name: after_ack(admitted(name, do)) for name, do in ACTIONS.items()}),
        (FORM, {name: admitted(name, do) for name, do in FORMS.items()}),
        (
            SHORTCUT,
            {name: after_ack(admitted(name, do)) for name, do in SHORTCUTS.items()},
        ),
        (SUGGESTION, queries(waits)),
    ]


def register(app: AsyncApp, services: Services, adapter: Adapter) -> None:
    """Let *app* answer every command, button, form, shortcut and query of the tables."""
    for entrance, table in tables(services.waits):
        entrance.register(app, table, services, adapter)
