"""Ends an answer that takes too long, or too much to parse, wherever in it that happens."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPResponse, parse_headers
from typing import Any

from bot.errors import NotSent
from bot.weight import weight


@dataclass(frozen=True, slots=True)
class AnswerBounds:
    """What an answer may take: *seconds* from connecting to its last byte, unpacked.

    Attributes:
        silence: The most seconds between two bytes.
        size: The most bytes, packed and unpacked. A page of the call log has 0.4 MB, 1.8 MB
            if each call has ten legs.
        weight: The most that `bot.weight.weight` may count. A page of the call log has
            15,000, with ten legs 67,000. Parsed values within both bounds take 70 MB at
            most.
        slow_after: The seconds after which others no longer wait for it.
        again_after: The seconds from a read without an answer to the next try, at most;
            each try doubles them.
        monotonic: The clock, in seconds, by which an answer is late.
    """

    seconds: float = 30.0
    silence: float = 10.0
    size: int = 8_000_000
    weight: int = 400_000
    slow_after: float = 1.0
    again_after: float = 0.4
    monotonic: Callable[[], float] = time.monotonic


USUAL_BOUNDS = AnswerBounds()

INTERIM = {*range(100, 200)} - {101}
"""Statuses of answers that another one follows. None follows 101, which nobody asks for."""


class OutOfBounds(OSError):
    """An answer takes too long, or is too large or too heavy."""


class SendState(threading.local):
    """The bounds of this thread's request; *left*: bytes may have gone out."""

    left: bool = False
    exceeded: str = ""
    """Which bound the answer has exceeded."""
    _before: float | None = None
    _bounds: AnswerBounds = USUAL_BOUNDS
    _ends_at: float = 0.0
    _received: int = 0

    def begin(self, before: float | None, bounds: AnswerBounds) -> None:
        """Begin a request that may leave *before* that moment of the bounds' clock."""
        self.left, self.exceeded = False, ""
        self._before, self._bounds = before, bounds
        self._ends_at, self._received = bounds.monotonic() + bounds.seconds, 0

    def leave(self) -> None:
        """Note that bytes go out from now on. Raises `NotSent` if it is too late."""
        now = self._bounds.monotonic()
        if now > self._ends_at or (self._before is not None and now > self._before):
            raise NotSent("too late to be sent")
        self.left = True

    def patience_to_connect(self, most: float) -> float:
        """Return for how many seconds an address may be tried; raise `NotSent` if for none."""
        latest = (
            self._ends_at if self._before is None else min(self._ends_at, self._before)
        )
        left = latest - self._bounds.monotonic()
        if left <= 0:
            raise NotSent("too late to be sent")
        return min(left, most)

    def patience(self) -> float:
        """Return for how many seconds the next byte may be waited for."""
        left = self._ends_at - self._bounds.monotonic()
        if left <= 0:
            self._exceed("no whole answer in time")
        return min(left, self._bounds.silence)

    def receive(self, number: int) -> None:
        """Count bytes of the answer as they come over the wire."""
        self._received += number
        self.unpack(self._received)

    def unpack(self, size: int) -> None:
        """Note that the answer has *size* bytes so far."""
        if size > self._bounds.size:
            self._exceed("too large an answer")

    def weigh(self, body: bytes) -> None:
        """Note that *body* is the whole answer, which may be parsed next."""
        if weight(body) > self._bounds.weight:
            self._exceed("too many values in an answer")

    def _exceed(self, why: str) -> None:
        self.exceeded = why
        raise OutOfBounds(why)


sending = SendState()


class BoundedReads(io.RawIOBase):
    """Reads from a socket, never beyond the bounds of this thread's request."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        super().__init__()
        self._sock, self._raw = sock, raw
        self.has_ended = False
        """Whether the answer has: nothing more is read then."""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read once, for as long as the deadline allows."""
        if self.has_ended:
            return 0
        self._sock.settimeout(sending.patience())
        number = self._raw.readinto(buffer)
        sending.receive(number or 0)
        return number

    def close(self) -> None:
        """Close the socket's file, too."""
        self._raw.close()
        super().close()


class WholeReader(io.BufferedReader):
    """Reads one answer; a connection with bytes behind it is not used again.

    They would be taken for the answer to the next request, which may be somebody else's.
    """

    def __init__(self, sock: socket.socket, raw: BoundedReads) -> None:
        super().__init__(raw)
        self._sock, self._reads = sock, raw

    def close(self) -> None:
        """Close it at the answer's end; shut the connection down if bytes are left."""
        if not self.closed:
            self._reads.has_ended = True
            if self.peek() or getattr(self._sock, "pending", int)():
                with suppress(OSError):
                    getattr(self._sock, "socket", self._sock).shutdown(socket.SHUT_RDWR)
        super().close()


class BoundedResponse(HTTPResponse):
    """An answer whose status line, headers and body are read by `BoundedReads`.

    Python's own bounds one read only, so an answer that comes byte by byte never ends.
    """

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        raw: Any = self.fp.detach()
        self.fp = WholeReader(sock, BoundedReads(sock, raw))

    def _read_status(self) -> tuple[str, int, str]:
        """Return the answer's status line; skip interim answers, such as 103.

        Python's own skips 100 only, and would take the answer itself for the next one.
        """
        while True:
            line: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
            if line[1] not in INTERIM:
                return line
            parse_headers(self.fp)
