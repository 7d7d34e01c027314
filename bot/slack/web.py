"""The Web API client: one session, no retries of its own, errors in our words."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Awaitable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot import spans
from bot.errors import ChatBusy, ChatRefused, ChatUnknown
from bot.measures import NO_ANSWER, Measures

TIMEOUT = 10
"""Seconds for one request; a step's lease is longer than two of them."""

PERHAPS_DONE = {
    "internal_error", "fatal_error", "service_unavailable", "request_timeout",
}  # fmt: skip
"""Slack's words after which a message may or may not be there (Slack docs,
chat.postMessage, "Errors": "some aspect of the operation may have succeeded")."""

OK = 200
REFUSED = "refused"
SERVER_ERROR = 500
TOO_MANY = 429


def session() -> aiohttp.ClientSession:
    """Return the one session: its time-out is the one that counts.

    slack_sdk takes no notice of a client's own where a session is handed to it, and
    aiohttp's is five minutes.
    """
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))


class Client(AsyncWebClient):
    """Slack's client, counting what it asks."""

    measures: Measures | None = None

    async def api_call(self, api_method: str, **options: Any) -> AsyncSlackResponse:
        """Send one request to the Web API."""
        begun, status = time.monotonic(), NO_ANSWER
        with spans.span(f"Slack {api_method}") as span:
            try:
                response = await super().api_call(api_method, **options)
                status = str(response.status_code)
            except SlackApiError as error:
                status = _status(error)
                raise
            finally:
                spent = time.monotonic() - begun
                span.set_attribute("http.response.status_code", status)
                if self.measures is not None:
                    self.measures.asked_slack(api_method, status, spent)
        return response


def client(
    token: str,
    base_url: str,
    session: aiohttp.ClientSession,
    measures: Measures | None = None,
) -> AsyncWebClient:
    """Return a client without retry handlers.

    slack_sdk's default one repeats a request whose connection broke, which posts a
    message twice if Slack had taken it.
    """
    made = Client(
        token=token,
        base_url=base_url,
        session=session,
        retry_handlers=[],
    )
    made.measures = measures
    return made


async def ask(request: Awaitable[AsyncSlackResponse]) -> dict[str, Any]:
    """Await a Web API call.

    Raises:
        ChatRefused: Slack's error word.
        ChatBusy: 429, or no connection could be made: it was not done.
        ChatUnknown: The answer was lost, or says that it may have been done.
    """
    response = await answered(request)
    data = response.data
    if not isinstance(data, dict):
        raise ChatUnknown("no JSON")
    return data


async def answered(request: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Await a Web API call; as `ask`, but headers and all."""
    try:
        return await request
    except SlackApiError as error:
        raise _meaning(error) from None
    except aiohttp.ClientConnectorError:
        raise ChatBusy(1) from None
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise ChatUnknown(type(error).__name__) from None


def ahead(response: AsyncSlackResponse, now: datetime) -> timedelta:
    """Return by how much Slack's clock is ahead of *now*, by its ``Date``."""
    for name, value in dict(response.headers or {}).items():
        if str(name).lower() == "date":
            with contextlib.suppress(ValueError, TypeError):
                return parsedate_to_datetime(str(value)) - now
    return timedelta(0)


def _status(error: SlackApiError) -> str:
    """Return the HTTP status, or that Slack has refused: it does so with a 200."""
    status = getattr(error.response, "status_code", NO_ANSWER)
    return REFUSED if status == OK else str(status)


def _meaning(error: SlackApiError) -> Exception:
    response = error.response
    status = getattr(response, "status_code", 0)
    headers = getattr(response, "headers", None) or {}
    data = getattr(response, "data", response)
    word = data.get("error", "") if isinstance(data, dict) else ""
    if status == TOO_MANY or word in {"ratelimited", "rate_limited"}:
        return ChatBusy(_seconds(headers))
    if status >= SERVER_ERROR or word in PERHAPS_DONE or not word:
        return ChatUnknown(word or f"HTTP {status}")
    return ChatRefused(word)


def _seconds(headers: Any) -> float:
    for name, value in dict(headers).items():
        if str(name).lower() == "retry-after" and str(value).isdigit():
            return max(float(value), 0.05)
    return 1.0
