"""``response_url``: answers to one person, also where the bot is no member.

Slack docs, "Handling user interaction", "Message responses": five posts within thirty
minutes, and no ts in the answer.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from typing import Any

import aiohttp

from bot import spans
from bot.calls.call import Place
from bot.clock import Clock
from bot.measures import NO_ANSWER, Measures

log = logging.getLogger(__name__)

OK = 200
KEPT_FOR = 25 * 60.0
"""Seconds; a little less than Slack's thirty minutes."""

MOST = 2_000
"""People and channels remembered; the oldest goes first."""


class ResponseUrls:
    """Posts to response_urls, and remembers each person's last one in memory."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        measures: Measures | None = None,
    ) -> None:
        self._measures = measures or Measures()
        self._session = session
        self._clock = clock
        self._last: OrderedDict[Place, tuple[float, str]] = OrderedDict()

    def remember(self, place: Place, url: str) -> None:
        """Keep *url* for what there is to tell this person later."""
        if url:
            self._last[place] = (self._clock.monotonic(), url)
            self._last.move_to_end(place)
            if len(self._last) > MOST:
                self._last.popitem(last=False)

    async def post(self, place: Place, body: dict[str, Any]) -> bool:
        """Tell the person at *place*; False if no way to is known."""
        at, url = self._last.get(place, (0.0, ""))
        if not url or self._clock.monotonic() - at > KEPT_FOR:
            return False
        status, _ = await self.send(url, body)
        return status == OK

    async def send(self, url: str, body: dict[str, Any]) -> tuple[int, str]:
        """Post *body* to *url*; return the status (0: no answer) and Slack's word."""
        if not url:
            return 0, ""
        body = {"response_type": "ephemeral", "replace_original": False, **body}
        begun, status = time.monotonic(), NO_ANSWER
        try:
            with spans.span("Slack response_url"):
                async with self._session.post(
                    url, json=body, timeout=aiohttp.ClientTimeout(total=10)
                ) as response:
                    status = str(response.status)
                    return response.status, (await response.text())[:200]
        except (aiohttp.ClientError, TimeoutError) as error:
            log.info("response_url: %s", type(error).__name__)
            return 0, ""
        finally:
            spent = time.monotonic() - begun
            self._measures.asked_slack("response_url", status, spent)
