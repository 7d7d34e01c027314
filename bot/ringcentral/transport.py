"""The SDK's HTTP client, made fit for a service: pooled, timed, and silent on secrets.

Measured on the SDK's own transport: a new TLS connection for each request, no
time-outs, no gzip, and exceptions whose text holds the bearer token.
"""

from __future__ import annotations

import threading
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from ringcentral.http.api_response import ApiResponse
from ringcentral.http.client import Client
from ringcentral.platform.platform import Platform
from urllib3.exceptions import NewConnectionError

from bot import spans
from bot.errors import NotSent, RingCentralError, Unreachable
from bot.measures import NO_ANSWER, Measures
from bot.ringcentral import wire

CONNECTIONS = 3
"""Enough for hundreds of open calls: a request takes far less than a poll's interval."""

TIMEOUTS = (3.05, 10.0)
"""Seconds to connect, and between two bytes of an answer."""

NAME = "RingOutBot"
VERSION = "0.1"
REDIRECT, BAD = 300, 400
AUTH = "auth"
"""The group of log-ins, which the SDK sends by itself."""


class Pooled(Client):  # type: ignore[misc]  # the SDK ships no types
    """Sends prepared requests over one session; raises our errors, never the SDK's."""

    def __init__(
        self, measures: Measures | None = None, connections: int = CONNECTIONS
    ) -> None:
        super().__init__()
        self._measures = measures or Measures()
        self._session = requests.Session()
        adapter = HTTPAdapter(
            pool_connections=1, pool_maxsize=connections, max_retries=0, pool_block=True
        )
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._settings: dict[str, dict[str, Any]] = {}
        self._next = threading.local()
        self.last: threading.local = threading.local()

    def expect(self, group: str, before: float | None) -> None:
        """Let this thread's next request leave *before* that moment or not at all.

        In seconds of ``time.monotonic()``: a process that was paused must not ring a
        phone after somebody else has settled its call. *group* is what it is counted
        in if no answer says so.
        """
        self._next.group, self._next.before = group, before

    def send(self, request: Any) -> ApiResponse:
        """Send a request; return its answer if it is a success.

        Raises:
            RingCentralError: What else it was; its text holds codes alone.
        """
        prepared = request
        if isinstance(request, requests.Request):
            prepared = request.prepare()
        answer = self._counted(prepared)
        response = answer.response()
        problem = _problem(response)
        if problem is not None:
            raise problem
        return answer

    def _counted(self, request: requests.PreparedRequest) -> ApiResponse:
        """Put *request* on the wire, and count what it cost."""
        begun, status = time.monotonic(), NO_ANSWER
        group = getattr(self._next, "group", AUTH)
        with spans.span(f"RingCentral {request.method}") as span:
            try:
                answer = self.load_response(request)
                status = str(answer.response().status_code)
                rate = wire.rate(self.last.headers)
                group = rate.group if rate is not None else group
            finally:
                spent = time.monotonic() - begun
                self._measures.asked_ringcentral(group, status, spent)
                span.set_attribute("http.request.method", str(request.method))
                span.set_attribute("url.template", wire.template(request.path_url))
                span.set_attribute("http.response.status_code", status)
                span.set_attribute("ringcentral.group", group)
        return answer

    def load_response(self, request: requests.PreparedRequest) -> ApiResponse:
        """Put *request* on the wire; the one place where bytes leave."""
        self.last.headers = {}
        request.headers.setdefault("Accept-Encoding", "gzip, deflate")
        settings = self._environment(request)
        deadline = getattr(self._next, "before", None)
        if deadline is not None and time.monotonic() > deadline:
            raise NotSent("too late to be sent")
        failure: RingCentralError
        try:
            response = self._session.send(
                request, timeout=TIMEOUTS, allow_redirects=False, **settings
            )
        except requests.exceptions.ConnectTimeout:
            failure = NotSent("no connection in time")
        except requests.exceptions.SSLError:
            failure = NotSent("no secure connection")
        except requests.exceptions.ConnectionError as error:
            failure = _never_left(error)
        except requests.exceptions.RequestException as error:
            failure = Unreachable(type(error).__name__)
        else:
            self.last.headers = dict(response.headers)
            return ApiResponse(request, response)
        # Raised here, not in the handlers: what they caught holds the request.
        raise failure

    def _environment(self, request: requests.PreparedRequest) -> dict[str, Any]:
        """Return the proxies and the CA bundle that the environment wants for a host.

        Looked up once: else it is a quarter of what a request costs.
        """
        url = urlsplit(request.url or "")
        host = f"{url.scheme}://{url.netloc}"
        if host not in self._settings:
            self._settings[host] = dict(
                self._session.merge_environment_settings(
                    request.url, {}, None, None, None
                )
            )
        return dict(self._settings[host])

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()


class QuietPlatform(Platform):  # type: ignore[misc]  # the SDK ships no types
    """The SDK's platform without its own refreshing, which stampedes at expiry."""

    def _ensure_authentication(self) -> None:
        """Leave it to `bot.ringcentral.login`: one refresh, ahead of expiry."""


def platform(client: Pooled, client_id: str, secret: str, server: str) -> Platform:
    """Return the SDK's platform over *client*."""
    return QuietPlatform(client, client_id, secret, server, NAME, VERSION)


def _never_left(error: requests.exceptions.ConnectionError) -> RingCentralError:
    """Tell a connection that was never made from one that broke."""
    inner = error.args[0] if error.args else None
    reason = getattr(inner, "reason", inner)
    if isinstance(reason, NewConnectionError):
        return NotSent("no connection")
    return Unreachable("the connection broke")


def _problem(response: requests.Response) -> RingCentralError | None:
    if REDIRECT <= response.status_code < BAD:
        return Unreachable(f"{response.status_code} redirect")
    body = content(response) if response.status_code >= BAD else None
    if body is None and response.status_code < BAD:
        small = len(response.content) < 2000  # noqa: PLR2004 - an error body is small
        body = content(response) if small else None
    return wire.error(response.status_code, response.headers, body)


def content(response: requests.Response) -> Any:
    """Return an answer's JSON; None if it is none, {} if it is empty."""
    if not response.content:
        return {}
    try:
        return response.json()
    except ValueError:
        return None
