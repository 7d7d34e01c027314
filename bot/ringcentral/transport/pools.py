"""Prepared requests on their way: over one pool of connections, read to the end.

`requests.Session.send` and its adapter ask anew, for every request, which pool, proxy
and CA bundle a host has, and look for cookies, hooks and redirects, which RingCentral's
API has none of: about half of what a request costs. Here a host is looked up once.

A connection notes when a request begins to leave. That, not the kind of an error, tells
what certainly had no effect from what may have had one.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    SSLError,
)
from urllib3.response import BaseHTTPResponse

from bot.errors import NotSent, RingCentralError, Unreachable

CONNECTIONS = 3
"""Enough for hundreds of open calls: a request takes far less than a poll's interval."""

TIMEOUTS = Timeout(connect=3.05, read=10.0)
"""Seconds to connect, and between two bytes of an answer."""

Settings = Callable[[str], dict[str, Any]]
"""The proxies and the CA bundle that a URL needs, as `requests` names them."""


class Leaving(threading.local):
    """Of this thread's present request: until when it may leave, and whether it did."""

    before: float | None = None
    left: bool = False

    def now(self) -> None:
        """Let it leave, unless it is too late."""
        if self.before is not None and time.monotonic() > self.before:
            raise NotSent("too late to be sent")
        self.left = True


leaving = Leaving()


class Plain(HTTPConnection):
    """A connection that is there before a request begins to leave on it."""

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Connect if need be, then let the request leave."""
        if self.is_closed:
            self.connect()
        leaving.now()
        super().request(*args, **kwargs)


class Secure(HTTPSConnection):
    """The same with TLS; by now the other side has proved who it is."""

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Connect if need be, then let the request leave."""
        if self.is_closed:
            self.connect()
        leaving.now()
        super().request(*args, **kwargs)


class Question(requests.Request):
    """A request whose address and headers are fit to be sent: ours are.

    `requests` takes them apart and mends them, and looks for cookies and passwords.
    """

    def prepare(self) -> requests.PreparedRequest:
        """Return it ready to be sent."""
        ready = requests.PreparedRequest()
        ready.prepare_method(self.method)
        query = urlencode(self.params) if self.params else ""
        ready.url = f"{self.url}?{query}" if query else str(self.url)
        ready.headers = CaseInsensitiveDict(self.headers)
        if self.json is None:
            ready.prepare_content_length(None)
        else:
            ready.prepare_body(None, None, self.json)
        return ready


class Answer(requests.Response):
    """An answer that was read to its end."""

    @cached_property
    def parsed(self) -> Any:
        """Its JSON; None if it is none, {} if it is empty.

        Bytes that are no text make it none: `requests` would guess what they meant.
        """
        if not self.content:
            return {}
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class _Host:
    """A host's connections; *proxies* where it must be asked by its whole address."""

    name: str
    pool: HTTPConnectionPool | HTTPSConnectionPool
    proxies: dict[str, str] | None


class Pools(HTTPAdapter):
    """One host's pool; another host takes its place."""

    def __init__(self, connections: int = CONNECTIONS) -> None:
        super().__init__(
            pool_connections=1, pool_maxsize=connections, max_retries=0, pool_block=True
        )
        self._host: _Host | None = None

    def close(self) -> None:
        """Close idle connections; the next request makes new ones."""
        self._host = None
        super().close()

    def exchange(
        self,
        request: requests.PreparedRequest,
        settings: Settings,
        before: float | None,
    ) -> Answer:
        """Send *request* as long as it is *before* that moment; return its answer.

        Redirects are answers like others.

        Raises:
            NotSent: No byte of it has left.
            Unreachable: Some have.
        """
        leaving.before, leaving.left = before, False
        failure: RingCentralError
        try:
            host = self._find(request, settings)
            raw = host.pool.urlopen(
                str(request.method),
                request.path_url
                if host.proxies is None
                else self.request_url(request, host.proxies),
                body=request.body,
                headers=dict(request.headers),
                redirect=False,
                assert_same_host=False,
                retries=self.max_retries,
                timeout=TIMEOUTS,
            )
        except (HTTPError, OSError, ValueError) as error:
            failure = _broken(error) if leaving.left else _not_begun(error)
        else:
            return _read(request, raw)
        # Raised here, not in the handler: what it caught holds the request.
        raise failure

    def _find(self, request: requests.PreparedRequest, settings: Settings) -> _Host:
        """Return the host of *request*, which is the one of the last as a rule."""
        url = str(request.url)
        name = url.removesuffix(request.path_url)
        host = self._host
        if host is None or host.name != name:
            wanted = settings(url)
            proxies, verify = wanted["proxies"], wanted["verify"]
            pool = self.get_connection_with_tls_context(request, verify, proxies)
            if not isinstance(pool, HTTPConnectionPool):
                raise TypeError(type(pool))
            self.cert_verify(pool, url, verify, None)  # type: ignore[no-untyped-call]
            secure = isinstance(pool, HTTPSConnectionPool)
            pool.ConnectionCls = Secure if secure else Plain
            whole = self.request_url(request, proxies) != request.path_url
            host = self._host = _Host(name, pool, proxies if whole else None)
        return host


def _read(request: requests.PreparedRequest, raw: BaseHTTPResponse) -> Answer:
    """Return what the SDK expects for *raw*, whose body has been read."""
    answer = Answer()
    answer.status_code = raw.status
    answer.headers = CaseInsensitiveDict(raw.headers)
    answer.encoding = get_encoding_from_headers(answer.headers)
    answer.reason = raw.reason or ""
    answer.url = str(request.url)
    answer.request = request
    answer.raw = raw
    answer._content = raw.data  # noqa: SLF001 - as the SDK itself fills one
    return answer


def _not_begun(error: Exception) -> NotSent:
    reason = getattr(error, "reason", error)
    if isinstance(reason, SSLError):
        return NotSent("no secure connection")
    late = isinstance(reason, ConnectTimeoutError)
    if late and not isinstance(reason, NewConnectionError):
        return NotSent("no connection in time")
    return NotSent("no connection")


def _broken(error: Exception) -> Unreachable:
    reason = getattr(error, "reason", error)
    if isinstance(reason, ProtocolError | SSLError):
        return Unreachable("the connection broke")
    return Unreachable(type(reason).__name__)
