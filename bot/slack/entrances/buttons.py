"""What people can press: the same table and adapter as for commands."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest

from bot.slack.entrances import account
from bot.slack.entrances.adapter import Adapter
from bot.slack.entrances.commands import mention
from bot.slack.entrances.request import Reply, Request
from bot.slack.entrances.services import Services
from bot.slack.texts import answers, card, colleague, forms
from bot.slack.texts.account import (
    CONNECT,
    CONNECT_LINK,
    DISCONNECT,
    SETTINGS,
    TEST_CALL,
)
from bot.slack.texts.text import Message
from bot.user_errors import OutdatedButton

Handler = Callable[[Request, Services], Awaitable[Message | None]]


async def cancel(request: Request, services: Services) -> Message | None:
    """Stop the call on whose card ``Cancel`` was pressed, as far as that goes."""
    switchboard = services.switchboard
    return answers.cancelled(await switchboard.cancel(request.place, request.text))


async def call_again(request: Request, services: Services) -> Message | None:
    """Place a call like the one on whose card ``Call again`` was pressed."""
    switchboard = services.switchboard
    added = await switchboard.place_again(request.key, request.place, request.text)
    return answers.added(
        added,
        most=switchboard.policy.calls_per_minute,
        to=added.call.callee.e164,
        from_=added.call.caller.e164 if added.call.caller else None,
    )


async def call_anyway(request: Request, services: Services) -> Message | None:
    """Place the call that was held back because one like it is open."""
    try:
        value = json.loads(request.text)
        to, from_, as_ = str(value["to"]), value["from"], value.get("as")
    except (ValueError, KeyError, TypeError):
        raise OutdatedButton from None
    switchboard = services.switchboard
    added = await switchboard.place(
        request.key,
        request.place,
        to,
        str(from_) if from_ else None,
        as_=str(as_) if as_ else None,
        again=True,
    )
    most = switchboard.policy.calls_per_minute
    return answers.added(added, most=most, to=to, from_=from_, as_=as_)


ACTIONS: dict[str, Handler] = {
    card.CANCEL: cancel,
    card.CALL_AGAIN: call_again,
    answers.CALL_ANYWAY: call_anyway,
    colleague.CALL: mention.call_person,
    colleague.CALL_OTHER: mention.call_person,
    colleague.CALL_NOBODY: mention.call_nobody,
    CONNECT: account.start,
    CONNECT_LINK: account.nothing,
    TEST_CALL: account.test_call,
    SETTINGS: account.settings,
    DISCONNECT: account.disconnect,
    forms.REFRESH: account.refresh_phones,
}


def register(app: AsyncApp, services: Services, adapter: Adapter) -> None:
    """Let *app* answer every button in the table."""
    for name, handle in ACTIONS.items():
        app.action(name)(_listener(name, handle, services, adapter))


def _listener(
    name: str, handle: Handler, services: Services, adapter: Adapter
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
        reply = Reply(later=lambda: handle(request, services))
        adapter.after(name, request, reply)

    return listen
