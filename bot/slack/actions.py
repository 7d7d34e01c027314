"""What people can press: the same table and adapter as for commands."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest

from bot.errors import UserError
from bot.slack import answers, messages
from bot.slack.adapter import Adapter
from bot.slack.request import Reply, Request
from bot.slack.text import Message
from bot.switchboard import Switchboard

Handler = Callable[[Request, Switchboard], Awaitable[Message | None]]


async def cancel(request: Request, switchboard: Switchboard) -> Message | None:
    """Stop the call on whose card ``Cancel`` was pressed, as far as that goes."""
    return answers.cancelled(await switchboard.cancel(request.place, request.text))


async def call_again(request: Request, switchboard: Switchboard) -> Message | None:
    """Place a call like the one on whose card ``Call again`` was pressed."""
    added = await switchboard.place_again(request.key, request.place, request.text)
    return answers.added(
        added,
        most=switchboard.policy.calls_per_minute,
        to=added.call.callee.e164,
        from_=added.call.caller.e164 if added.call.caller else None,
    )


async def call_anyway(request: Request, switchboard: Switchboard) -> Message | None:
    """Place the call that was held back because one like it is open."""
    try:
        value = json.loads(request.text)
        to, from_ = str(value["to"]), value["from"]
    except (ValueError, KeyError, TypeError):
        raise UserError(
            "That button is from an older version; type it again."
        ) from None
    added = await switchboard.place(
        request.key,
        request.place,
        to,
        str(from_) if from_ else None,
        again=True,
    )
    most = switchboard.policy.calls_per_minute
    return answers.added(added, most=most, to=to, from_=from_)


ACTIONS: dict[str, Handler] = {
    messages.CANCEL: cancel,
    messages.CALL_AGAIN: call_again,
    answers.CALL_ANYWAY: call_anyway,
}


def register(app: AsyncApp, switchboard: Switchboard, adapter: Adapter) -> None:
    """Let *app* answer every button in the table."""
    for name, handle in ACTIONS.items():
        app.action(name)(_listener(name, handle, switchboard, adapter))


def _listener(
    name: str, handle: Handler, switchboard: Switchboard, adapter: Adapter
) -> Callable[..., Awaitable[None]]:
    async def listen(
        ack: AsyncAck,
        body: dict[str, Any],
        action: dict[str, Any],
        req: AsyncBoltRequest,
    ) -> None:
        request = Request.from_action(body, action, adapter.envelope(req))
        adapter.remember(request)
        await ack()
        # After this line nothing may raise: Bolt would lose the ack. A click can be
        # pressed again, unlike a command, so its work may follow the ack.
        reply = Reply(later=lambda: handle(request, switchboard))
        adapter.after(name, request, reply)

    return listen
