"""What people can submit: the same table and adapter as for commands and buttons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest

from bot.slack.entrances import account
from bot.slack.entrances.adapter import Adapter
from bot.slack.entrances.request import Request, Submitted
from bot.slack.entrances.services import Services
from bot.slack.texts import forms

Handler = Callable[[Request, Services], Awaitable[Submitted]]

FORMS: dict[str, Handler] = {
    forms.JWT: account.submit_credential,
    forms.SETTINGS: account.submit_settings,
}


def register(app: AsyncApp, services: Services, adapter: Adapter) -> None:
    """Let *app* answer every form in the table."""
    for name, handle in FORMS.items():
        app.view(name)(_listener(name, handle, services, adapter))


def _listener(
    name: str, handle: Handler, services: Services, adapter: Adapter
) -> Callable[..., Awaitable[None]]:
    async def listen(
        ack: AsyncAck, body: dict[str, Any], req: AsyncBoltRequest
    ) -> None:
        request = Request.from_view(body, adapter.envelope(req))
        submitted = await adapter.submitted(name, handle(request, services))
        await ack(**(submitted.answer or {}))
        # After this line nothing may raise: Bolt would lose the ack.
        adapter.after(name, request, submitted)

    return listen
