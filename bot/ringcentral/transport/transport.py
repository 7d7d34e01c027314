"""An HTTP client for the SDK: pooled, with timeouts, and without secrets in its errors.

The SDK's own opens a new TLS connection for each request, has no timeouts and no gzip,
and raises exceptions whose text holds the bearer token.
"""

from __future__ import annotations

import threading
import time
from http import HTTPStatus
from typing import Any

import requests
from ringcentral.http.api_response import ApiResponse
from ringcentral.http.client import Client
from ringcentral.platform.platform import Platform

from bot.errors import RingCentralError, Unreachable
from bot.ringcentral.transport import wire
from bot.ringcentral.transport.bounds import USUAL_BOUNDS, AnswerBounds
from bot.ringcentral.transport.pools import REQUESTS_AT_ONCE, HostPool, ReadResponse
from bot.telemetry import spans
from bot.telemetry.measures import NO_ANSWER, Measures

APP_NAME, APP_VERSION = "RingOutBot", "0.1"
"""What the SDK puts into the User-Agent header."""

AUTH_GROUP = "auth"
"""The rate group of a request that `expect` has not announced: a revocation."""

SMALL_ANSWER = 2000
"""Bytes. An error body is smaller, so a larger success is not searched for an error code."""


class LastAnswer(threading.local):
    """Headers and rate limit of the last answer in this thread; empty if none came."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.rate: wire.Rate | None = None


class PooledClient(Client):  # type: ignore[misc]  # the SDK ships no types
    """The SDK's client over our connection pool; raises our errors, never the SDK's."""

    def __init__(
        self,
        measures: Measures | None = None,
        connections: int = REQUESTS_AT_ONCE,
        bounds: AnswerBounds = USUAL_BOUNDS,
    ) -> None:
        super().__init__()
        self._measures = measures or Measures()
        self._session = requests.Session()
        self._pool = HostPool(connections, bounds)
        self._session.mount("https://", self._pool)
        self._session.mount("http://", self._pool)
        self._next = threading.local()
        self.last = LastAnswer()

    def expect(self, group: str, before: float | None) -> None:
        """Announce this thread's next request, which must leave *before* that moment.

        *before* is in seconds of ``time.monotonic()``: a process that was paused must not
        ring a phone after another one has settled the call. *group* is the rate group for
        the metrics, unless the answer names one. Clears `last`.
        """
        self.last.headers, self.last.rate = {}, None
        self._next.group, self._next.before = group, before

    def send(self, request: Any) -> ApiResponse:
        """Send a request; return a successful answer.

        Raises:
            RingCentralError: Anything but a success. The text holds only codes.
        """
        prepared = request
        if isinstance(request, requests.Request):
            prepared = request.prepare()
        answer = self._counted(prepared)
        problem = _problem(answer.response())
        if problem is not None:
            raise problem
        return answer

    def _counted(self, request: requests.PreparedRequest) -> ApiResponse:
        """Send *request*, with a span, and count it in the metrics."""
        begun, status = time.monotonic(), NO_ANSWER
        group = getattr(self._next, "group", AUTH_GROUP)
        with spans.span(f"RingCentral {request.method}") as span:
            try:
                answer = self.load_response(request)
                status = str(answer.response().status_code)
                group = self.last.rate.group if self.last.rate else group
            finally:
                spent = time.monotonic() - begun
                self._measures.asked_ringcentral(group, status, spent)
                span.set_attribute("http.request.method", str(request.method))
                span.set_attribute("url.template", wire.template(request.path_url))
                span.set_attribute("http.response.status_code", status)
                span.set_attribute("ringcentral.group", group)
        return answer

    def load_response(self, request: requests.PreparedRequest) -> ApiResponse:
        """Send *request* and return any answer. Every request leaves from here."""
        self.last.headers, self.last.rate = {}, None
        request.headers.setdefault("Accept-Encoding", "gzip, deflate")
        deadline = getattr(self._next, "before", None)
        answer = self._pool.exchange(request, self._settings, deadline)
        self.last.headers = dict(answer.headers)
        self.last.rate = wire.rate(self.last.headers)
        return ApiResponse(request, answer)

    def _settings(self, url: str) -> dict[str, Any]:
        """Return the proxies and the CA bundle that the environment sets for *url*."""
        return dict(self._session.merge_environment_settings(url, {}, None, None, None))

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()


class QuietPlatform(Platform):  # type: ignore[misc]  # the SDK ships no types
    """The SDK's platform without its own refresh, which every thread does at expiry."""

    def _ensure_authentication(self) -> None:
        """Do nothing: `bot.ringcentral.sign_in.session` refreshes, ahead of expiry."""


def platform(
    client: PooledClient, client_id: str, secret: str, server: str
) -> Platform:
    """Return the SDK's platform over *client*."""
    return QuietPlatform(client, client_id, secret, server, APP_NAME, APP_VERSION)


def _problem(answer: ReadResponse) -> RingCentralError | None:
    status = answer.status_code
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Unreachable(f"{status} redirect")
    may_be_error = (
        status >= HTTPStatus.BAD_REQUEST or len(answer.content) < SMALL_ANSWER
    )
    return wire.error(status, answer.headers, answer.parsed if may_be_error else None)
