"""Socket Mode: connections, envelopes and their acks, disconnects.

Source: Slack docs, "Using Socket Mode".
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.slack.answers import Json
from bot.sandbox.slack.ledger import Changes

MOST_CONNECTIONS = 10
CLOSE_SECONDS = 1.0
"""How long to wait for the bot's close frame; a killed bot sends none."""

HOST = "applink-sandbox"
ENDED = (WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR)


@dataclass(slots=True, eq=False)
class Connection:
    """One WebSocket.

    Attributes:
        silent: Whether it neither reads nor sends, although TCP stays open. It is still
            chosen for envelopes, until the bot closes it.
        pings: The bot's pings that were answered.
        pongs: The bot's answers to `Sockets.ping`.
        envelopes: How many were assigned to it, those lost by silence included.
    """

    socket: web.WebSocketResponse
    request: web.Request
    silent: bool = False
    pings: int = 0
    pongs: int = 0
    envelopes: int = 0
    since: float = field(default_factory=time.monotonic)


@dataclass(slots=True, kw_only=True)
class Sockets:
    """The connections, and the envelopes that wait for acks.

    Attributes:
        open: The open connections, oldest first. They take envelopes in turn.
        refuse: Whether to answer new connections with 503; their tickets stay valid.
        made: How many connections were ever opened.
        turned_away: How many were refused with 503.
        late_acks: Envelope ids that were acked after the time-out, or a second time.
        stray_acks: Envelope ids that were acked but never sent.
    """

    changes: Changes
    app: str
    address: str = ""
    open: list[Connection] = field(default_factory=list)
    refuse: bool = False
    made: int = 0
    turned_away: int = 0
    late_acks: list[str] = field(default_factory=list)
    stray_acks: list[str] = field(default_factory=list)
    _tickets: set[str] = field(default_factory=set, repr=False)
    _sent: set[str] = field(default_factory=set)
    _waiting: defaultdict[str, deque[asyncio.Future[Any]]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    _turn: int = 0

    def ticket(self) -> str:
        """Return a URL for one connection; it can be used once."""
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        return f"{self.address}/link/?ticket={ticket}&app_id={self.app}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it ends."""
        ticket = request.query.get("ticket", "")
        if self.refuse:
            self.turned_away += 1
            self.changes.tell()
            return web.Response(status=503)
        if ticket not in self._tickets:
            return web.Response(status=404)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(
            autoping=False, autoclose=False, timeout=CLOSE_SECONDS
        )
        await socket.prepare(request)
        if len(self.open) >= MOST_CONNECTIONS:
            await socket.send_json(_disconnect("too_many_websockets"))
            await socket.close()
            return socket
        connection = Connection(socket, request)
        self.open.append(connection)
        self.made += 1
        try:
            await socket.send_json(self._hello())
            self.changes.tell()
            await self._listen(connection)
        finally:
            self.open.remove(connection)
            self.changes.tell()
        return socket

    async def _listen(self, connection: Connection) -> None:
        socket = connection.socket
        while True:
            message = await socket.receive()
            if message.type is WSMsgType.CLOSE and not connection.silent:
                await socket.close()
            if message.type is WSMsgType.CLOSE or message.type in ENDED:
                return
            if connection.silent:
                continue
            if message.type is WSMsgType.PING:
                connection.pings += 1
                with contextlib.suppress(ConnectionError):  # closed meanwhile
                    await socket.pong(message.data)
            elif message.type is WSMsgType.PONG:
                connection.pongs += 1
            elif message.type is WSMsgType.TEXT:
                self._acked(json.loads(message.data))
            self.changes.tell()

    def _acked(self, answer: Json) -> None:
        envelope_id = str(answer.get("envelope_id", ""))
        waiting = self._waiting[envelope_id]
        while waiting and waiting[0].done():
            waiting.popleft()
        if waiting:
            waiting.popleft().set_result(answer.get("payload"))
        elif envelope_id in self._sent:
            self.late_acks.append(envelope_id)
        else:
            self.stray_acks.append(envelope_id)

    async def deliver(self, envelope: Json, seconds: float) -> Any:
        """Send an envelope over one connection; return its ack's payload.

        Raises:
            TimeoutError: No ack came within *seconds*.
        """
        self._turn += 1
        connection = self.open[self._turn % len(self.open)]
        connection.envelopes += 1
        envelope_id = envelope["envelope_id"]
        self._sent.add(envelope_id)
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id].append(waiting)
        if not connection.silent:
            with contextlib.suppress(ConnectionError):
                await connection.socket.send_json(envelope)
        async with asyncio.timeout(seconds):
            return await waiting

    def go_silent(self) -> None:
        """Make every open connection silent, without closing it."""
        for connection in self.open:
            connection.silent = True

    async def ping(self) -> None:
        """Ping every connection; `Connection.pongs` counts the answers."""
        for connection in list(self.open):
            await connection.socket.ping(b"Ping from applink")

    async def disconnect(
        self, reason: str = "refresh_requested", close_after: float | None = 0.0
    ) -> None:
        """Ask the bot to reconnect every connection; close the old ones.

        Args:
            reason: Slack's word. ``warning`` announces a ``refresh_requested`` and
                closes nothing.
            close_after: Seconds from the request to the close; None for no close.
        """
        connections = [one for one in self.open if not one.silent]
        for connection in connections:
            await connection.socket.send_json(_disconnect(reason))
        if reason == "warning" or close_after is None:
            return
        await asyncio.sleep(close_after)
        for connection in connections:
            await connection.socket.close()

    async def cut(self) -> None:
        """Abort every TCP connection, as a network failure does, without a close frame."""
        for connection in list(self.open):
            if connection.request.transport is not None:
                connection.request.transport.abort()
        await asyncio.sleep(0)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.open),
            "connection_info": {"app_id": self.app},
            "debug_info": {
                "host": HOST,
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
        }


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}}
