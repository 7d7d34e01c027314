"""Posts messages with a mark, and finds them by it before they are posted again.

The mark is the message's metadata: people don't see it, and it holds no phone number.
Only a history that was read to its end shows that a message is not there. Anything
unexpected raises `errors.ChatUnknown`, and the caller has to look again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.calls.call import Place
from bot.clock import Clock
from bot.errors import ChatBusy, ChatRefused, ChatUnknown
from bot.slack.posting.spaces import Spaces
from bot.slack.posting.web import ask, named
from bot.slack.texts.text import Message

log = logging.getLogger(__name__)

CLOCK_ERROR = timedelta(hours=2)
"""A history is read from this long before *since*: the clock of the process that noted
that moment may have been wrong."""

MESSAGES_A_PAGE = 200
PAGES_A_SEARCH = 25
"""Half of what Slack allows in a minute (Slack docs, "Rate limits", Tier 3). A longer
history raises `ChatUnknown`, as its end is not known."""

UNREADABLE_CHANNEL = {
    "access_denied",
    "channel_not_found",
    "method_not_supported_for_channel_type",
    "missing_scope",
    "no_permission",
    "not_in_channel",
    "thread_not_found",
}
"""Slack's errors for a channel or thread that the bot may not read, however often it
tries (Slack docs, "conversations.history", "conversations.replies", "Errors")."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A message's metadata: its event type, and one field of the payload."""

    kind: str
    key: str
    value: str

    @property
    def metadata(self) -> dict[str, Any]:
        """The mark as an argument of chat.postMessage."""
        return {"event_type": self.kind, "event_payload": {self.key: self.value}}

    def is_on(self, message: Any) -> bool:
        """Return whether *message*, an item of a history, has this mark.

        Raises:
            ChatUnknown: It is not a message, or its metadata is not what we post.
        """
        metadata = _object(message).get("metadata")
        if metadata is None:
            return False
        kind = _object(metadata).get("event_type")
        if not isinstance(kind, str):
            raise ChatUnknown("metadata without an event type")
        if kind != self.kind:
            return False
        found = _object(metadata.get("event_payload")).get(self.key)
        if not isinstance(found, str):
            raise ChatUnknown("a mark without a value")
        return found == self.value


class Marks:
    """Posts and finds marked messages in every workspace. Raises `errors.ChatError`."""

    def __init__(self, spaces: Spaces, clock: Clock) -> None:
        self._spaces = spaces
        self._clock = clock

    async def post(
        self,
        place: Place,
        channel: str,
        message: Message,
        mark: Mark,
        *,
        before: float,
        thread: str = "",
    ) -> tuple[str, str]:
        """Post *message* in the workspace of *place*; return its channel and ts.

        It is sent before the monotonic clock reaches *before*, or not at all.

        Raises:
            ChatBusy: It was not sent, or not accepted.
            ChatUnknown: It may have been posted: use `find` before posting it again.
            ChatRefused: Slack refuses it.
        """
        if self._clock.monotonic() > before:
            raise ChatBusy(1)
        client = await self._client(place)
        data = await ask(
            client.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=list(message.blocks) or None,
                metadata=mark.metadata,
                unfurl_links=False,
                unfurl_media=False,
                thread_ts=thread or None,
            )
        )
        return named(data, "channel"), named(data, "ts")

    async def edit(
        self, place: Place, channel: str, ts: str, message: Message, *, before: float
    ) -> None:
        """Replace a message; an edit may be sent again. *before* and errors as in `post`."""
        if self._clock.monotonic() > before:
            raise ChatBusy(1)
        client = await self._client(place)
        await ask(
            client.chat_update(
                channel=channel,
                ts=ts,
                text=message.text,
                blocks=list(message.blocks),
            )
        )

    async def find(
        self,
        place: Place,
        channel: str,
        mark: Mark,
        *,
        since: datetime,
        thread: str = "",
    ) -> str | None:
        """Return the ts of the message with *mark* that was posted after *since*.

        None if there is no such message, or if the bot may not read the channel: then no
        retry would find it.

        Raises:
            ChatUnknown, ChatBusy: Look again later.
            ChatRefused: The workspace has no valid token.
        """
        client = await self._client(place)
        first = since + self._spaces.ahead - CLOCK_ERROR
        oldest, cursor = f"{first.timestamp():.6f}", ""
        unreadable: ChatUnknown | None = None
        for _ in range(PAGES_A_SEARCH):
            page = await _page(client, channel, thread, oldest, cursor)
            if page is None:
                break
            ts, odd = _look(page, mark)
            if ts is not None:
                return ts
            unreadable = unreadable or odd
            cursor = _next_cursor(page)
            if not cursor:
                break
        else:
            raise ChatUnknown("a history of too many pages")
        if unreadable is not None:
            raise unreadable
        return None

    async def open_dm(self, place: Place) -> str:
        """Return the channel of a person's direct messages with the app.

        If Slack refuses to open it, return the user id: chat.postMessage accepts it too.
        """
        try:
            client = await self._client(place)
            data = await ask(client.conversations_open(users=[place.user]))
        except ChatRefused:
            return place.user
        return named(data, "channel", "id")

    async def _client(self, place: Place) -> AsyncWebClient:
        return await self._spaces.client(place.enterprise, place.team)


async def _page(
    client: AsyncWebClient, channel: str, thread: str, oldest: str, cursor: str
) -> dict[str, Any] | None:
    """Return a page of a thread or a channel; None if the bot may not read it."""
    which: dict[str, Any] = {
        "channel": channel,
        "oldest": oldest,
        "limit": MESSAGES_A_PAGE,
        "include_all_metadata": True,
        "cursor": cursor or None,
    }
    try:
        if thread:
            return await ask(client.conversations_replies(ts=thread, **which))
        return await ask(client.conversations_history(**which))
    except ChatRefused as error:
        if error.is_operators:
            raise
        if error.error in UNREADABLE_CHANNEL:
            log.info("a posted message can't be looked for: %s", error.error)
            return None
        raise ChatUnknown(error.error) from None


def _look(page: dict[str, Any], mark: Mark) -> tuple[str | None, ChatUnknown | None]:
    """Return the marked message's ts, and the error of one that can't be read."""
    messages = page.get("messages")
    if not isinstance(messages, list):
        raise ChatUnknown("a history without messages")
    unreadable = None
    for message in messages:
        try:
            if mark.is_on(message):
                return named(message, "ts"), None
        except ChatUnknown as error:
            unreadable = error
    return None, unreadable


def _next_cursor(page: dict[str, Any]) -> str:
    """Return Slack's cursor for the next page; empty after the last page."""
    metadata = page.get("response_metadata")
    cursor = None if metadata is None else _object(metadata).get("next_cursor")
    if cursor is None or cursor == "":
        if page.get("has_more") is not False:
            raise ChatUnknown("no cursor, and perhaps more messages")
        return ""
    if not isinstance(cursor, str):
        raise ChatUnknown("a cursor that is not a text")
    return cursor


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ChatUnknown("an answer of another shape")
    return value
