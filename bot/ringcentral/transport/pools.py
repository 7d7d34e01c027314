"""Sends prepared requests over one pool of connections, and reads the answers whole.

`requests.Session.send` looks up the pool, proxy and CA bundle of a host for every request,
and checks for cookies, hooks and redirects, which RingCentral's API does not use. That is
about half of what a request costs. Here a host is looked up once.

A connection records when a request begins to leave. That, and not the kind of an error,
decides between `NotSent` (certainly no effect) and `Unreachable` (perhaps an effect).
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
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
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.response import BaseHTTPResponse
from urllib3.util.connection import allowed_gai_family

from bot.errors import NotSent, RingCentralError, Unreachable
from bot.ringcentral.transport.bounds import (
    USUAL_BOUNDS,
    AnswerBounds,
    BoundedResponse,
    sending,
)

REQUESTS_AT_ONCE = 3
"""How many requests run at once, besides slow ones. Enough for hundreds of open calls: a
request takes far less time than lies between two polls of a call."""

MOST_HOSTS = 2

CONNECT_WITHIN = 3.05
"""Seconds to connect to one address of the host; its TLS may take as many again."""

UNPACKED_PART = 65_536
"""Bytes that are unpacked at a time."""

ProxySettings = Callable[[str], dict[str, Any]]
"""Returns the proxies and the CA bundle for a URL, by the names that `requests` has."""


class PlainConnection(HTTPConnection):
    """Connects first, then checks the deadline, then sends."""

    response_class = BoundedResponse

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request."""
        if self.is_closed:
            self.connect()
        sending.leave()
        super().request(*args, **kwargs)

    def _new_conn(self) -> socket.socket:
        """Connect to one address of the host after the other, until the deadline.

        urllib3 would wait for each of them in full, however many the host has.
        """
        host = self._dns_host
        failure: HTTPError = NewConnectionError(self, "no address")
        try:
            for address in self._addresses(host):
                self._dns_host = address
                self.timeout = sending.patience_to_connect(CONNECT_WITHIN)
                try:
                    return super()._new_conn()
                except (ConnectTimeoutError, NewConnectionError) as error:
                    failure = error
        finally:
            self._dns_host = host
        raise failure

    def _addresses(self, host: str) -> list[str]:
        """Look up the addresses of *host*, each once."""
        family = allowed_gai_family()
        try:
            found = socket.getaddrinfo(
                host.strip("[]"), self.port, family, socket.SOCK_STREAM
            )
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        return list(dict.fromkeys(str(each[4][0]) for each in found))


class TLSConnection(PlainConnection, HTTPSConnection):
    """The same with TLS, whose handshake counts as connecting."""


class ReadyRequest(requests.Request):
    """A request whose URL and headers need no correction.

    For any other, `requests` parses and corrects them, and looks for cookies and passwords.
    """

    def prepare(self) -> requests.PreparedRequest:
        """Return the request ready to be sent."""
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


class ReadResponse(requests.Response):
    """An answer that has been read whole."""

    @cached_property
    def parsed(self) -> Any:
        """The JSON; {} for an empty answer, None for one that is not JSON.

        Bytes that are not UTF-8 are not JSON either: `requests` would guess an encoding.
        """
        if not self.content:
            return {}
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class _Host:
    """A host's connections; *proxies* is set if a proxy needs the full URL of requests."""

    name: str
    pool: HTTPConnectionPool | HTTPSConnectionPool
    proxies: dict[str, str] | None = field(repr=False)


