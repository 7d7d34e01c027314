"""The Web API client: one session, no retries of its own, errors in our words."""

from __future__ import annotations

import contextlib
import math
import re
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import ChatBusy, ChatRefused, ChatUnknown
from bot.telemetry import spans
from bot.telemetry.measures import NO_ANSWER, Measures

SLACK_TIMEOUT = 10
"""Seconds for one request; a step's lease is longer than two of them."""

MAYBE_DONE = {
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
}
"""Slack's words after which a message may or may not be there (Slack docs,
chat.postMessage, "Errors": "some aspect of the operation may have succeeded")."""

REVOKED_WORDS = {"account_inactive", "token_revoked"}
"""Its words for a token that will never be good again."""

SDK_ERRORS = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What slack_sdk raises where an answer is no text, or no JSON of an object."""

SLACK_ID = re.compile(r"[A-Za-z0-9.]{1,32}")
"""Slack's ids, and the time stamps that name messages."""

LONGEST_RETRY_AFTER = 3600.0
"""Seconds; no limit of Slack's lasts longer, whatever an answer says."""

STATUS_REFUSED = "refused"
"""The status of a request in the metrics where Slack's answer was ``ok: false``."""


def session(timeout: float = SLACK_TIMEOUT) -> aiohttp.ClientSession:
    """Return the one session: its *timeout*, in seconds, is the one that counts.

    slack_sdk takes no notice of a client's own where a session is handed to it, and
    aiohttp's is five minutes.
    """
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout))


class Client(AsyncWebClient):
    """Slack's client, counting what it asks."""

    measures: Measures | None = None
    on_revoked: Callable[[], Awaitable[None]] | None = None
    """Called when Slack says that the token is revoked."""

    async def api_call(self, api_method: str, **options: Any) -> AsyncSlackResponse:
        """Send one request to the Web API."""
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
        """Send it, and read an answer that may be anything: no object counts as none.

        slack_sdk stumbles over it, or hands it on as if it were Slack's.
        """
        try:
            answer = await super()._request(
                http_verb=http_verb, api_url=api_url, req_args=req_args
            )
        except aiohttp.ClientError:  # some are of the next kind, too
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
    """Return a client without retry handlers; *on_revoked* is called when its token has ended.

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
    made.on_revoked = on_revoked
    return made


async def ask(request: Awaitable[AsyncSlackResponse]) -> dict[str, Any]:
    """Await a Web API call.

    Raises:
        ChatRefused: Slack's error word.
        ChatBusy: 429, or no connection could be made: it was not done.
        ChatUnknown: The answer was lost, or says that it may have been done, or is none.
    """
    data = (await answered(request)).data
    if not isinstance(data, dict) or data.get("ok") is not True:  # slack_sdk: any truth
        raise ChatUnknown("an answer that can't be read")
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


def field(data: Any, *path: str) -> str:
    """Return the text at *path* of an answer; empty where there is none."""
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, str) else ""


def named(data: Any, *path: str) -> str:
    """Return the id or the time stamp at *path* of an answer.

    Raises:
        ChatUnknown: There is none: nobody knows what the rest of it is worth.
    """
    name = field(data, *path)
    if not SLACK_ID.fullmatch(name):
        raise ChatUnknown(f"an answer without {path[-1]}")
    return name


def ahead(response: AsyncSlackResponse, now: datetime) -> timedelta:
    """Return by how much Slack's clock is ahead of *now*, by its ``Date``."""
    for name, value in dict(response.headers or {}).items():
        if str(name).lower() == "date":
            with contextlib.suppress(ValueError, TypeError, OverflowError):
                return parsedate_to_datetime(str(value)) - now
    return timedelta(0)


def _status(error: SlackApiError) -> str:
    """Return the HTTP status, or that Slack has refused: it does so with a 200."""
    status = getattr(error.response, "status_code", NO_ANSWER)
    return STATUS_REFUSED if status == HTTPStatus.OK else str(status)


def _word(error: SlackApiError) -> str:
    return field(getattr(error.response, "data", error.response), "error")


def _meaning(error: SlackApiError) -> Exception:
    response = error.response
    # Where its JSON is cut short, slack_sdk hands on aiohttp's own answer.
    status = getattr(response, "status_code", getattr(response, "status", 0))
    headers = getattr(response, "headers", None) or {}
    word = _word(error)
    if status == HTTPStatus.TOO_MANY_REQUESTS or word in {
        "ratelimited",
        "rate_limited",
    }:
        return ChatBusy(_seconds(headers))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or word in MAYBE_DONE or not word:
        return ChatUnknown(word or f"HTTP {status}")
    return ChatRefused(word)


def _seconds(headers: Any) -> float:
    for name, value in dict(headers).items():
        if str(name).lower() != "retry-after":
            continue
        with contextlib.suppress(ValueError):
            seconds = float(value)
            if math.isfinite(seconds):
                return min(max(seconds, 0.05), LONGEST_RETRY_AFTER)
    return 1.0
