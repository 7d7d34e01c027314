"""The client of Slack's Web API: one HTTP session, no retries, the bot's own errors."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import aiohttp
from aiohttp.connector import Connection
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot import headers as header
from bot.errors import ChatBusy, ChatOutOfReach, ChatRefused, ChatUnknown
from bot.telemetry import spans
from bot.telemetry.measures import NO_ANSWER, Measures
from bot.weight import weight

SLACK_TIMEOUT = 10
"""Seconds for one request. The lease of a call's step is longer than two of them."""

MOST_BYTES = 4_000_000
"""The largest answer that is read, unpacked. 200 messages of a history have 0.3 MB as a
rule; with 4,000 characters each, written twice, 1.6 MB."""

MOST_WEIGHT = 200_000
"""The most that `bot.weight.weight` may count in an answer, which is parsed on the event
loop. 200 messages have 17,000; with 50 blocks each, 90,000."""

MAYBE_DONE = {
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
}
"""Slack's errors after which a message may have been posted (Slack docs,
chat.postMessage, "Errors": "some aspect of the operation may have succeeded")."""

RATE_LIMITED = {"ratelimited", "rate_limited"}

REVOKED_WORDS = {"account_inactive", "token_revoked"}
"""Slack's errors for a token that will never be valid again."""

SDK_ERRORS = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What slack_sdk raises if an answer is not text, or not a JSON object."""

SLACK_ID = re.compile(r"[A-Za-z0-9.]{1,32}")
"""An id of Slack's, or a ``ts``, which is a message's id."""

SLACK_RETRY_AFTER = 1.0
"""Seconds to wait after a 429 whose ``Retry-After`` is missing or can't be read."""

STATUS_REFUSED = "refused"
"""The metrics' status of a request that Slack answered with ``ok: false``."""

SDK_LOGGER = logging.getLogger("slack_sdk.quiet")
SDK_LOGGER.setLevel(logging.WARNING)
"""slack_sdk's logger. It asks for the logger's own level, which is 0 if nobody sets it, and
then writes out each request and answer for lines that nobody logs."""


class BoundedAnswer(aiohttp.ClientResponse):
    """An answer that is not read beyond *most* bytes: aiohttp itself reads any."""

    most = MOST_BYTES

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Read the head of the answer; 101 is none: nobody asked to switch protocols.

        Raises `aiohttp.ClientPayloadError` then, and closes the connection, on which the
        answer itself may still come.
        """
        transport = connection.transport
        answer = await super().start(connection)
        if self.status == HTTPStatus.SWITCHING_PROTOCOLS:
            if transport is not None:
                transport.close()
            raise aiohttp.ClientPayloadError("101 is no answer")
        return answer

    def get_encoding(self) -> str:
        """Return UTF-8, which Slack sends; an answer might name one in which commas differ."""
        return "utf-8"

    async def read(self) -> bytes:
        """Return the body, unpacked.

        Raises `aiohttp.ClientPayloadError` if it is larger, or has too many values.
        """
        if self._body is None:
            self._body = await self._read_within_bounds()
        return await super().read()

    async def _read_within_bounds(self) -> bytes:
        parts, size = [], 0
        try:
            async for part in self.content.iter_any():
                size += len(part)
                if size > self.most:
                    raise aiohttp.ClientPayloadError("too large")  # noqa: TRY301
                parts.append(part)
        except BaseException:
            self.close()
            raise
        body = b"".join(parts)
        if weight(body) > MOST_WEIGHT:
            raise aiohttp.ClientPayloadError("too many values")
        return body


class _UnaskedAnswer(Exception):
    """A connection has bytes that answer no request."""


class _UnmixedRequest(aiohttp.ClientRequest):
    """A request that leaves only on a connection on which nothing has come.

    aiohttp would take an answer that came there since the last request for this one's.
    """

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Send it. Raises `_UnaskedAnswer`, and the connection is closed."""
        if conn.protocol is not None and conn.protocol.should_close:
            raise _UnaskedAnswer
        return await super().send(conn)


