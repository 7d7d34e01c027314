"""The SDK's HTTP client, made fit for a service: pooled, timed, and silent on secrets.

Measured on the SDK's own transport: a new TLS connection for each request, no
time-outs, no gzip, and exceptions whose text holds the bearer token.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import requests
from ringcentral.http.api_response import ApiResponse
from ringcentral.http.client import Client
from ringcentral.platform.platform import Platform

from bot.errors import RingCentralError, Unreachable
from bot.ringcentral.transport import wire
from bot.ringcentral.transport.pools import CONNECTIONS, Answer, Pools
from bot.telemetry import spans
from bot.telemetry.measures import NO_ANSWER, Measures

NAME = "RingOutBot"
VERSION = "0.1"
REDIRECT, BAD = 300, 400
AUTH = "auth"
"""The group of log-ins, which the SDK sends by itself."""


class Heard(threading.local):
    """What came with the last answer that this thread got, if any did."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.rate: wire.Rate | None = None


class Pooled(Client):  # type: ignore[misc]  # the SDK ships no types
    """Sends prepared requests over one session; raises our errors, never the SDK's."""

    def __init__(
        self, measures: Measures | None = None, connections: int = CONNECTIONS
    ) -> None:
        super().__init__()
        self._measures = measures or Measures()
        self._session = requests.Session()
        self._pools = Pools(connections)
        self._session.mount("https://", self._pools)
        self._session.mount("http://", self._pools)
        self._next = threading.local()
        self.last = Heard()

    def expect(self, group: str, before: float | None) -> None:
        """Let this thread's next request leave *before* that moment or not at all.

        In seconds of ``time.monotonic()``: a process that was paused must not ring a
        phone after somebody else has settled its call. *group* is what it is counted
        in if no answer says so. What came with the last answer is forgotten.
        """
        self.last.headers, self.last.rate = {}, None
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
        problem = _problem(answer.response())
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
        """Put *request* on the wire; the one place where bytes leave."""
        self.last.headers, self.last.rate = {}, None
        request.headers.setdefault("Accept-Encoding", "gzip, deflate")
        deadline = getattr(self._next, "before", None)
        answer = self._pools.exchange(request, self._settings, deadline)
        self.last.headers = dict(answer.headers)
        self.last.rate = wire.rate(self.last.headers)
        return ApiResponse(request, answer)

    def _settings(self, url: str) -> dict[str, Any]:
        """Return the proxies and the CA bundle that the environment wants for *url*."""
        return dict(self._session.merge_environment_settings(url, {}, None, None, None))

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()


class QuietPlatform(Platform):  # type: ignore[misc]  # the SDK ships no types
    """The SDK's platform without its own refreshing, which stampedes at expiry."""

    def _ensure_authentication(self) -> None:
        """Leave it to `bot.ringcentral.sign_in.session`: one refresh, ahead of expiry."""


def platform(client: Pooled, client_id: str, secret: str, server: str) -> Platform:
    """Return the SDK's platform over *client*."""
    return QuietPlatform(client, client_id, secret, server, NAME, VERSION)


def _problem(answer: Answer) -> RingCentralError | None:
    if REDIRECT <= answer.status_code < BAD:
        return Unreachable(f"{answer.status_code} redirect")
    small = len(answer.content) < 2000  # noqa: PLR2004 - an error body is small
    body = answer.parsed if answer.status_code >= BAD or small else None
    return wire.error(answer.status_code, answer.headers, body)
