"""The WebSocket gateway: tokens, connections, the one subscription of each, recovery.

Source: RingCentral developer guide, "WebSockets": "Quick start", "Keeping connections
alive", "Recovering a session". Each message is a list: what it is, and its body.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.ringcentral.answers import Ask, Json, Reply
from bot.sandbox.ringcentral.clock import StoryClock, iso
from bot.sandbox.ringcentral.people import People
from bot.sandbox.ringcentral.subscriptions import (
    WEBSOCKET,
    Subscription,
    Subscriptions,
)

PATH = "/ws"
SOCKET_PERMISSIONS = frozenset(
    {"WebSocketsSubscription", "WebSocketSubscription", "WebSocket"}
)
"""Names that documents give the app's permission; any of them will do."""

TOKEN_LIFE = 30.0
RECOVERY_TIMEOUT, RECOVERY_BUFFER = 180.0, 100
IDLE_TIMEOUT, ABSOLUTE_TIMEOUT = 1800, 86_400
"""Seconds, and messages."""

IDLE, ABSOLUTE, NO_TOKEN = "WSG-902", "WSG-903", "WSG-901"
CLOSE_CODES = {IDLE: 4002, ABSOLUTE: 4003, "": 1001}
ENDED = (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR)


@dataclass(slots=True, eq=False)
class SocketSession:
    """What a connection can recover: its subscription, and what it has missed.

    Attributes:
        wsc: The token by which it is recovered.
        lost_at: When its connection ended, in real seconds; None while it has one.
        buffer: Messages that came since then.
    """

    owner: str
    wsc: str
    subscription: Subscription | None = None
    lost_at: float | None = None
    buffer: list[list[Json]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class SocketLink:
    """One open WebSocket.

    Attributes:
        silent: Whether it neither reads nor sends, although TCP stays open.
        heartbeats: How many heartbeat messages the app has sent.
        pongs: How many of `Gateway.ping` the app has answered.
    """

    socket: web.WebSocketResponse
    request: web.Request
    session: SocketSession
    silent: bool = False
    heartbeats: int = 0
    pongs: int = 0


@dataclass(slots=True, kw_only=True)
class Gateway:
    """All connections.

    Attributes:
        open: The open ones, oldest first.
        made: How many were ever opened.
        refuse: Whether new ones are turned away with 503.
        recovers: Whether sessions can be recovered; if not, recovery fails.
        address: Where it is, ``ws://host/ws``; set at the double's start.
    """

    clock: StoryClock
    people: People
    subscriptions: Subscriptions
    open: list[SocketLink] = field(default_factory=list)
    made: int = 0
    refuse: bool = False
    recovers: bool = True
    address: str = ""
    _tokens: dict[str, tuple[str, float]] = field(default_factory=dict, repr=False)
    _sessions: dict[str, SocketSession] = field(default_factory=dict, repr=False)

    def token(self, ask: Ask) -> Reply:
        """``POST /restapi/oauth/wstoken``: a token for one connection."""
        token = secrets.token_urlsafe(24)
        self._tokens[token] = (ask.owner, ask.now + TOKEN_LIFE)
        body = {"uri": self.address, "ws_access_token": token, "expires_in": 30}
        return Reply(body=body)

    def of(self, person: str) -> list[SocketLink]:
        """Return a person's open connections."""
        owner = self.people.find(person).extension_id
        return [each for each in self.open if each.session.owner == owner]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it ends."""
        if self.refuse:
            return web.Response(status=503)
        owner, ends_at = self._tokens.pop(
            request.query.get("access_token", ""), ("", 0.0)
        )
        if not owner or self.clock.real() >= ends_at:
            return web.Response(status=401)
        session, state = self._session(owner, request.query.get("wsc", ""))
        socket = web.WebSocketResponse(autoping=False, autoclose=False, timeout=1.0)
        await socket.prepare(request)
        link = SocketLink(socket, request, session)
        self.open.append(link)
        self.made += 1
        try:
            await socket.send_json(self._details(session, state))
            missed, session.buffer = session.buffer, []
            for each in missed:
                await socket.send_json(each)
            await self._listen(link)
        finally:
            self.open.remove(link)
            session.lost_at = self.clock.real()
        return socket

    async def notify(self, to: Subscription, body: Json) -> None:
        """Send an event over the connection of *to*, or keep it for a recovery."""
        meta: Json = {"type": "ServerNotification", "messageId": body["uuid"]}
        meta |= {"status": 200, "headers": {}}
        message = [meta, body]
        for link in self.open:
            if link.session.subscription is to:
                if not link.silent:
                    await self._sent(link, message)
                return
        for session in self._sessions.values():
            if session.subscription is to:
                session.buffer = [*session.buffer, message][-RECOVERY_BUFFER:]

    # What goes wrong

    async def end(self, why: str = "", *, person: str = "") -> None:
        """Close connections: `IDLE`, `ABSOLUTE`, or as a server that restarts."""
        for link in self.of(person) if person else list(self.open):
            if why:
                text = {IDLE: "Idle timeout expired"}.get(
                    why, "Absolute timeout expired"
                )
                error: list[Json] = [
                    {"type": "Error", "status": 403, "headers": {}},
                    {"errorCode": why, "message": text},
                ]
                await self._sent(link, error)
            if why == ABSOLUTE:
                self._sessions.pop(link.session.wsc, None)
            with contextlib.suppress(ConnectionError):
                await link.socket.close(code=CLOSE_CODES[why], message=why.encode())

    async def cut(self) -> None:
        """Abort every TCP connection, as a network failure does, without a close frame."""
        for link in list(self.open):
            if link.request.transport is not None:
                link.request.transport.abort()
        await asyncio.sleep(0)

    def go_silent(self) -> None:
        """Make every open connection silent, without closing it."""
        for link in self.open:
            link.silent = True

    async def ping(self) -> None:
        """Ping every connection; `SocketLink.pongs` counts the answers."""
        for link in list(self.open):
            await link.socket.ping(b"are you there")

    # What the app sends

    async def _listen(self, link: SocketLink) -> None:
        while True:
            message = await link.socket.receive()
            if message.type is WSMsgType.CLOSE and not link.silent:
                await link.socket.close()
            if message.type in ENDED:
                return
            if link.silent:
                continue
            if message.type is WSMsgType.PING:
                with contextlib.suppress(ConnectionError):
                    await link.socket.pong(message.data)
            elif message.type is WSMsgType.PONG:
                link.pongs += 1
            elif message.type is WSMsgType.TEXT:
                await self._sent(link, self._answer(link, json.loads(message.data)))

    def _answer(self, link: SocketLink, message: Any) -> list[Json]:
        meta: Json = message[0]
        answer: Json = {"type": meta["type"], "messageId": meta["messageId"]}
        if meta["type"] == "Heartbeat":
            link.heartbeats += 1
            return [answer]
        is_subscribe = meta["type"] == "ClientRequest" and meta.get("method") == "POST"
        if not is_subscribe or meta.get("path") != "/restapi/v1.0/subscription/":
            body: Json = {"errorCode": "WSG-905", "message": "Unsupported request"}
            return [{**answer, "type": "Error", "status": 400, "headers": {}}, body]
        reply = self._subscribe(link, message[1])
        return [{**answer, "status": reply.status, "headers": {}}, reply.body]

    def _subscribe(self, link: SocketLink, body: Any) -> Reply:
        """Create the connection's subscription; it replaces the one before."""
        person = self.people.by_id(link.session.owner)
        made = self.subscriptions.made(body, person)
        if isinstance(made, Reply):
            return made
        made.transport = WEBSOCKET
        made.expires_at = self.clock.real() + ABSOLUTE_TIMEOUT
        if link.session.subscription is not None:
            self.subscriptions.all.pop(link.session.subscription.id, None)
        link.session.subscription = made
        self.subscriptions.all[made.id] = made
        base = self.address.replace("ws", "http", 1).removesuffix(PATH)
        return Reply(body=self.subscriptions.shown(made, base))

    def _session(self, owner: str, wsc: str) -> tuple[SocketSession, str]:
        """Return the session to go on with, and the state of its recovery."""
        found = self._sessions.get(wsc)
        if found is not None and self._recovers(found, owner):
            found.lost_at = None
            return found, "Successful"
        if found is not None and found.subscription is not None:
            self.subscriptions.all.pop(found.subscription.id, None)
        fresh = SocketSession(owner, secrets.token_urlsafe(24))
        self._sessions[fresh.wsc] = fresh
        return fresh, "Failed" if wsc else ""

    def _recovers(self, session: SocketSession, owner: str) -> bool:
        gone = self.clock.real() - (session.lost_at or 0.0)
        return self.recovers and session.owner == owner and gone <= RECOVERY_TIMEOUT

    def _details(self, session: SocketSession, state: str) -> list[Json]:
        body: Json = {
            "creationTime": iso(self.clock.utc()),
            "maxConnectionsPerSession": 50,
            "recoveryBufferSize": RECOVERY_BUFFER,
            "recoveryTimeout": int(RECOVERY_TIMEOUT),
            "idleTimeout": IDLE_TIMEOUT,
            "absoluteTimeout": ABSOLUTE_TIMEOUT,
            "maxActiveRequests": 10,
        }
        if state:
            body["recoveryState"] = state
        meta: Json = {
            "type": "ConnectionDetails",
            "messageId": str(uuid.uuid4()),
            "status": 200,
            "wsc": {"token": session.wsc, "sequence": 1},
            "headers": {},
        }
        return [meta, body]

    async def _sent(self, link: SocketLink, message: list[Json]) -> None:
        with contextlib.suppress(ConnectionError):  # closed meanwhile
            await link.socket.send_json(message)
