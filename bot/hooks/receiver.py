"""The receiver of events, over HTTP: one try, to an address that was checked."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot import headers as header
from bot.hooks.addresses import may_be_told
from bot.hooks.schedule import MAY_ASK_FOR_TIME, HookAnswer
from bot.hooks.signing import signed

TRY_WITHIN = 10.0
"""Seconds for a try, from looking up the name to the answer's headers."""

ADDRESS_NOT_ALLOWED = (
    "its address is not public, or not by https (RINGOUT_HOOK_ALLOW_PRIVATE)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where events go: the *url* may hold a password or token, and is logged nowhere."""

    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    allow_private: bool = False

    def lets(self, address: str) -> bool:
        """Return whether events may go to an IP address."""
        encrypted = urlsplit(self.url).scheme == "https"
        return may_be_told(
            address, encrypted=encrypted, allow_private=self.allow_private
        )


class AddressNotAllowed(OSError):
    """The receiver's name leads only to addresses that are not allowed."""


class Receiver:
    """Sends events to *target*; `close` it at the end."""

    def __init__(self, target: Target, *, within: float = TRY_WITHIN) -> None:
        self._target = target
        self._within = within
        self._session: aiohttp.ClientSession | None = None

    async def send(self, message: str, body: bytes, now: datetime) -> HookAnswer:
        """Try once; every failure is an answer."""
        headers = signed(message, body, self._target.secrets, now)
        headers |= {"Content-Type": "application/json", "User-Agent": "ringout-bot"}
        try:
            async with asyncio.timeout(self._within):
                return await self._post(body, headers, now)
        except TimeoutError:
            return HookAnswer(None, f"no answer within {self._within:g} s")
        except aiohttp.ClientError as error:
            cause = getattr(error, "os_error", None)
            if isinstance(cause, AddressNotAllowed):
                return HookAnswer(None, ADDRESS_NOT_ALLOWED)
            return HookAnswer(None, f"no answer: {type(error).__name__}")
        except (OSError, ValueError) as error:
            return HookAnswer(None, f"no answer: {type(error).__name__}")

    async def close(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()

    async def _post(
        self, body: bytes, headers: dict[str, str], now: datetime
    ) -> HookAnswer:
        host = urlsplit(self._target.url).hostname or ""
        if _is_literal(host) and not self._target.lets(host):
            return HookAnswer(
                None, ADDRESS_NOT_ALLOWED
            )  # no resolver is asked about it
        session = self._session = self._session or _session(self._target)
        url = self._target.url
        async with session.post(
            url, data=body, headers=headers, allow_redirects=False
        ) as answer:
            wait = 0.0
            if answer.status in MAY_ASK_FOR_TIME:
                wait = header.retry_after(answer.headers, wait, now)
            return HookAnswer(answer.status, f"HTTP {answer.status}", wait)


class CheckedResolver(AbstractResolver):
    """Looks names up, and hands on only the addresses that *target* lets events go to.

    aiohttp connects to one of these, and looks nothing up again.
    """

    def __init__(self, target: Target) -> None:
        self._target = target

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of *host*. Raises `OSError`."""
        found = await _looked_up(host, port, family)
        allowed = [each for each in found if self._target.lets(each["host"])]
        if found and not allowed:
            raise AddressNotAllowed
        return allowed

    async def close(self) -> None:
        """Nothing is open."""


def _session(target: Target) -> aiohttp.ClientSession:
    """Return a session whose connections are used once, so each is to a checked address."""
    connector = aiohttp.TCPConnector(
        resolver=CheckedResolver(target), use_dns_cache=False, force_close=True
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        auto_decompress=False,
    )


def _is_literal(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


async def _looked_up(host: str, port: int, family: int) -> list[ResolveResult]:
    """Look a name up in a thread of its own.

    A name server that hangs must not keep the event loop's few threads, which Slack's
    names need, nor the process when it stops.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Sequence[Any]] = loop.create_future()

    def answer(found: Sequence[Any], error: OSError | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(found)
        else:
            done.set_exception(error)

    def work() -> None:
        found: Sequence[Any] = ()
        error = None
        try:
            found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        except OSError as failed:
            error = failed
        except UnicodeError:
            error = OSError("a name that no name server knows")
        with contextlib.suppress(RuntimeError):  # the loop may have ended meanwhile
            loop.call_soon_threadsafe(answer, found, error)

    threading.Thread(target=work, name="hook names", daemon=True).start()
    return [_resolved(host, port, each) for each in await done]


def _resolved(host: str, port: int, found: Any) -> ResolveResult:
    family, _, proto, _, address = found
    return ResolveResult(
        hostname=host,
        host=address[0],
        port=port,
        family=family,
        proto=proto,
        flags=socket.AI_NUMERICHOST,
    )
