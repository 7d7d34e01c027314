"""Whether a person is in the channel that they chose, before a call of theirs is shown there.

Slack delivers an ephemeral message to a channel's members alone, so a note to the person is
an exact test: one request, however many members there are, and no further scope
(``conversations.members`` takes a request for each thousand of them, and three scopes).
"""

from __future__ import annotations

import asyncio
import logging

from bot.calls.call import Place
from bot.errors import ChatError, ChatRefused
from bot.slack.posting.spaces import Spaces
from bot.slack.posting.web import ask
from bot.slack.texts.text import Message
from bot.user_errors import Absence, NotInChannel

log = logging.getLogger(__name__)

ABSENT = "user_not_in_channel"
"""Slack's refusal if the person alone is not there (Slack docs, "chat.postEphemeral")."""

SHOWN_IN_DM = {
    "channel_not_found",
    "not_in_channel",
    "is_archived",
    "restricted_action",
    "restricted_action_non_threadable_channel",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
}
"""Refusals for a channel that the bot can't post to: the card then comes to the DM. For
the bot, a private channel that it is not in does not exist."""

CHANNEL_IDS = ("C", "G")
"""What ids of channels and group DMs begin with. A form may be forged: the bot can post to
somebody else's DM by an id of another kind."""


class Presence:
    """Asks Slack, for *within* seconds at most."""

    def __init__(self, spaces: Spaces, *, within: float) -> None:
        self._spaces = spaces
        self._within = within

    async def check(self, place: Place, note: Message) -> None:
        """Tell the person *note* in the channel of *place*.

        Raises `NotInChannel` unless they are in it, or nothing will be shown there.
        """
        try:
            async with asyncio.timeout(self._within):
                client = await self._spaces.client(place.enterprise, place.team)
                told = client.chat_postEphemeral(
                    channel=place.channel, user=place.user, text=note.text
                )
                await ask(told)
        except ChatRefused as error:
            is_channel = place.channel.startswith(CHANNEL_IDS)
            if not (is_channel and error.error in SHOWN_IN_DM):
                log.info("a chosen channel was refused: %s", error)
                is_absent = error.error == ABSENT or not is_channel
                raise NotInChannel(
                    Absence.PERSON if is_absent else Absence.UNKNOWN
                ) from None
        except (ChatError, TimeoutError) as error:
            log.info("who is in a channel is not known: %s", type(error).__name__)
            raise NotInChannel(Absence.UNKNOWN) from None
