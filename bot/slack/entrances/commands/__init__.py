"""What people can type: the table, and the one adapter between Bolt and handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest

from bot.slack.entrances.adapter import Adapter
from bot.slack.entrances.commands import callstatus, ringout
from bot.slack.entrances.request import Reply, Request
from bot.slack.entrances.services import Services

Handler = Callable[[Request, Services], Awaitable[Reply]]

COMMANDS: dict[str, Handler] = {
    "/ringout": ringout.handle,
    "/callstatus": callstatus.handle,
}


def register(app: AsyncApp, services: Services, adapter: Adapter) -> None:
    """Let *app* answer every command in the table."""
    for name, handle in COMMANDS.items():
        app.command(name)(_listener(name, handle, services, adapter))


def _listener(
    name: str, handle: Handler, services: Services, adapter: Adapter
) -> Callable[..., Awaitable[None]]:
    async def listen(
        ack: AsyncAck, command: dict[str, Any], req: AsyncBoltRequest
    ) -> None:
        request = Request.from_command(command, adapter.envelope(req))
        adapter.remember(request)
        reply = await adapter.answer(name, handle(request, services))
        if reply.now is None:
            await ack()
        else:
            await ack(text=reply.now.text, blocks=list(reply.now.blocks) or None)
        # After this line nothing may raise: Bolt would lose the ack.
        adapter.after(name, request, reply)

    return listen