class HostPool(HTTPAdapter):
    """The connection pools of RingCentral's API and of its media server.

    A request to a third host replaces one of them.
    """

    def __init__(
        self, connections: int = REQUESTS_AT_ONCE, bounds: AnswerBounds = USUAL_BOUNDS
    ) -> None:
        super().__init__(
            pool_connections=MOST_HOSTS,
            pool_maxsize=connections,
            max_retries=0,
            pool_block=True,
        )
        self._bounds = bounds
        self._timeouts = Timeout(connect=CONNECT_WITHIN, read=bounds.silence)
        self._hosts: dict[str, _Host] = {}

    def close(self) -> None:
        """Close idle connections; the next request opens new ones."""
        self._hosts.clear()
        super().close()

    def exchange(
        self,
        request: requests.PreparedRequest,
        settings: ProxySettings,
        before: float | None,
    ) -> ReadResponse:
        """Send *request*, if it can leave *before* that moment; return the answer.

        Redirects are returned, not followed. *before* is in seconds of
        ``time.monotonic()``.

        Raises:
            NotSent: No byte of the request has left.
            Unreachable: Some may have. Also if the answer exceeds a bound.
        """
        sending.begin(before, self._bounds)
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
                timeout=self._timeouts,
                preload_content=False,
            )
            return _read(request, raw)
        except (HTTPError, OSError, ValueError) as error:
            failure = _broken(error) if sending.left else _not_begun(error)
        # Raised outside the handler: the exception caught there holds the request.
        raise failure

    def _find(
        self, request: requests.PreparedRequest, settings: ProxySettings
    ) -> _Host:
        """Return the host of *request*, as a rule the same as last time."""
        url = str(request.url)
        name = url.removesuffix(request.path_url)
        host = self._hosts.get(name)
        if host is None:
            wanted = settings(url)
            proxies, verify = wanted["proxies"], wanted["verify"]
            pool = self.get_connection_with_tls_context(request, verify, proxies)
            if not isinstance(pool, HTTPConnectionPool):
                raise TypeError(type(pool))
            self.cert_verify(pool, url, verify, None)  # type: ignore[no-untyped-call]
            secure = isinstance(pool, HTTPSConnectionPool)
            pool.ConnectionCls = TLSConnection if secure else PlainConnection
            whole = self.request_url(request, proxies) != request.path_url
            host = _Host(name, pool, proxies if whole else None)
            if len(self._hosts) >= MOST_HOSTS:
                self._hosts.clear()
            self._hosts[name] = host
        return host


def _read(request: requests.PreparedRequest, raw: BaseHTTPResponse) -> ReadResponse:
    """Read the body of *raw*; return it as the class that the SDK expects.

    Raises `Unreachable` for an answer that is none: nobody asked to switch protocols.
    """
    if raw.status < HTTPStatus.OK:
        raw.close()
        raw.release_conn()
        raise Unreachable(f"{raw.status} is no answer")
    answer = ReadResponse()
    answer.status_code = raw.status
    answer.headers = CaseInsensitiveDict(raw.headers)
    answer.encoding = get_encoding_from_headers(answer.headers)
    answer.reason = raw.reason or ""
    answer.url = str(request.url)
    answer.request = request
    answer.raw = raw
    answer._content = _body(raw)  # noqa: SLF001 - as the SDK itself fills one
    return answer


def _body(raw: BaseHTTPResponse) -> bytes:
    """Return the whole body, unpacked; on failure close the connection."""
    parts, size = [], 0
    try:
        for part in raw.stream(UNPACKED_PART):
            size += len(part)
            sending.unpack(size)
            parts.append(part)
    except BaseException:
        raw.close()
        raise
    finally:
        raw.release_conn()
    body = b"".join(parts)
    sending.weigh(body)
    return body


def _not_begun(error: Exception) -> NotSent:
    reason = getattr(error, "reason", error)
    if isinstance(reason, SSLError):
        return NotSent("no secure connection")
    late = isinstance(reason, ConnectTimeoutError)
    if late and not isinstance(reason, NewConnectionError):
        return NotSent("no connection in time")
    return NotSent("no connection")


def _broken(error: Exception) -> Unreachable:
    if sending.exceeded:
        return Unreachable(sending.exceeded)
    reason = getattr(error, "reason", error)
    if isinstance(reason, ProtocolError | SSLError):
        return Unreachable("the connection broke")
    if isinstance(reason, ReadTimeoutError):
        return Unreachable("no answer in time")
    return Unreachable(type(reason).__name__)
