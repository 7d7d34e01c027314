"""The address of a message, for a card that was begun from it."""

from __future__ import annotations

import asyncio
import logging
import re

from bot.calls.call import Place
from bot.errors import ChatError
from bot.slack.posting.response_urls import is_slack_url
from bot.slack.posting.spaces import Spaces
from bot.slack.posting.web import ask, field

log = logging.getLogger(__name__)

LINK_WITHIN = 0.8
"""Seconds to wait for it: a form has to be opened within three, and more is asked for it."""

LONGEST_LINK = 500
"""Characters: the database's column holds no more. Slack's have about 150."""

SLACK_SITE = "https://slack.com"

_UNSAFE = re.compile(r"[\s<>|]")
"""What would end a link in mrkdwn."""


class Permalinks:
    """Asks Slack for links to messages. Nothing fails for want of one."""

    def __init__(self, spaces: Spaces, *, within: float = LINK_WITHIN) -> None:
        self._spaces = spaces
        self._within = within

    async def of(self, place: Place, ts: str) -> str:
        """Return the link to the message *ts* in the channel of *place*.

        Empty if Slack does not tell it in time: for the bot, a private channel that it is
        not in does not exist.
        """
        if not place.channel or not ts:
            return ""
        try:
            async with asyncio.timeout(self._within):
                client = await self._spaces.client(place.enterprise, place.team)
                asked = client.chat_getPermalink(channel=place.channel, message_ts=ts)
                link = field(await ask(asked), "permalink")
        except (ChatError, TimeoutError) as error:
            log.info("no link to a message: %s", type(error).__name__)
            return ""
        return link if is_link(link) else ""


def is_link(text: str) -> bool:
    """Return whether *text* is an address at Slack that a card can show."""
    is_plain = len(text) <= LONGEST_LINK and _UNSAFE.search(text) is None
    return is_plain and is_slack_url(text, SLACK_SITE)
