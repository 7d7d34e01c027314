"""The server's connections: how long each may take to say what it wants, and how many.

Also how many bytes all of them may hold. aiohttp closes a connection that says nothing
after an hour, and waits for a body for ever.
"""

from __future__ import annotations

import asyncio
import logging
import resource
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar, cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler

log = logging.getLogger(__name__)

FEWEST_OPEN, MOST_OPEN = 16, 10_000
"""Bounds for the number of connections, however many descriptors the process may have."""

MOST_HELD = 32_000_000
"""The most bytes of requests that are not answered yet. A payload of Slack's has 3 to 30 kB,
and is answered within milliseconds."""

MALFORMED = (HttpProcessingError, web.RequestPayloadError)
"""What aiohttp raises for what a client has sent, and no fault of the bot."""


class Phase(Enum):
    """What a connection does; the first three wait for the client."""

    HEADERS = "headers"
    BODY = "body"
    IDLE = "idle"
    WORKING = "working"


CLOSED_FIRST = (Phase.HEADERS, Phase.IDLE, Phase.BODY)
"""At the limit, the oldest connection in the first of these phases is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds for whole headers, then for a body, and between two requests."""

    headers: float = 5.0
    body: float = 10.0
    idle: float = 30.0

    def of(self, phase: Phase) -> float | None:
        """Return the seconds for *phase*; None if it does not wait for the client."""
        match phase:
            case Phase.HEADERS:
                return self.headers
            case Phase.BODY:
                return self.body
            case Phase.IDLE:
                return self.idle
        return None


USUAL_PATIENCE = Patience()


def most_connections() -> int:
    """Return how many connections may be open: two thirds of the descriptors.

    The others are for the database, Slack and RingCentral.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return most_of(soft)


def most_of(descriptors: int) -> int:
    """Return the same for a number of *descriptors*; negative means without limit."""
    return (
        MOST_OPEN
        if descriptors < 0
        else max(FEWEST_OPEN, min(2 * descriptors // 3, MOST_OPEN))
    )


_C = TypeVar("_C")


class Crowd(Generic[_C]):
    """Which connections are in which phase, those that entered it first at the front.

    Also how many bytes of a request each has sent: all of them may hold *most_bytes*.
    """

    def __init__(self, most: int, most_bytes: int = MOST_HELD) -> None:
        self.most = most
        self.most_bytes = most_bytes
        self._in: dict[Phase, dict[_C, None]] = {phase: {} for phase in Phase}
        self._bytes: Counter[_C] = Counter()
        self._total = 0

    def __len__(self) -> int:
        return sum(map(len, self._in.values()))

    def enter(self, one: _C, phase: Phase) -> None:
        """Note that *one* is in *phase* from now on; its request ends with `Phase.IDLE`."""
        self._move(one)
        self._in[phase][one] = None
        if phase is Phase.IDLE:
            self._release(one)

    def leave(self, one: _C) -> None:
        """Forget *one*."""
        self._move(one)
        self._release(one)

    def receive(self, one: _C, number: int) -> None:
        """Note that *one* has sent so many bytes more of a request."""
        self._bytes[one] += number
        self._total += number

    def heaviest(self) -> _C | None:
        """Return whom to close if all hold too many bytes: who holds most of them.

        Also None if all are at work.
        """
        if self._total <= self.most_bytes:
            return None
        waiting = (one for phase in CLOSED_FIRST for one in self._in[phase])
        return max(waiting, key=self._bytes.__getitem__, default=None)

    def surplus(self) -> _C | None:
        """Return whom to close before one more is taken; None if there is room.

        Also None if all are at work; then the new one has to go.
        """
        if len(self) < self.most:
            return None
        waiting = (one for phase in CLOSED_FIRST for one in self._in[phase])
        return next(waiting, None)

    def _move(self, one: _C) -> None:
        for each in self._in.values():
            each.pop(one, None)

    def _release(self, one: _C) -> None:
        self._total -= self._bytes.pop(one, 0)


class Connection(web.RequestHandler):
    """Closes itself if its client takes too long, and others if there are too many."""

    __slots__ = ("_crowd", "_patience", "_phase", "_socket", "_timer")

    def __init__(
        self,
        server: web.Server,
        crowd: Crowd[Connection],
        patience: Patience,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(
            server,
            loop=loop,
            access_log=cast("Any", None),
            lingering_time=patience.body,
        )
        self._crowd = crowd
        self._patience = patience
        self._phase = Phase.HEADERS
        self._socket: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a new connection, and close the one that it is taken instead of."""
        super().connection_made(transport)
        self._socket = cast("asyncio.Transport", transport)
        if len(self._crowd) >= self._crowd.most:
            log.warning(
                "%d connections are open: for each new one the oldest is closed that has "
                "sent no whole request",
                self._crowd.most,
            )
            surplus = self._crowd.surplus() or self
            surplus.abort()
        self.enter(Phase.HEADERS)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the connection."""
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read; the first bytes after a pause begin the headers of a request."""
        if data and self._phase is Phase.IDLE:
            self.enter(Phase.HEADERS)
        self._crowd.receive(self, len(data))
        if (heaviest := self._crowd.heaviest()) is not None:
            log.warning(
                "requests that are not whole hold %d bytes: the largest is closed",
                self._crowd.most_bytes,
            )
            heaviest.abort()
        super().data_received(data)

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Log a fault of ours with its traceback, and what a client causes in a line."""
        error = kw.get("exc_info")
        if isinstance(error, MALFORMED):
            log.warning("a request can't be read: %s", type(error).__name__)
        else:
            super().log_exception(*args, **kw)

    def enter(self, phase: Phase) -> None:
        """Begin *phase*: its time runs from now."""
        self._stop_waiting()
        if self._socket is None or self._socket.is_closing():
            self._crowd.leave(self)
            return
        self._phase = phase
        self._crowd.enter(self, phase)
        seconds = self._patience.of(phase)
        if seconds is not None:
            self._timer = self._loop.call_later(seconds, self.abort)

    def abort(self) -> None:
        """Close at once, without waiting for what the client has not read."""
        self._leave()
        if self._socket is not None:
            self._socket.abort()

    def _leave(self) -> None:
        self._crowd.leave(self)
        self._stop_waiting()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


@web.middleware
async def follow_phases(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Read the body of a request that has a handler, and tell its `Connection`.

    A handler finds the body in `request.read()`.
    """
    connection = request.protocol
    if not isinstance(connection, Connection):
        raise TypeError(connection)
    if request.can_read_body and request.match_info.http_exception is None:
        connection.enter(Phase.BODY)
        if not await _is_read(request):
            connection.abort()
            raise web.HTTPBadRequest
    connection.enter(Phase.WORKING)
    try:
        return await handler(request)
    finally:
        connection.enter(Phase.IDLE)


async def _is_read(request: web.Request) -> bool:
    """Read the body; return whether it came whole."""
    try:
        await request.read()
    except (ConnectionError, *MALFORMED) as error:
        log.warning("a request's body can't be read: %s", type(error).__name__)
        # Its frames hold the body, and aiohttp holds it: a circle that stays for long.
        error.__traceback__ = None
        return False
    return True
