"""Subscriptions to pushed events of the user's own telephony sessions.

Source: API reference, "Subscriptions" and "WebSocket Token"; developer guide, "Webhooks"
and "WebSockets".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bot.calls.sessions.permission import CALL_CONTROL
from bot.calls.subscription import WEBHOOK_LIFE, RemoteState
from bot.errors import Unreachable
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.sender import Sender
from bot.ringcentral.transport import shapes, wire

SUBSCRIPTION = "/restapi/v1.0/subscription"
SOCKET_TOKEN = "/restapi/oauth/wstoken"  # noqa: S105 - a path

OWN_SESSIONS = "/restapi/v1.0/account/~/extension/~/telephony/sessions"
"""The filter for events of the user's own calls. The account's would show everybody's."""

WEBHOOKS = "SubscriptionWebhook"
SOCKETS = "WebSocketsSubscription"
"""The app's permissions that pushed events need, the last as the developer guide spells it."""


def lacking(scopes: frozenset[str], *, webhook: bool) -> str:
    """Return a permission that the app surely lacks; empty if it may have both.

    *scopes* are those of a token; empty if they are not known. RingCentral's documents
    spell the permission for WebSockets in three ways.
    """
    if not scopes:
        return ""
    if CALL_CONTROL not in scopes:
        return CALL_CONTROL
    if webhook:
        return "" if WEBHOOKS in scopes else WEBHOOKS
    return "" if any(each.startswith("WebSocket") for each in scopes) else SOCKETS


@dataclass(frozen=True, slots=True)
class SocketTicket:
    """Where to open one WebSocket, and the token for it; both are good for 30 s, once."""

    uri: str
    token: str = field(repr=False)


class SubscriptionsApi:
    """Creates, reads, renews and deletes subscriptions."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def create(self, address: str, token: str) -> RemoteState:
        """Have events sent to *address*, with *token*, which proves that they are genuine.

        RingCentral first asks the address whether it wants them. Costs one Medium request.
        If its answer is lost, there may be a subscription that nobody renews.
        """
        mode = {"transportType": "WebHook", "address": address}
        body = {
            "eventFilters": [OWN_SESSIONS],
            "deliveryMode": mode | {"verificationToken": token},
            "expiresIn": int(WEBHOOK_LIFE.total_seconds()),
        }
        answer = await self._sender.ask(
            "POST", SUBSCRIPTION, Purpose.SUBSCRIBE, body=body
        )
        return state(answer.body)

    async def read(self, identity: str) -> RemoteState:
        """Return a subscription as it is now. Costs one Light request."""
        path = f"{SUBSCRIPTION}/{quote(identity, safe='')}"
        return state((await self._sender.read(path, Purpose.WATCH)).body)

    async def renew(self, identity: str) -> RemoteState:
        """Renew a subscription. Costs one Light request."""
        path = f"{SUBSCRIPTION}/{quote(identity, safe='')}/renew"
        answer = await self._sender.ask("POST", path, Purpose.WATCH)
        return state(answer.body)

    async def delete(self, identity: str) -> None:
        """Delete a subscription. Costs one Medium request."""
        path = f"{SUBSCRIPTION}/{quote(identity, safe='')}"
        await self._sender.ask("DELETE", path, Purpose.SUBSCRIBE)

    async def socket_ticket(self) -> SocketTicket:
        """Return a ticket for one WebSocket. Costs one Auth request."""
        answer = await self._sender.ask("POST", SOCKET_TOKEN, Purpose.SOCKET_TOKEN)
        uri = shapes.text(answer.body, "uri")
        token = shapes.text(answer.body, "ws_access_token")
        if not (uri and token):
            raise Unreachable("an answer without a token")
        return SocketTicket(uri, token)


def state(body: Any) -> RemoteState:
    """Return the subscription of an answer.

    Raises:
        Unreachable: The answer shows none.
    """
    identity = shapes.named(body)
    expires_at = wire.moment(shapes.get(body, "expirationTime"))
    if not identity or expires_at is None:
        raise Unreachable("an answer without a subscription")
    return RemoteState(identity, shapes.text(body, "status") == "Active", expires_at)
