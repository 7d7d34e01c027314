"""WebSockets to RingCentral: they subscribe, hand events on, and can be recovered.

aiohttp answers pings while a message is waited for, so nothing else is waited for then.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode, urlsplit

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType

from bot.errors import Unreachable
from bot.ringcentral.push import frames
from bot.ringcentral.push.notification import (
    MOST_PUSHED_BYTES,
    Notification,
    notification,
)
from bot.ringcentral.subscriptions import SocketTicket
from bot.ringcentral.transport import shapes

RECOVERABLE_FOR = 180.0
"""Seconds in which RingCentral keeps a session whose connection was lost."""

CLOSE_WITHIN = 1.0
"""Seconds to wait for the other side's close frame; a whole stop has ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketWaits:
    """How long a WebSocket waits; in seconds.

    Attributes:
        answer: For the connection, then for its details and the subscription.
        ping: Between our pings; the connection is lost if one is not answered.
        beat: Between messages that keep it open: RingCentral ends one that was idle for
            half an hour.
    """

    answer: float = 10.0
    ping: float = 20.0
    beat: float = 600.0


USUAL_SOCKET_WAITS = SocketWaits()


class SocketUser(Protocol):
    """Whoever uses a WebSocket."""

    async def opened(self, subscription: str, *, goes_on: bool) -> None:
        """Hear that events come. *goes_on*: the session was recovered, so none is lost."""

    def deliver(self, told: Notification) -> None:
        """Take an event, without waiting."""

    def strange(self) -> None:
        """Count a message that is none of RingCentral's."""


class EventSocket:
    """The connections of one account, one after the other, which share a session.

    *encrypted*: only encrypted connections are made.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        user: SocketUser,
        *,
        encrypted: bool,
        waits: SocketWaits = USUAL_SOCKET_WAITS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._user = user
        self._scheme = "wss" if encrypted else "ws"
        self._waits = waits
        self._monotonic = monotonic
        self._recovery = ""
        self._lost_at = 0.0
        self._subscription = ""

    async def run(self, ticket: SocketTicket) -> str:
        """Carry events over one connection; return the code or number with which it ends.

        Raises:
            Refused: RingCentral refuses the subscription.
            RateLimited: It wants us to wait.
            Unreachable: There is no connection, or it says nothing that we know.
            StoreUnavailable: See `SocketUser.opened`.
        """
        try:
            async with self._connected(ticket) as socket:
                await self._begin(socket)
                return await self._carry(socket)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise Unreachable(f"no WebSocket: {type(error).__name__}") from None
        finally:
            self._lost_at = self._monotonic()

    @asynccontextmanager
    async def _connected(
        self, ticket: SocketTicket
    ) -> AsyncIterator[ClientWebSocketResponse]:
        if urlsplit(ticket.uri).scheme != self._scheme:
            raise Unreachable("the address of a WebSocket that is not encrypted")
        async with asyncio.timeout(self._waits.answer):
            socket = await self._session.ws_connect(
                f"{ticket.uri}?{urlencode(self._query(ticket))}",
                heartbeat=self._waits.ping,
                max_msg_size=MOST_PUSHED_BYTES,
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_WITHIN),
            )
        try:
            yield socket
        finally:
            await socket.close()

    def _query(self, ticket: SocketTicket) -> dict[str, str]:
        query = {"access_token": ticket.token}
        if self._recovery and self._monotonic() - self._lost_at < RECOVERABLE_FOR:
            query["wsc"] = self._recovery
        return query

    async def _begin(self, socket: ClientWebSocketResponse) -> None:
        """Wait for the connection's details; subscribe unless the session goes on."""
        async with asyncio.timeout(self._waits.answer):
            details = await _next(socket, frames.DETAILS)
            goes_on = details.is_recovered and bool(self._subscription)
            self._recovery = details.recovery
            if not goes_on:
                await self._subscribe(socket)
        await self._user.opened(self._subscription, goes_on=goes_on)

    async def _subscribe(self, socket: ClientWebSocketResponse) -> None:
        self._subscription = ""
        await socket.send_str(frames.subscribing(secrets.token_hex(8)))
        answer = await _next(socket, frames.REQUEST)
        refusal = frames.refusal(answer)
        if refusal is not None:
            raise refusal
        self._subscription = shapes.named(answer.body)
        if not self._subscription:
            raise Unreachable("an answer without a subscription")

    async def _carry(self, socket: ClientWebSocketResponse) -> str:
        beating = asyncio.create_task(self._beat(socket))
        code = ""
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    code = self._take(message.data.encode()) or code
        finally:
            beating.cancel()
        return code or str(socket.close_code or "")

    def _take(self, message: bytes) -> str:
        """Hand on what a message tells; return the code of an error that it is."""
        frame = frames.read(message)
        if frame is None:
            self._user.strange()
            return ""
        self._recovery = frame.recovery or self._recovery
        if frame.kind == frames.EVENT:
            told = notification(frame.body)
            if told is None or told.subscription != self._subscription:
                self._user.strange()
            else:
                self._user.deliver(told)
        return frame.error_code

    async def _beat(self, socket: ClientWebSocketResponse) -> None:
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):
            while True:
                await asyncio.sleep(self._waits.beat)
                await socket.send_str(frames.beating(secrets.token_hex(8)))


async def _next(socket: ClientWebSocketResponse, kind: str) -> frames.Frame:
    """Return the next message of *kind*, or an error that comes instead.

    Raises:
        Unreachable: The connection has ended.
    """
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        frame = frames.read(message.data.encode())
        if frame is not None and frame.kind == frames.ERROR:
            raise frames.refusal(frame) or Unreachable(frame.error_code)
        if frame is not None and frame.kind == kind:
            return frame
    raise Unreachable(f"a WebSocket ended: {socket.close_code}")
