"""Receives RingCentral's deliveries, and proves to it that the address is ours.

Source: developer guide, "Receiving webhooks": before it creates a subscription,
RingCentral sends the address a token, and wants it back within 3 s, in at most 1,024 bytes
with headers, as JSON even if empty. It signs nothing, so the address holds a secret, and
RingCentral sends another one along: its documents name two headers for that.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Protocol

from aiohttp import web

from bot.ringcentral.push.notification import Notification, notification, parsed

log = logging.getLogger(__name__)

WEBHOOK_PATH = "/ringcentral/events/"
"""Behind it comes the secret of one subscription."""

VALIDATION, VERIFICATION = "Validation-Token", "Verification-Token"

SECRET_FORM = re.compile(r"[A-Za-z0-9_-]{43}")
ECHO_FORM = re.compile(r"[!-~]{1,256}")
"""What is echoed: RingCentral's tokens are UUIDs, and the answer has to stay short."""


class Webhook(Protocol):
    """A webhook that was made by us."""

    @property
    def account(self) -> str:
        """Whose calls it is about."""

    @property
    def remote_id(self) -> str:
        """Its subscription's id; empty while RingCentral has not told it."""


class Webhooks(Protocol):
    """The webhooks of all processes, and what becomes of their events."""

    async def whose(self, secret: str, tokens: Sequence[str]) -> Webhook | None:
        """Return the webhook that has *secret* in its address, and one of *tokens*.

        Raises `StoreUnavailable` if that can't be found out now.
        """

    def deliver(self, account: str, told: Notification) -> None:
        """Take an event, without waiting."""

    def ignored(self, why: str) -> None:
        """Count a delivery that changes nothing: ``forged`` or ``strange``."""


class WebhookEntrance:
    """Answers deliveries at `WEBHOOK_PATH`."""

    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Answer one delivery, or a validation of the address.

        A validation is answered whoever asks: that changes nothing, and reads nothing.
        """
        secret, body = request.match_info["secret"], await request.read()
        echo = request.headers.get(VALIDATION, "")
        found = None
        if body and SECRET_FORM.fullmatch(secret):
            found = await self._webhooks.whose(secret, _tokens(request))
        if found is not None:
            self._take(found, body)
        elif not (SECRET_FORM.fullmatch(secret) and ECHO_FORM.fullmatch(echo)):
            self._webhooks.ignored("forged")
            log.warning("a delivery without our secrets was refused")
            return _answer(HTTPStatus.NOT_FOUND, "")
        return _answer(HTTPStatus.OK, echo)

    def _take(self, webhook: Webhook, body: bytes) -> None:
        """Hand an event on. What is no event of ours is answered alike, and dropped."""
        told = notification(parsed(body))
        if told is None or webhook.remote_id not in ("", told.subscription):
            self._webhooks.ignored("strange")
            log.warning("a delivery of RingCentral's is no event of a call")
        else:
            self._webhooks.deliver(webhook.account, told)


def _tokens(request: web.Request) -> list[str]:
    names = (VERIFICATION, VALIDATION)
    return [value for name in names for value in request.headers.getall(name, [])]


def _answer(status: HTTPStatus, echo: str) -> web.Response:
    headers = {VALIDATION: echo} if ECHO_FORM.fullmatch(echo) else {}
    return web.Response(
        status=status, body=b"{}", headers=headers, content_type="application/json"
    )
