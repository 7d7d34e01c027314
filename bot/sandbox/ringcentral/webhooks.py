"""Delivers events by webhook: the validation of an address, deliveries, the blacklist.

Source: RingCentral developer guide, "Receiving webhooks": an address has three seconds,
and 1,024 bytes for headers and body; who fails too often is blacklisted for good.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp

from bot.sandbox.ringcentral.answers import Json
from bot.sandbox.ringcentral.subscriptions import Subscription

MOST_BYTES = 1024
"""Of an answer's headers and body together."""

WRONG_ANSWER = "SUB-525"
MOST_FAILURES = 3
"""Deliveries in a row after which the double blacklists; RingCentral's number is not told."""


@dataclass(slots=True)
class Delivery:
    """One delivery that was sent.

    Attributes:
        time: When it was sent, in seconds of `time.monotonic`.
        status: The status of the answer; 0 if none came in time.
    """

    time: float
    subscription: str
    body: Json
    status: int


@dataclass(slots=True, kw_only=True)
class Webhooks:
    """Sends validations and deliveries.

    Attributes:
        blacklist: Takes a subscription that fails too often, and why.
        patience: Seconds for an answer.
        token_header: The header that the app's own token comes back in: documents differ.
        sent: All deliveries, in the order in which they ended.
    """

    blacklist: Callable[[Subscription, str], None]
    patience: float = 3.0
    token_header: str = "Verification-Token"  # noqa: S105 - a header's name
    sent: list[Delivery] = field(default_factory=list)
    _session: aiohttp.ClientSession | None = None

    async def validate(self, address: str) -> str:
        """Send a validation token to *address*; return a code if it is not echoed."""
        token = secrets.token_hex(16)
        try:
            async with asyncio.timeout(self.patience):
                async with self._sessions().post(
                    address, headers={"Validation-Token": token}
                ) as answer:
                    body = await answer.read()
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return WRONG_ANSWER
        size = len(body) + sum(len(k) + len(v) + 4 for k, v in answer.raw_headers)
        fits = size <= MOST_BYTES and answer.content_type == "application/json"
        echoed = answer.headers.get("Validation-Token") == token
        is_right = answer.status == HTTPStatus.OK and fits and echoed
        return "" if is_right else WRONG_ANSWER

    async def deliver(self, to: Subscription, body: Json) -> None:
        """Deliver *body* once; blacklist if it fails too often."""
        began = time.monotonic()
        status = await self._posted(to, body)
        self.sent.append(Delivery(began, to.id, body, status))
        to.failures = 0 if status == HTTPStatus.OK else to.failures + 1
        if to.failures >= MOST_FAILURES and not to.blacklisted:
            why = f"HTTP status {status}" if status else "no answer in time"
            self.blacklist(to, why)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _posted(self, to: Subscription, body: Json) -> int:
        headers = {"Content-Type": "application/json"}
        if to.token:
            headers[self.token_header] = to.token
        try:
            async with asyncio.timeout(self.patience):
                async with self._sessions().post(
                    to.address, data=json.dumps(body), headers=headers
                ) as answer:
                    await answer.read()
                    return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    def _sessions(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session
