"""Tells which channels are shared with another company, where a rule looks at it."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict

from bot.calls.call import Place
from bot.clock import Clock
from bot.errors import ChatError, ChatRefused, ChatUnknown
from bot.slack.posting.spaces import Spaces
from bot.slack.posting.web import ask
from bot.user_errors import ChannelUnknown, Unseen

log = logging.getLogger(__name__)

SHARING_KEPT_FOR = 300.0
"""Seconds. ``conversations.info`` is limited to about 50 a minute (Slack docs, "Rate
limits", Tier 3), and a channel that has just been shared is treated as such soon."""

MOST_CHANNELS = 1_000
"""Channels kept; the one asked about longest ago is dropped first."""

UNSEEN_BY_ERROR = {
    "channel_not_found": Unseen.NOT_IN,
    "missing_scope": Unseen.NOT_PERMITTED,
}
"""Slack's refusals. For the bot, a private channel that it is not in does not exist."""


class Channels:
    """Asks Slack, for *within* seconds at most, and keeps the answers in memory."""

    def __init__(self, spaces: Spaces, clock: Clock, *, within: float) -> None:
        self._spaces = spaces
        self._clock = clock
        self._within = within
        self._known: OrderedDict[tuple[str, str, str], tuple[float, bool]] = (
            OrderedDict()
        )
        self._asking: dict[tuple[str, str, str], asyncio.Task[bool]] = {}

    async def is_shared(self, place: Place) -> bool:
        """Return whether people of another company read the channel of *place*.

        In a DM they don't: the bot posts in none but its own.

        Raises:
            ChannelUnknown: Slack does not say.
        """
        if not place.channel or place.is_direct:
            return False
        key = place.enterprise, place.team, place.channel
        at, known = self._known.get(key, (0.0, None))
        if known is not None and self._clock.monotonic() - at < SHARING_KEPT_FOR:
            return known
        is_shared = await self._told_to_all(key, place)
        self._known[key] = self._clock.monotonic(), is_shared
        self._known.move_to_end(key)
        if len(self._known) > MOST_CHANNELS:
            self._known.popitem(last=False)
        return is_shared

    async def _told_to_all(self, key: tuple[str, str, str], place: Place) -> bool:
        """Return what Slack answers to one question for all who wait."""
        asked = self._asking.get(key)
        if asked is None:
            asked = self._asking[key] = asyncio.create_task(self._told(place))
            asked.add_done_callback(lambda _: self._asking.pop(key))
        return await asyncio.shield(asked)

    async def _told(self, place: Place) -> bool:
        """Ask Slack (Slack docs, "Conversation object": ``is_ext_shared``)."""
        try:
            async with asyncio.timeout(self._within):
                client = await self._spaces.client(place.enterprise, place.team)
                data = await ask(client.conversations_info(channel=place.channel))
            found = data.get("channel")
            told = found if isinstance(found, dict) else {}
            is_shared = told.get("is_ext_shared")
            if told.get("id") != place.channel or not isinstance(is_shared, bool):
                raise ChatUnknown("an answer without the channel")
        except (ChatError, TimeoutError) as error:
            word = error.error if isinstance(error, ChatRefused) else ""
            log.info(
                "Slack does not say who shares a channel: %s", str(error) or "too late"
            )
            raise ChannelUnknown(UNSEEN_BY_ERROR.get(word, Unseen.SILENT)) from None
        return is_shared
