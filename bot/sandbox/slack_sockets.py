"""Socket Mode: one connection per envelope, acks, disconnects, and silence.

Source: Slack docs, "Using Socket Mode".
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.slack_answers import Json, Problem
from bot.sandbox.slack_ledger import Changes

MOST = 10


@dataclass(slots=True, eq=False)
class Connection:
    """One WebSocket; `silent` ones hear and say nothing, while TCP stays open."""

    socket: web.WebSocketResponse
    request: web.Request
    silent: bool = False


@dataclass(slots=True, kw_only=True)
class Sockets:
    """The open connections, and the envelopes that wait for their acks."""

    changes: Changes
    app: str
    address: str = ""
    open: list[Connection] = field(default_factory=list)
    refuse: bool = False
    made: int = 0
    stray_acks: list[str] = field(default_factory=list)
    _tickets: set[str] = field(default_factory=set)
    _waiting: dict[str, asyncio.Future[Any]] = field(default_factory=dict)
    _turn: int = 0

    def ticket(self) -> str:
        """Return a one-time address."""
        if self.refuse:
            raise Problem("internal_error")
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        return f"{self.address}/link/?ticket={ticket}&app_id={self.app}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Hold one connection until it ends."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or len(self.open) >= MOST:
            return web.Response(status=404)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        connection = Connection(socket, request)
        self.open.append(connection)
        self.made += 1
        await socket.send_json(self._hello())
        self.changes.tell()
        try:
            async for message in socket:
                await self._heard(connection, message.type, message.data)
        finally:
            if connection in self.open:
                self.open.remove(connection)
            self.changes.tell()
        return socket

    async def _heard(self, connection: Connection, kind: WSMsgType, data: Any) -> None:
        if connection.silent:
            return
        if kind is WSMsgType.PING:
            await connection.socket.pong(data)
        elif kind is WSMsgType.TEXT:
            answer = json.loads(data)
            waiting = self._waiting.pop(answer.get("envelope_id", ""), None)
            if waiting is None or waiting.done():
                self.stray_acks.append(answer.get("envelope_id", ""))
            else:
                waiting.set_result(answer.get("payload"))

    async def deliver(self, envelope: Json, seconds: float) -> Any:
        """Send an envelope over one connection; return its ack's payload.

        Raises TimeoutError where no ack comes in time.
        """
        live = [one for one in self.open if not one.socket.closed]
        if not live:
            raise TimeoutError
        self._turn += 1
        connection = live[self._turn % len(live)]
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = waiting
        if not connection.silent:
            with contextlib.suppress(ConnectionError):
                await connection.socket.send_json(envelope)
        try:
            return await asyncio.wait_for(waiting, timeout=seconds)
        finally:
            self._waiting.pop(envelope["envelope_id"], None)

    def go_silent(self) -> None:
        """Let every open connection die without a word."""
        for connection in self.open:
            connection.silent = True

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell every connection to be made anew; ``warning`` leaves it open."""
        for connection in list(self.open):
            frame = {"type": "disconnect", "reason": reason, "debug_info": {}}
            await connection.socket.send_json(frame)
            if reason != "warning":
                await connection.socket.close()

    async def cut(self) -> None:
        """Break every connection, as a network does: no frame, no handshake."""
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
                "host": "applink-sandbox",
                "approximate_connection_time": 18060,
            },
        }