async def _on_clean_connection(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send *request* on the first connection on which nothing has come."""
    while True:
        try:
            return await send(request)
        except _UnaskedAnswer:
            continue


def session(timeout: float = SLACK_TIMEOUT) -> aiohttp.ClientSession:
    """Return an HTTP session whose requests last *timeout* seconds at most.

    That is from waiting for a connection to the last byte of the answer. slack_sdk ignores
    its own timeout if it is given a session, and aiohttp's default is five minutes.
    """
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=timeout),
        request_class=_UnmixedRequest,
        response_class=BoundedAnswer,
        middlewares=(_on_clean_connection,),
    )


class Client(AsyncWebClient):
    """slack_sdk's client, with metrics and with answers of any shape."""

    measures: Measures | None = None
    on_revoked: Callable[[], Awaitable[None]] | None = None
    """Called when Slack says that the token is revoked."""

    async def api_call(self, api_method: str, **options: Any) -> AsyncSlackResponse:
        """Send one request; record its status and seconds."""
        begun, status = time.monotonic(), NO_ANSWER
        with spans.span(f"Slack {api_method}") as span:
            try:
                response = await super().api_call(api_method, **options)
                status = str(response.status_code)
            except SlackApiError as error:
                status = _status(error)
                if self.on_revoked is not None and _word(error) in REVOKED_WORDS:
                    await self.on_revoked()
                raise
            finally:
                spent = time.monotonic() - begun
                span.set_attribute("http.response.status_code", status)
                if self.measures is not None:
                    self.measures.asked_slack(api_method, status, spent)
        return response

    async def _request(
        self, *, http_verb: str, api_url: str, req_args: dict[str, Any]
    ) -> dict[str, Any]:
        """Send the request; an answer that is not an object counts as an empty one.

        slack_sdk fails on such an answer, or passes it on as if it came from Slack.
        """
        try:
            answer = await super()._request(
                http_verb=http_verb, api_url=api_url, req_args=req_args
            )
        except aiohttp.ClientError:  # some of them are ValueErrors too
            raise
        except SDK_ERRORS:
            raise ChatUnknown("an answer that can't be read") from None
        if not isinstance(answer["data"], dict):
            answer["data"] = {}
        return answer


def client(
    token: str,
    base_url: str,
    session: aiohttp.ClientSession,
    measures: Measures | None = None,
    on_revoked: Callable[[], Awaitable[None]] | None = None,
) -> AsyncWebClient:
    """Return a client without retries; *on_revoked* is called if its token is revoked.

    slack_sdk's default is to repeat a request whose connection broke. That posts a
    message twice if Slack had received the first request.
    """
    made = Client(
        token=token,
        base_url=base_url,
        session=session,
        retry_handlers=[],
        logger=SDK_LOGGER,
    )
    made.measures = measures
    made.on_revoked = on_revoked
    return made


async def ask(request: Awaitable[AsyncSlackResponse]) -> dict[str, Any]:
    """Await a Web API call and return its answer, whose ``ok`` is true.

    Raises:
        ChatRefused: Slack refused it; has Slack's error.
        ChatBusy: It was not done: rate limit (429), or `ChatOutOfReach`.
        ChatUnknown: It may have been done: the answer was lost, can't be read, or says so.
    """
    data = (await answered(request)).data
    if (
        not isinstance(data, dict) or data.get("ok") is not True
    ):  # slack_sdk accepts any true value
        raise ChatUnknown("an answer that can't be read")
    return data


async def answered(request: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Await a Web API call and return status, headers and data. Raises as `ask` does."""
    try:
        return await request
    except SlackApiError as error:
        raise _meaning(error) from None
    except aiohttp.ClientConnectorError as error:
        raise ChatOutOfReach(1, type(error).__name__) from None
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise ChatUnknown(type(error).__name__) from None


def field(data: Any, *path: str) -> str:
    """Return the text at *path* in an answer; empty if there is none."""
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, str) else ""


def named(data: Any, *path: str) -> str:
    """Return the id or ``ts`` at *path* in an answer.

    Raises:
        ChatUnknown: There is none, so the rest of the answer can't be trusted either.
    """
    name = field(data, *path)
    if not SLACK_ID.fullmatch(name):
        raise ChatUnknown(f"an answer without {path[-1]}")
    return name


def ahead(response: AsyncSlackResponse, now: datetime) -> timedelta:
    """Return how far Slack's clock is ahead of *now*, by the ``Date`` of an answer."""
    at = header.date(header.value(response.headers or {}, "date"))
    return at - now if at else timedelta(0)


def _status(error: SlackApiError) -> str:
    """Return the status for the metrics; Slack sends refusals with the HTTP status 200."""
    status = getattr(error.response, "status_code", NO_ANSWER)
    return STATUS_REFUSED if status == HTTPStatus.OK else str(status)


def _word(error: SlackApiError) -> str:
    return field(getattr(error.response, "data", error.response), "error")


def _meaning(error: SlackApiError) -> Exception:
    response = error.response
    # If its JSON is cut short, slack_sdk passes on aiohttp's response instead of its own.
    status = getattr(response, "status_code", getattr(response, "status", 0))
    headers = getattr(response, "headers", None) or {}
    word = _word(error)
    if status == HTTPStatus.TOO_MANY_REQUESTS or word in RATE_LIMITED:
        wait = header.retry_after(headers, SLACK_RETRY_AFTER, datetime.now(UTC))
        return ChatBusy(wait)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or word in MAYBE_DONE or not word:
        return ChatUnknown(word or f"HTTP {status}")
    return ChatRefused(word)
