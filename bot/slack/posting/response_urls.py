"""``response_url``: tells one person something, even where the bot is not a member.

Each takes five posts within thirty minutes, and its answer has no ts (Slack docs,
"Handling user interaction", "Message responses").
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.calls.call import Place
from bot.clock import Clock
from bot.telemetry import spans
from bot.telemetry.measures import NO_ANSWER, Measures

log = logging.getLogger(__name__)

URL_KEPT_FOR = 25 * 60.0
"""Seconds; Slack's own limit is thirty minutes."""

MOST_URLS = 2_000
"""Places kept; the one used longest ago is dropped first."""

SLACK_DOMAINS = (".slack.com", ".slack-gov.com")
"""A response_url is at hooks.slack.com; GovSlack has its own domain."""


def is_slack_url(url: str, api_url: str) -> bool:
    """Return whether *url* is at Slack, or at the same host and port as *api_url*.

    Every request is signed or comes over Slack's socket, so only Slack can send a URL.
    If that ever fails, the bot still does not post into its operator's network.
    """
    try:
        asked, api = urlsplit(url), urlsplit(api_url)
        if (asked.scheme, asked.netloc) == (api.scheme, api.netloc):
            return True
        host, port = asked.hostname or "", asked.port
    except ValueError:
        return False
    return (
        asked.scheme == "https" and port in {None, 443} and host.endswith(SLACK_DOMAINS)
    )


class ResponseUrls:
    """Posts to response_urls; keeps the last one of each person and channel in memory."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        api_url: str,
        measures: Measures | None = None,
    ) -> None:
        self._measures = measures or Measures()
        self._api_url = api_url
        self._session = session
        self._clock = clock
        self._last: OrderedDict[Place, tuple[float, str]] = OrderedDict()

    def remember(self, place: Place, url: str) -> None:
        """Keep *url* to tell the person at *place* something later."""
        if url:
            self._last[place] = (self._clock.monotonic(), url)
            self._last.move_to_end(place)
            if len(self._last) > MOST_URLS:
                self._last.popitem(last=False)

    async def post(self, place: Place, body: dict[str, Any]) -> bool:
        """Tell the person at *place*; return False if that was not possible."""
        at, url = self._last.get(place, (0.0, ""))
        if not url or self._clock.monotonic() - at > URL_KEPT_FOR:
            return False
        status, _ = await self.send(url, body)
        return status == HTTPStatus.OK

    async def send(self, url: str, body: dict[str, Any]) -> tuple[int, str]:
        """Post *body* to *url*; return the HTTP status (0 if there is none) and Slack's text."""
        if not url:
            return 0, ""
        if not is_slack_url(url, self._api_url):
            log.warning("a response_url that is not Slack's was not used")
            return 0, ""
        body = {"replace_original": False, **body, "response_type": "ephemeral"}
        begun, status = time.monotonic(), NO_ANSWER
        try:
            with spans.span("Slack response_url"):
                async with self._session.post(
                    url,
                    json=body,
                    timeout=aiohttp.ClientTimeout(total=10),
                    allow_redirects=False,
                ) as response:
                    status = str(response.status)
                    said = await response.read()  # it may not be UTF-8
                    return response.status, said[:200].decode(errors="replace")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.info("response_url: %s", type(error).__name__)
            return 0, ""
        finally:
            spent = time.monotonic() - begun
            self._measures.asked_slack("response_url", status, spent)
